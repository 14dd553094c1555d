"""Forgetting what is not needed any more: who counted, when exactly, and what was corrected or disputed.

The figure that holds stays, as one observation without an observer; so the sums made of it do not change, and `rollup
check` proves the old days as it proves the new ones. Idempotency keys stay, so that nothing is stored twice however late.
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
"""What somebody came in with: in person, with a phone's key, as a centre's tablet."""
NOBODY = ""
"""The observer of a count whose observer has been forgotten."""


@dataclass(frozen=True)
class Forgotten:
    """How many rows lost their observer, were superseded ones and are gone, and sign-ins that are gone."""

    observers: int = 0
    superseded: int = 0
    sign_ins: int = 0


def due(session: Session, before: date, sign_ins_before: datetime) -> Forgotten:
    """What `forget` would do."""
    named = select(func.count()).where(
        _OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.source != NOBODY, _OBSERVATIONS.c.id.in_(_held(before))
    )
    superseded = select(func.count()).where(
        _OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.id.not_in(_held(before))
    )
    sign_ins = sum(
        session.scalar(select(func.count()).select_from(row).where(_ended(row, sign_ins_before))) or 0
        for row in _SIGN_INS
    )
    return Forgotten(session.scalar(named) or 0, session.scalar(superseded) or 0, sign_ins)


def forget(session: Session, before: date, sign_ins_before: datetime) -> Forgotten:
    """Forget the observers of service dates before the one, and sign-ins that ended before the other."""
    connection = session.connection()
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    promised = due(session, before, sign_ins_before)
    connection.execute(
        delete(_OBSERVATIONS).where(_OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.id.not_in(_held(before)))
    )
    connection.execute(delete(_COUNTS).where(_COUNTS.c.service_date < before, ~_COUNTS.c.holds))
    dates = select(_OBSERVATIONS.c.service_date).where(
        _OBSERVATIONS.c.service_date < before, _OBSERVATIONS.c.source != NOBODY
    )
    for (day,) in connection.execute(dates.distinct()).all():
        noon = datetime.combine(day, time(12), UTC)
        connection.execute(
            update(_OBSERVATIONS)
            .where(_OBSERVATIONS.c.service_date == day)
            .values(source=NOBODY, supersedes=None, recorded_at=noon, received_at=noon)
        )
        connection.execute(update(_COUNTS).where(_COUNTS.c.service_date == day).values(source=NOBODY))
    for row in _SIGN_INS:
        connection.execute(delete(row).where(_ended(row, sign_ins_before)))
    connection.execute(delete(LinkRow).where(LinkRow.ends_at < sign_ins_before))
    return promised


def _held(before: date) -> Select[tuple[str]]:
    return select(_COUNTS.c.observation).where(_COUNTS.c.service_date < before, _COUNTS.c.holds)


def _ended(row: type[SessionRow | CountingKeyRow | TabletRow], before: datetime) -> ColumnElement[bool]:
    return or_(row.ends_at < before, row.revoked_at < before)
