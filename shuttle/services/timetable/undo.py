"""Undo of the last act on publications or the calendar, for ten minutes.

The act's entry in the audit log stays, and undoing has its own. An act whose ten minutes are over is undone by another act.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Refused
from shuttle.services.timetable import changes, publishing
from shuttle.store.timetable import undoable_acts

TIME_TO_UNDO = timedelta(minutes=10)


@dataclass(frozen=True)
class UndoableAct:
    """An act that may be undone until a moment. `subject`: the timetable's id, or the first date."""

    number: int
    act: str
    subject: str
    until: datetime


def undoable(session: Session, now: datetime) -> UndoableAct | None:
    """The act that may be undone now, or None."""
    row = undoable_acts.last_act(session, now - TIME_TO_UNDO)
    return UndoableAct(row.row, row.act, row.subject, row.made_at + TIME_TO_UNDO) if row else None


def undo(session: Session, person: Person | None, now: datetime, today: date, number: int | None = None) -> UndoableAct:
    """Undo the last act; with its `number`, only if it is that one. Raises Refused (`nothing-to-undo`)."""
    person = allow(person, Action.PUBLISH_TIMETABLES)
    row = undoable_acts.last_act(session, now - TIME_TO_UNDO)
    if row is None or (number is not None and row.row != number):
        raise Refused(
            "nothing-to-undo",
            "no act on publications or the calendar can be undone; the time for it is over, or another one came after it",
            allowed=f"the last act, for {TIME_TO_UNDO.seconds // 60} minutes",
        )
    row.undone_by, row.undone_at = person.name, now
    if "overrides" in row.before:
        changes.restore_decisions(session, person, row.before, now)
    else:
        publishing.restore(session, person, row.subject, row.before, now, today)
    return UndoableAct(row.row, row.act, row.subject, row.made_at + TIME_TO_UNDO)
