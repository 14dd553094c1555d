"""Undo and redo of draft edits.

The history belongs to the draft, not to a planner: all planners of a draft share it. A new edit deletes the undone
ones.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Refused
from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.services.timetable.timetables import replace_trips
from shuttle.store.timetable import draft_edits as store
from shuttle.store.timetable.timetables import read_timetable, timetable_row


def undo(session: Session, person: Person | None, timetable_id: str, now: datetime) -> DraftEdit:
    """Undo the last edit. Raises Refused (`nothing-to-undo`, `published-is-immutable`), NotFound (`unknown-timetable`)."""
    return _apply(session, person, timetable_id, now, back=True)


def redo(session: Session, person: Person | None, timetable_id: str, now: datetime) -> DraftEdit:
    """Redo the edit undone last. Raises Refused (`nothing-to-redo`, `published-is-immutable`), NotFound
    (`unknown-timetable`).
    """
    return _apply(session, person, timetable_id, now, back=False)


def _apply(session: Session, person: Person | None, timetable_id: str, now: datetime, back: bool) -> DraftEdit:
    person = allow(person, Action.EDIT_TIMETABLES)
    timetable_row(session, timetable_id)
    edit = store.take_back(session, timetable_id) if back else store.do_again(session, timetable_id)
    if edit is None:
        code, what = ("nothing-to-undo", "taken back") if back else ("nothing-to-redo", "done again")
        raise Refused(code, f"no edit of timetable {timetable_id} can be {what}", given=timetable_id)
    trips = read_timetable(session, timetable_id).trips
    replace_trips(session, person, timetable_id, (edit.back if back else edit).applied(trips), now)
    return edit
