"""Changes of departures in the database. Rows are withdrawn, never deleted."""

from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.changes import Change, ChangeKind, ReasonCode
from shuttle.store.engine.rows import readable
from shuttle.store.tables.timetables import ChangeRow

_COLUMNS = tuple(ChangeRow.__table__.columns)
"""In the order of the parameters of `_change`."""


def read_changes(session: Session) -> tuple[Change, ...]:
    """All changes, withdrawn ones too, in the order of their making."""
    query = select(*_COLUMNS).order_by(ChangeRow.made_at, ChangeRow.id)
    return tuple(readable(session.execute(query), lambda row: _change(*row)))


@lru_cache(maxsize=20_000)
def _change(
    id: str,
    kind: str,
    first: date,
    last: date,
    reason: str,
    trip: str | None,
    pattern: str | None,
    departs: Minute | None,
    made_by: str,
    made_at: datetime,
    withdrawn_by: str,
    withdrawn_at: datetime | None,
) -> Change:
    """Cached: all changes of all years are read again after each new one."""
    return Change(
        id=id,
        kind=ChangeKind(kind),
        dates=Validity(first, last),
        reason=ReasonCode(reason),
        trip=trip,
        pattern=pattern,
        departs=departs,
        made_by=made_by,
        made_at=made_at,
        withdrawn_by=withdrawn_by,
        withdrawn_at=withdrawn_at,
    )


def add_change(session: Session, change: Change) -> None:
    """Add a change that is in force."""
    session.add(
        ChangeRow(
            id=change.id,
            kind=change.kind.value,
            first_date=change.dates.first,
            last_date=change.dates.last,
            reason=change.reason.value,
            trip=change.trip,
            pattern=change.pattern,
            departs=change.departs,
            made_by=change.made_by,
            made_at=change.made_at,
            withdrawn_by="",
        )
    )
    session.flush()


def withdraw(session: Session, change_id: str, by: str, at: datetime) -> Change:
    """Withdraw a change; one already withdrawn stays as it is. Raises NotFound (`unknown-change`)."""
    row = session.get(ChangeRow, change_id)
    if row is None:
        raise NotFound("unknown-change", f"there is no change {change_id!r}", given=change_id)
    if row.withdrawn_at is None:
        row.withdrawn_by, row.withdrawn_at = by, at
        session.flush()
    return _change(*(getattr(row, column.key) for column in _COLUMNS))
