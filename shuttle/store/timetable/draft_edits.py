"""Edits of a draft: a linear undo history.

The done edits come first, the undone ones after them. A new edit deletes the undone ones.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Trip
from shuttle.store.tables.timetables import DraftEditRow


def edits(session: Session, timetable_id: str) -> tuple[list[DraftEdit], list[DraftEdit]]:
    """The done and the undone edits, each in the order of their making."""
    done: list[DraftEdit] = []
    undone: list[DraftEdit] = []
    for row in session.scalars(_of(timetable_id).order_by(DraftEditRow.row)):
        (undone if row.undone else done).append(_edit(row))
    return done, undone


def add_edit(session: Session, timetable_id: str, edit: DraftEdit) -> None:
    """Append an edit and delete the undone ones."""
    session.execute(delete(DraftEditRow).where(DraftEditRow.timetable == timetable_id, DraftEditRow.undone))
    removed, added = ([_trip_values(trip) for trip in trips] for trips in (edit.removed, edit.added))
    session.add(DraftEditRow(timetable=timetable_id, removed=removed, added=added, undone=False))
    session.flush()


def take_back(session: Session, timetable_id: str) -> DraftEdit | None:
    """Mark the last done edit as undone and return it; None where there is none."""
    row = session.scalar(_of(timetable_id).where(~DraftEditRow.undone).order_by(DraftEditRow.row.desc()).limit(1))
    return _marked(row, undone=True)


def do_again(session: Session, timetable_id: str) -> DraftEdit | None:
    """Mark the first undone edit as done and return it; None where there is none."""
    row = session.scalar(_of(timetable_id).where(DraftEditRow.undone).order_by(DraftEditRow.row).limit(1))
    return _marked(row, undone=False)


def _of(timetable_id: str) -> Any:
    return select(DraftEditRow).where(DraftEditRow.timetable == timetable_id)


def _marked(row: DraftEditRow | None, undone: bool) -> DraftEdit | None:
    if row is None:
        return None
    row.undone = undone
    return _edit(row)


def _edit(row: DraftEditRow) -> DraftEdit:
    return DraftEdit(_trips(row.removed), _trips(row.added))


def _trips(values: Sequence[Any]) -> tuple[Trip, ...]:
    return tuple(
        Trip(pattern, day_type, departs, None if calls is None else tuple(Call(*each) for each in calls))
        for pattern, day_type, departs, calls in values
    )


def _trip_values(trip: Trip) -> list[Any]:
    calls = None if trip.calls is None else [[c.stop, c.sequence, c.arrives, c.departs] for c in trip.calls]
    return [trip.pattern, trip.day_type, trip.departs, calls]
