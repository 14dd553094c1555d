"""Who may do what: one table, default deny.

A `Person` is an account or a token with one role. Reading what the public may know needs nobody. Roles do not inherit from
each other by rank: what each may do is written out, so that adding an act gives it to no one by accident.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shuttle.domain.basics.errors import NotAllowed, NotSignedIn


class Role(StrEnum):
    READER = "reader"
    DRIVER = "driver"
    STAFF = "staff"
    PLANNER = "planner"
    ADMIN = "admin"


class Action(StrEnum):
    RECORD_BOARDINGS = "record_boardings"
    READ_BOARDINGS = "read_boardings"
    READ_RIDERSHIP = "read_ridership"
    READ_EXACT_RIDERSHIP = "read_exact_ridership"
    READ_CHANGES = "read_changes"
    CHANGE_DEPARTURES = "change_departures"
    OVERRIDE_CALENDAR = "override_calendar"
    EDIT_TIMETABLES = "edit_timetables"
    PUBLISH_TIMETABLES = "publish_timetables"
    EDIT_FACTS = "edit_facts"
    PLAN = "plan"
    ROSTER = "roster"
    DRIVE = "drive"
    ADMINISTER = "administer"


_STAFF = {
    Action.RECORD_BOARDINGS,
    Action.READ_BOARDINGS,
    Action.READ_RIDERSHIP,
    Action.READ_EXACT_RIDERSHIP,
    Action.READ_CHANGES,
    Action.CHANGE_DEPARTURES,
}
_PLANNER = _STAFF - {Action.RECORD_BOARDINGS} | {
    Action.OVERRIDE_CALENDAR,
    Action.EDIT_TIMETABLES,
    Action.PUBLISH_TIMETABLES,
    Action.EDIT_FACTS,
    Action.PLAN,
    Action.ROSTER,
}

MAY: dict[Role, frozenset[Action]] = {
    Role.READER: frozenset({Action.READ_RIDERSHIP}),
    Role.DRIVER: frozenset({Action.RECORD_BOARDINGS, Action.READ_CHANGES, Action.DRIVE}),
    Role.STAFF: frozenset(_STAFF),
    Role.PLANNER: frozenset(_PLANNER),
    Role.ADMIN: frozenset(Action),
}


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, or a program with a token. `id` is stable; `name` is what the record of acts shows.

    `centre`: the stop whose shared tablet this is; it may act on departures that call there only. Empty for all others.
    """

    id: str
    name: str
    role: Role
    centre: str = ""


def may(person: Person | None, action: Action) -> bool:
    return person is not None and action in MAY[person.role]


def allow(person: Person | None, action: Action) -> Person:
    """Give the person back. Raises NotSignedIn where there is none, NotAllowed where the role does not hold the act."""
    if person is None:
        raise NotSignedIn("not-signed-in", "this needs somebody who is signed in, or a token")
    if action not in MAY[person.role]:
        raise NotAllowed(
            "not-allowed", f"the role {person.role} may not {action.replace('_', ' ')}", given=str(person.role)
        )
    return person


def allow_at(person: Person, stops: Iterable[str]) -> None:
    """Raises NotAllowed (`other-centre`) for the tablet of a centre where what calls at `stops` does not call."""
    if person.centre and person.centre not in stops:
        raise NotAllowed(
            "other-centre",
            f"this tablet belongs to {person.centre}, where the departure does not call",
            allowed=f"departures that call at {person.centre}",
        )
