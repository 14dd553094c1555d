"""Calendar in the database: day types, week, special days and overrides.

Overrides are withdrawn, never deleted.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import lru_cache

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.service_days import Calendar, DayType, Names, Override, SpecialDay, SpecialKind
from shuttle.store.engine.rows import insert_all
from shuttle.store.tables.calendar import DayTypeRow, OverrideRow, SpecialDayRow, WeekRow


def read_calendar(session: Session) -> Calendar:
    """The calendar with the overrides in force."""
    week = {row.day: row.day_type for row in session.scalars(select(WeekRow))}
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (week[day] for day in range(7))
    special = SpecialDayRow.__table__.columns  # of the table: mapped objects would be built in addition to the domain's
    columns = (special.date, special.key, special.kind, special.nb, special.nn, special.en, special.day_type)
    return Calendar(
        day_types=tuple(
            DayType(row.id, Names(row.nb, row.nn, row.en), row.like)
            for row in session.scalars(select(DayTypeRow).order_by(DayTypeRow.position))
        ),
        week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        special_days=tuple(
            _special_day(*row) for row in session.execute(select(*columns).order_by(special.date, special.key))
        ),
        overrides=_overrides(session, select(OverrideRow).where(OverrideRow.withdrawn_at.is_(None))),
        withdrawn_overrides=_overrides(session, select(OverrideRow).where(OverrideRow.withdrawn_at.is_not(None))),
    )


def _overrides(session: Session, query: Select[OverrideRow]) -> tuple[Override, ...]:
    """Overrides by date, those of one date in the order in which they were withdrawn."""
    return tuple(
        Override(
            date=row.date,
            day_type=row.day_type,
            reason=row.reason,
            made_by=row.made_by,
            made_at=row.made_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in session.scalars(query.order_by(OverrideRow.date, OverrideRow.withdrawn_at, OverrideRow.row))
    )


@lru_cache(maxsize=10_000)
def _special_day(day: date, key: str, kind: str, nb: str, nn: str, en: str, day_type: str | None) -> SpecialDay:
    """Cached: a thousand rows are read again after each change of the schedule."""
    return SpecialDay(date=day, key=key, kind=SpecialKind(kind), names=Names(nb, nn, en), day_type=day_type)


def write_calendar(session: Session, calendar: Calendar) -> None:
    """Replace day types, week and special days. A day type that is missing in `calendar` stays: trips refer to it.

    Overrides in force stay; those of `calendar` are added on other dates.
    """
    for position, day_type in enumerate(calendar.day_types):
        session.merge(DayTypeRow(id=day_type.id, position=position, like=day_type.like, **vars(day_type.names)))
    for table in (WeekRow, SpecialDayRow):
        session.execute(delete(table))
    insert_all(session, WeekRow, [{"day": day, "day_type": day_type} for day, day_type in enumerate(calendar.week)])
    special = [
        {"date": s.date, "key": s.key, "kind": s.kind.value, "day_type": s.day_type, **vars(s.names)}
        for s in calendar.special_days
    ]
    insert_all(session, SpecialDayRow, special)
    overridden = set(session.scalars(select(OverrideRow.date).where(OverrideRow.withdrawn_at.is_(None))))
    for override in calendar.overrides:
        if override.date not in overridden:
            add_override(session, override)
    session.flush()


def add_override(session: Session, override: Override) -> None:
    """Add an override of a date that has none in force; a second one violates the unique index."""
    session.add(
        OverrideRow(
            date=override.date,
            day_type=override.day_type,
            reason=override.reason,
            made_by=override.made_by,
            made_at=override.made_at or datetime.now(UTC),
            withdrawn_by="",
        )
    )
    session.flush()


def withdraw_override(session: Session, day: date, by: str, at: datetime) -> bool:
    """Withdraw the override in force; False when the date has none."""
    query = select(OverrideRow).where(OverrideRow.date == day, OverrideRow.withdrawn_at.is_(None))
    row = session.scalars(query).one_or_none()
    if row is None:
        return False
    row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()
    return True


def add_day_type(session: Session, day_type: DayType) -> None:
    """Add a day type at the end of the list."""
    position = session.scalar(select(func.count()).select_from(DayTypeRow)) or 0
    session.add(DayTypeRow(id=day_type.id, position=position, like=day_type.like, **vars(day_type.names)))
    session.flush()


def write_week(session: Session, week: Sequence[str]) -> None:
    """Replace the day types of Monday to Sunday."""
    for day, day_type in enumerate(week):
        session.get_one(WeekRow, day).day_type = day_type
    session.flush()
