"""Retention: removes observers, exact times and superseded observations of old service dates.

The count that holds stays, as one observation without an observer. So the sums do not change, and `rollup check`
verifies old days as well. Idempotency keys stay, so that a late retry is not stored twice.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Select, Table, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from shuttle.store.engine.database import is_postgres
from shuttle.store.ridership.boardings import WRITERS_LOCK
from shuttle.store.tables.access import CountingKeyRow, LinkRow, SessionRow, TabletRow
from shuttle.store.tables.ridership import CountRow, ObservationRow

_OBSERVATIONS: Table = ObservationRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_SIGN_INS: tuple[type[SessionRow | CountingKeyRow | TabletRow], ...] = (SessionRow, CountingKeyRow, TabletRow)
"""Tables of sign-ins: people, phones with a counting key, centres' tablets."""

NO_OBSERVER = ""
"""Observer of a count whose observer was removed."""


@dataclass(frozen=True)
class RetentionResult:
    """Numbers of observations without their observer, superseded observations deleted, and sign-ins deleted."""

    observers: int = 0
    superseded: int = 0
    sign_ins: int = 0


def due(session: Session, before: date, sign_ins_before: datetime) -> RetentionResult:
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
    return RetentionResult(session.scalar(named) or 0, session.scalar(superseded) or 0, sign_ins)


def forget(session: Session, before: date, sign_ins_before: datetime) -> RetentionResult:
    """Anonymise service dates before `before` and delete sign-ins that ended before `sign_ins_before`. Returns the numbers."""
    connection = session.connection()
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    numbers = due(session, before, sign_ins_before)
    connection.execute(
        delete(_OBSERVATIONS).where(_OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.id.not_in(_holding(before)))
    )
    connection.execute(delete(_COUNTS).where(_COUNTS.c.service_date < before, ~_COUNTS.c.holds))
    dates = select(_OBSERVATIONS.c.service_date).where(
        _OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.source != NO_OBSERVER
    )
    for (day,) in connection.execute(dates.distinct()).all():
        noon = datetime.combine(day, time(12), UTC)
        connection.execute(
            update(_OBSERVATIONS)
            .where(_OBSERVATIONS.c.service_date == day)
            .values(source=NO_OBSERVER, supersedes=None, recorded_at=noon, received_at=noon)
        )
        connection.execute(update(_COUNTS).where(_COUNTS.c.service_date == day).values(source=NO_OBSERVER))
    for row in _SIGN_INS:
        connection.execute(delete(row).where(_ended(row, sign_ins_before)))
    connection.execute(delete(LinkRow).where(LinkRow.ends_at < sign_ins_before))
    return numbers


def _holding(before: date) -> Select[tuple[str]]:
    """Ids of the observations that hold."""
    return select(_COUNTS.c.observation).where(_COUNTS.c.service_date < before, _COUNTS.c.holds)


def _ended(row: type[SessionRow | CountingKeyRow | TabletRow], before: datetime) -> ColumnElement[bool]:
    return or_(row.ends_at < before, row.revoked_at < before)
