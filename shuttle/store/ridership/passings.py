"""Passings in the database. Rows are append-only: a later one supersedes or withdraws an earlier one."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.store.tables.ridership import PassingRow


def passing_with_key(session: Session, key: str) -> Passing | None:
    """The passing stored under an idempotency key; None for a new key."""
    row = session.scalar(select(PassingRow).where(PassingRow.key == key))
    return None if row is None else _passing(row)


def add_passing(session: Session, passing: Passing) -> None:
    """Append a passing. A duplicate key violates a constraint; check `passing_with_key` first."""
    add_passings(session, [passing])


def add_passings(session: Session, several: Sequence[Passing]) -> None:
    """Append passings, in order."""
    rows = []
    for passing in several:
        day, trip = split_departure_id(passing.departure)
        rows.append(
            PassingRow(
                key=passing.key,
                service_date=day,
                trip=trip,
                stop=passing.stop,
                kind=passing.kind.value,
                at=passing.at,
                said_by=passing.said_by,
                said_at=passing.said_at,
            )
        )
    session.add_all(rows)
    session.flush()


def passings_on(session: Session, day: date) -> list[Passing]:
    """The passings in force on a date: the latest of each departure, stop and kind, unless it withdraws."""
    return passings_between(session, day, day)


def passings_between(session: Session, first: date, last: date) -> list[Passing]:
    """The passings in force on service dates `first` to `last`."""
    of_dates = select(PassingRow).where(PassingRow.service_date.between(first, last))
    rows = session.scalars(of_dates.order_by(PassingRow.row))
    latest = {(row.service_date, row.trip, row.stop, row.kind): row for row in rows}
    return [_passing(row) for row in latest.values() if row.at is not None]


def passings_said(session: Session, days: Iterable[date]) -> dict[str, list[datetime]]:
    """Departure -> when each of its passings was said, withdrawn and superseded ones too."""
    rows = select(PassingRow.service_date, PassingRow.trip, PassingRow.said_at)
    several: dict[str, list[datetime]] = {}
    for day, trip, said_at in session.execute(rows.where(PassingRow.service_date.in_(list(days)))):
        several.setdefault(f"{day.isoformat()}.{trip}", []).append(said_at)
    return several


def last_passing(session: Session) -> int:
    """The number of the newest row; 0 without any. It rises with every passing and every withdrawal."""
    return session.scalar(select(func.max(PassingRow.row))) or 0


def last_passing_at(session: Session) -> datetime | None:
    """Moment at which the newest row was stored; None without any."""
    return session.scalar(select(PassingRow.said_at).order_by(PassingRow.row.desc()).limit(1))


def _passing(row: PassingRow) -> Passing:
    departure = f"{row.service_date.isoformat()}.{row.trip}"
    return Passing(
        key=row.key,
        departure=departure,
        stop=row.stop,
        kind=PassingKind(row.kind),
        at=row.at,
        said_by=row.said_by,
        said_at=row.said_at,
    )
