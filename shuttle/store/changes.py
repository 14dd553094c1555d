"""Changes on dates, in and out of the database. Rows are never deleted: a change that no longer holds is withdrawn."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.changes import Change, ChangeKind, ReasonCode
from shuttle.domain.errors import NotFound
from shuttle.domain.provenance import Validity
from shuttle.store.tables.timetables import ChangeRow


def read_changes(session: Session) -> tuple[Change, ...]:
    return tuple(_change(row) for row in session.scalars(select(ChangeRow).order_by(ChangeRow.made_at, ChangeRow.id)))


def _change(row: ChangeRow) -> Change:
    return Change(
        id=row.id,
        kind=ChangeKind(row.kind),
        dates=Validity(row.first_date, row.last_date),
        reason=ReasonCode(row.reason),
        trip=row.trip,
        pattern=row.pattern,
        departs=row.departs,
        made_by=row.made_by,
        made_at=row.made_at,
        withdrawn_by=row.withdrawn_by,
        withdrawn_at=row.withdrawn_at,
    )


def add_change(session: Session, change: Change) -> None:
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
    """Raises NotFound (`unknown-change`). A change already withdrawn stays as it is."""
    row = session.get(ChangeRow, change_id)
    if row is None:
        raise NotFound("unknown-change", f"there is no change {change_id!r}", given=change_id)
    if row.withdrawn_at is None:
        row.withdrawn_by, row.withdrawn_at = by, at
        session.flush()
    return _change(row)
