"""Retention: removes persons, exact times and superseded reports of old service dates, and old duty assignments.

The count that holds stays, as one observation without an observer. So the sums do not change, and `rollup check`
verifies old days as well. Its id, which began with the moment of receipt, becomes one without. A passing keeps its minute, since
running times are measured from it, and loses who said it and when. Incidents are deleted: no figure rests on them. Idempotency keys stay, so that a late retry is not stored twice.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    cast,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from shuttle.store.engine.database import is_postgres
from shuttle.store.ridership.boardings import WRITERS_LOCK
from shuttle.store.tables.access import CountingKeyRow, LinkRow, SessionRow, TabletRow
from shuttle.store.tables.duties import AssignmentRow
from shuttle.store.tables.ridership import CountRow, IncidentRow, ObservationRow, PassingRow, SkippedStopRow

_OBSERVATIONS: Table = ObservationRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_SIGN_INS: tuple[type[SessionRow | CountingKeyRow | TabletRow], ...] = (SessionRow, CountingKeyRow, TabletRow)
"""Tables of sign-ins: people, phones with a counting key, centres' tablets."""

NO_OBSERVER = ""
"""Observer of a count, and speaker of a passing, whose person was removed."""

NO_MOMENT = "row-"
"""Begins the id of an observation whose moment was removed; its order of arrival follows."""


@dataclass(frozen=True, kw_only=True)
class RetentionResult:
    """Numbers of observations without their observer, superseded observations deleted, and sign-ins deleted; passings and
    skipped stops made anonymous or, superseded, deleted; duty assignments deleted; incidents deleted.
    """

    observers: int = 0
    superseded: int = 0
    sign_ins: int = 0
    passings: int = 0
    skipped: int = 0
    duties: int = 0
    incidents: int = 0


def due(session: Session, before: date, sign_ins_before: datetime, duties_before: date) -> RetentionResult:
    """The numbers that `forget` would return."""
    named = select(func.count()).where(
        _OBSERVATIONS.c.service_date < before,
        _OBSERVATIONS.c.source != NO_OBSERVER,
        _OBSERVATIONS.c.id.in_(_holding(before)),
    )
    superseded = select(func.count()).where(
        _OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.id.not_in(_holding(before))
    )
    sign_ins = sum(
        session.scalar(select(func.count()).select_from(row).where(_ended(row, sign_ins_before))) or 0
        for row in _SIGN_INS
    )
    duties = select(func.count()).select_from(AssignmentRow).where(AssignmentRow.date < duties_before)
    return RetentionResult(
        observers=session.scalar(named) or 0,
        superseded=session.scalar(superseded) or 0,
        sign_ins=sign_ins,
        passings=sum(1 for row in session.scalars(_passings(before)) if _tells(row)),
        skipped=sum(1 for row in session.scalars(_skipped(before)) if row.said_at != _noon(row.service_date)),
        duties=session.scalar(duties) or 0,
        incidents=session.scalar(select(func.count()).select_from(IncidentRow).where(IncidentRow.service_date < before))
        or 0,
    )


def forget(session: Session, before: date, sign_ins_before: datetime, duties_before: date) -> RetentionResult:
    """Anonymise service dates before `before`, delete sign-ins that ended before `sign_ins_before` and duty assignments of dates
    before `duties_before`. Returns the numbers.
    """
    connection = session.connection()
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    numbers = due(session, before, sign_ins_before, duties_before)
    _forget_observers(connection, before)
    _forget_reports(session, before)
    for row in _SIGN_INS:
        connection.execute(delete(row).where(_ended(row, sign_ins_before)))
    connection.execute(delete(LinkRow).where(LinkRow.ends_at < sign_ins_before))
    connection.execute(delete(IncidentRow).where(IncidentRow.service_date < before))
    connection.execute(delete(AssignmentRow).where(AssignmentRow.date < duties_before))
    return numbers


def _forget_observers(connection: Connection, before: date) -> None:
    connection.execute(
        delete(_OBSERVATIONS).where(_OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.id.not_in(_holding(before)))
    )
    connection.execute(delete(_COUNTS).where(_COUNTS.c.service_date < before, ~_COUNTS.c.holds))
    told = or_(_OBSERVATIONS.c.source != NO_OBSERVER, _OBSERVATIONS.c.id.not_like(f"{NO_MOMENT}%"))
    dates = select(_OBSERVATIONS.c.service_date).where(_OBSERVATIONS.c.service_date < before, told)
    for (day,) in connection.execute(dates.distinct()).all():
        noon = _noon(day)
        of_day = _OBSERVATIONS.c.service_date == day
        connection.execute(
            update(_OBSERVATIONS)
            .where(of_day)
            .values(
                id=_without_moment(_OBSERVATIONS),
                source=NO_OBSERVER,
                supersedes=None,
                recorded_at=noon,
                received_at=noon,
            )
        )
        connection.execute(
            update(_COUNTS)
            .where(_COUNTS.c.service_date == day)
            .values(observation=_without_moment(_COUNTS), source=NO_OBSERVER)
        )


def _without_moment(table: Table) -> ColumnElement[str]:
    """An id made of the order of arrival: unique, and without the moment that the id of a new observation begins with."""
    return literal(NO_MOMENT, String) + cast(table.c.row, String)


def _forget_reports(session: Session, before: date) -> None:
    """Passings and skipped stops: the latest of each place stays, without a person and without the moment of the report."""
    places: set[tuple[object, ...]] = set()
    for row in session.scalars(_passings(before).order_by(PassingRow.row.desc())):
        place = (row.service_date, row.trip, row.stop, row.kind)
        if place in places:
            session.delete(row)
        elif _tells(row):
            row.at = None if row.at is None else row.at.replace(second=0, microsecond=0)
            row.said_by, row.said_at = NO_OBSERVER, _noon(row.service_date)
        places.add(place)
    for skipped in session.scalars(_skipped(before).order_by(SkippedStopRow.row.desc())):
        skip = (skipped.departure, skipped.stop)
        if skip in places:
            session.delete(skipped)
        else:
            skipped.said_at = _noon(skipped.service_date)
        places.add(skip)
    session.flush()


def _passings(before: date) -> Select[PassingRow]:
    return select(PassingRow).where(PassingRow.service_date < before)


def _skipped(before: date) -> Select[SkippedStopRow]:
    return select(SkippedStopRow).where(SkippedStopRow.service_date < before)


def _tells(row: PassingRow) -> bool:
    """True while the passing has its person, or the moment of the report."""
    return row.said_by != NO_OBSERVER or row.said_at != _noon(row.service_date)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _holding(before: date) -> Select[tuple[str]]:
    """Ids of the observations that hold."""
    return select(_COUNTS.c.observation).where(_COUNTS.c.service_date < before, _COUNTS.c.holds)


def _ended(row: type[SessionRow | CountingKeyRow | TabletRow], before: datetime) -> ColumnElement[bool]:
    return or_(row.ends_at < before, row.revoked_at < before)
