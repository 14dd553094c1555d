"""Undoable acts in the database, and the states of publications that undoing restores.

Only the last act of the calendar and the publications may be undone: a later act may depend on an earlier one.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.timetables import PublicationRow, TimetableRow, UndoableActRow


def add_act(session: Session, act: str, subject: str, made_by: str, made_at: datetime, before: dict[str, Any]) -> None:
    """Keep what an act changed, as it was before."""
    session.add(UndoableActRow(act=act, subject=subject, made_by=made_by, made_at=made_at, before=before, undone_by=""))
    session.flush()


def last_act(session: Session, since: datetime) -> UndoableActRow | None:
    """The last act, where it was made since then and is not undone."""
    row = session.scalars(select(UndoableActRow).order_by(UndoableActRow.row.desc()).limit(1)).one_or_none()
    return row if row is not None and row.undone_at is None and row.made_at >= since else None


def state_of_publications(session: Session, timetables: Iterable[str]) -> dict[str, Any]:
    """The end and the withdrawal of each publication of the timetables, and the timetables' statuses."""
    names = sorted(timetables)
    rows = session.scalars(select(PublicationRow).where(PublicationRow.timetable.in_(names)))
    statuses = session.execute(select(TimetableRow.id, TimetableRow.status).where(TimetableRow.id.in_(names)))
    return {
        "publications": {
            str(row.row): {
                "valid_to": row.valid_to.isoformat() if row.valid_to else None,
                "withdrawn_by": row.withdrawn_by,
                "withdrawn_at": row.withdrawn_at.isoformat() if row.withdrawn_at else None,
            }
            for row in rows
        },
        "statuses": {row.id: row.status for row in statuses},
    }


def restore_publications(session: Session, before: dict[str, Any], by: str, at: datetime) -> None:
    """Bring publications and statuses back to a state; a publication that it does not have is withdrawn whole."""
    query = select(PublicationRow).where(PublicationRow.timetable.in_(before["statuses"]))
    for row in session.scalars(query):
        was = before["publications"].get(str(row.row))
        if was is None:
            row.withdrawn_by, row.withdrawn_at = by, at
            continue
        ends, withdrawn = was["valid_to"], was["withdrawn_at"]
        row.valid_to = datetime.fromisoformat(ends).date() if ends else None
        row.withdrawn_by = was["withdrawn_by"]
        row.withdrawn_at = datetime.fromisoformat(withdrawn) if withdrawn else None
    for timetable, status in before["statuses"].items():
        row_of = session.get_one(TimetableRow, timetable)
        row_of.status = status
    session.flush()
