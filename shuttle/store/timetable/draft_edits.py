"""The edits of a draft in order: a line of steps with a place in it, before which all is done and after which all is undone."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Trip
from shuttle.store.tables.timetables import DraftEditRow


def edits(session: Session, timetable_id: str) -> tuple[list[DraftEdit], list[DraftEdit]]:
    """The steps that are done and those that were taken back, each in the order in which they were made."""
    done: list[DraftEdit] = []
    undone: list[DraftEdit] = []
    for row in session.scalars(_of(timetable_id).order_by(DraftEditRow.row)):
        (undone if row.undone else done).append(_edit(row))
    return done, undone


def add_edit(session: Session, timetable_id: str, edit: DraftEdit) -> None:
    """A new last step; what had been taken back can't be done again after it."""
    session.execute(delete(DraftEditRow).where(DraftEditRow.timetable == timetable_id, DraftEditRow.undone))
    removed, added = ([_plain(trip) for trip in trips] for trips in (edit.removed, edit.added))
    session.add(DraftEditRow(timetable=timetable_id, removed=removed, added=added, undone=False))
    session.flush()


def take_back(session: Session, timetable_id: str) -> DraftEdit | None:
    """Mark the last step that is done as undone, and give it; None where there is none."""
    row = session.scalar(_of(timetable_id).where(~DraftEditRow.undone).order_by(DraftEditRow.row.desc()).limit(1))
    return _marked(row, undone=True)


def do_again(session: Session, timetable_id: str) -> DraftEdit | None:
    """Mark the first step that is undone as done, and give it; None where there is none."""
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


def _trips(plain: Sequence[Any]) -> tuple[Trip, ...]:
    return tuple(
        Trip(pattern, day_type, departs, None if calls is None else tuple(Call(*each) for each in calls))
        for pattern, day_type, departs, calls in plain
    )


def _plain(trip: Trip) -> list[Any]:
    calls = None if trip.calls is None else [[c.stop, c.sequence, c.arrives, c.departs] for c in trip.calls]
    return [trip.pattern, trip.day_type, trip.departs, calls]
