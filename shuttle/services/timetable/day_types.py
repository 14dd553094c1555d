"""Day types and the week: a further kind of day (a Saturday of its own, a weekday of the school holidays), and which weekday uses it.

A new day type is like an existing one until a timetable has trips of its own for it, so making it changes no departure.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.timetable.service_days import NO_SERVICE, DayType, Names
from shuttle.domain.timetable.trips import check_id
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable import calendar as store
from shuttle.store.timetable.schedule import raise_version, read_schedule, record_edits

LONGEST_NAME = 60
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a"})


def add_day_type(session: Session, person: Person | None, names: Names, like: str, now: datetime) -> DayType:
    """Add a day type; its id is made of its name.

    Raises Invalid (`no-name`, `unknown-day-type`, `bad-id`), Refused (`day-type-exists`).
    """
    person = allow(person, Action.OVERRIDE_CALENDAR)
    calendar = read_schedule(session).calendar
    several = [name.strip() for name in vars(names).values()]
    if not several[0] or any(len(name) > LONGEST_NAME for name in several):
        raise Invalid("no-name", "a day type needs a name", given=several[0], allowed=f"1 to {LONGEST_NAME} characters")
    if like not in {each.id for each in calendar.day_types}:
        calendar.names_of(like if like != NO_SERVICE else "")
    name, nynorsk, english = several
    identifier = check_id(re.sub(r"[^a-z0-9]+", "-", name.lower().translate(_LETTERS)).strip("-"), "day type")
    if identifier == NO_SERVICE or any(each.id == identifier for each in calendar.day_types):
        raise Refused("day-type-exists", f"there is already a day type {identifier!r}", given=name)
    day_type = DayType(identifier, Names(name, nynorsk or name, english or name), like)
    store.add_day_type(session, day_type)
    raise_version(session, now)
    add_entry(session, now, person.name, person.role, "add-day-type", identifier, {"name": name, "like": like})
    return day_type


def set_week(session: Session, person: Person | None, week: Sequence[str], now: datetime, today: date) -> None:
    """Set the day types of Monday to Sunday. Raises Invalid (`bad-week`, `unknown-day-type`)."""
    person = allow(person, Action.OVERRIDE_CALENDAR)
    before = read_schedule(session)
    if len(week) != len(before.calendar.week):
        raise Invalid("bad-week", f"a week of {len(week)} days", given=", ".join(week), allowed="7 day types")
    day_types = {each.id for each in before.calendar.day_types}
    for day_type in week:
        if day_type not in day_types:
            before.calendar.names_of("" if day_type == NO_SERVICE else day_type)
    store.write_week(session, week)
    raise_version(session, now)
    record_edits(session, before, now, today)
    add_entry(session, now, person.name, person.role, "set-week", "week", {"week": ", ".join(week)})
