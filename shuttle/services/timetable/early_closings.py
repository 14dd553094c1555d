"""Closing a centre early on the present day, and opening it after all.

Staff of the centre decide it on the day. It lies above the regular and the special hours, which stay as they are.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow, allow_at
from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.opening_hours import EarlyClosing
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable import early_closings as store
from shuttle.store.timetable.schedule import raise_version, read_schedule, record_edits


def close_early(
    session: Session, person: Person | None, stop: str, closes: Minute, now: datetime, today: date
) -> EarlyClosing:
    """Close a centre today at `closes`; an earlier decision of the day is replaced.

    Raises NotFound (`unknown-stop`), Refused (`not-open-then`) where the centre is not open at that time, NotAllowed
    (`other-centre`).
    """
    person = allow(person, Action.CHANGE_DEPARTURES)
    allow_at(person, [stop])
    before = read_schedule(session)
    before.network.on(today).stop(stop)
    store.withdraw(session, stop, today, person.name, now)
    windows = read_schedule(session).windows(stop, today)
    if windows is None or not any(opens <= closes < ends for opens, ends in windows):
        raise Refused(
            "not-open-then",
            f"{stop} is not open at {time_of_day_text(closes)} today",
            given=time_of_day_text(closes),
            allowed=", ".join(f"{time_of_day_text(opens)}-{time_of_day_text(ends)}" for opens, ends in windows or ()),
        )
    closing = EarlyClosing(stop=stop, date=today, closes=closes, made_by=person.name, made_at=now)
    store.add(session, closing)
    _changed(session, before, now, today)
    details = {"closes": time_of_day_text(closes)}
    add_entry(session, now, person.name, person.role, "close-early", stop, details)
    return closing


def open_after_all(session: Session, person: Person | None, stop: str, now: datetime, today: date) -> None:
    """Withdraw today's early closing. Raises NotFound (`no-early-closing`), NotAllowed (`other-centre`)."""
    person = allow(person, Action.CHANGE_DEPARTURES)
    allow_at(person, [stop])
    before = read_schedule(session)
    if not store.withdraw(session, stop, today, person.name, now):
        raise NotFound("no-early-closing", f"{stop} does not close early on {today}", given=stop)
    _changed(session, before, now, today)
    add_entry(session, now, person.name, person.role, "open-after-all", stop)


def _changed(session: Session, before: Schedule, now: datetime, today: date) -> None:
    raise_version(session, now)
    record_edits(session, before, now, today)
