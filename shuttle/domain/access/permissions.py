"""Role-based access control: one table of roles and actions, default deny.

A `Person` is an account or a token with one role. Public data needs no person. Roles do not inherit from each other: the
actions of each are written out, so a new action belongs to no role by accident.
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
    CORRECT_COUNTS = "correct_counts"
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
    Action.CORRECT_COUNTS,
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
    """A signed-in account, or a program with a token. `id` is stable; `name` is what the audit log shows.

    `centre`: the stop to which a shared tablet belongs. The tablet acts on departures that call there only, and
    reads only their counts. Empty otherwise.
    """

    id: str
    name: str
    role: Role
    centre: str = ""


NOT_ON_TABLETS = frozenset({Action.READ_EXACT_RIDERSHIP, Action.CORRECT_COUNTS})
"""What a centre's tablet may not though its role may: it hangs where visitors stand, the figures are those of all centres,
and a correction is signed by a person."""


def may(person: Person | None, action: Action) -> bool:
    """True when the person's role includes the action; None (not signed in) may do nothing."""
    return person is not None and action in MAY[person.role] and not (person.centre and action in NOT_ON_TABLETS)


def allow(person: Person | None, action: Action) -> Person:
    """The person, when allowed. Raises NotSignedIn (`not-signed-in`) without a person, NotAllowed (`not-allowed`) otherwise."""
    if person is None:
        raise NotSignedIn("not-signed-in", "this needs a signed-in account, or a token")
    if not may(person, action):
        raise NotAllowed(
            "not-allowed", f"the role {person.role} may not {action.replace('_', ' ')}", given=str(person.role)
        )
    return person


def allow_at(person: Person, stops: Iterable[str]) -> None:
    """Checks a centre's tablet against the `stops` of a departure. Raises NotAllowed (`other-centre`) if its centre is not one."""
    if person.centre and person.centre not in stops:
        raise NotAllowed(
            "other-centre",
            f"this tablet belongs to {person.centre}, where the departure does not call",
            allowed=f"departures that call at {person.centre}",
        )
