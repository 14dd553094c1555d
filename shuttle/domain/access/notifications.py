"""Notification: what a person is told without looking, by e-mail, and what the municipality's own systems are told by webhook.

A person chooses the kinds, and for each whether it is sent at once or in a summary once a day. A kind can be chosen by whoever may look up
the same on a page; it holds no count of passengers, since mail leaves the house.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shuttle.domain.access.permissions import Action, Person, may
from shuttle.domain.basics.errors import Invalid


class NotificationKind(StrEnum):
    """What somebody is told of."""

    DEPARTURE_CANCELLED = "departure_cancelled"
    DEPARTURE_LATE = "departure_late"
    INCIDENT = "incident"
    """A bus that stands, a closed road, a driver who needs help."""
    LEFT_BEHIND = "left_behind"
    DUTY_CHANGED = "duty_changed"
    JOB_FAILED = "job_failed"
    DAY_UNDECIDED = "day_undecided"
    FIGURES_RELEASED = "figures_released"


NEEDS: Mapping[NotificationKind, Action] = {
    NotificationKind.DEPARTURE_CANCELLED: Action.READ_CHANGES,
    NotificationKind.DEPARTURE_LATE: Action.READ_CHANGES,
    NotificationKind.INCIDENT: Action.READ_BOARDINGS,
    NotificationKind.LEFT_BEHIND: Action.READ_BOARDINGS,
    NotificationKind.DUTY_CHANGED: Action.DRIVE,
    NotificationKind.JOB_FAILED: Action.ADMINISTER,
    NotificationKind.DAY_UNDECIDED: Action.OVERRIDE_CALENDAR,
    NotificationKind.FIGURES_RELEASED: Action.READ_RIDERSHIP,
}
"""Kind -> the action that a person must be allowed to choose it, and to be sent it."""

TO_SYSTEMS = frozenset(NotificationKind) - {NotificationKind.DUTY_CHANGED}
"""Kinds that the webhook sends: all that are about no person."""

LATE_FROM_MINUTES = 15
"""Minutes of delay from which somebody is told."""

SUMMARY_HOURS = range(5, 23)
"""Hours of the day at which a summary can be sent."""

_FIRST_RETRY, _LONGEST_WAIT, MOST_TRIES = timedelta(minutes=1), timedelta(hours=6), 14
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+")
"""An address as HTML's e-mail input has it; quoted names and non-ASCII names are not accepted. It can hold no header of a mail."""


class NotificationTime(StrEnum):
    """When a person is told."""

    AT_ONCE = "at_once"
    DAILY = "daily"


@dataclass(frozen=True)
class Choice:
    """One chosen kind: when it is sent, and since when it is chosen: what happened before is not told."""

    when: NotificationTime
    since: datetime


@dataclass(frozen=True, kw_only=True)
class NotificationChoices:
    """The choices of one account. `address`: e-mail; `hour`: of the local day, for summaries; `language`: of the mails.

    Raises Invalid (`bad-email`, `bad-summary-hour`).
    """

    account: str
    address: str
    language: str
    hour: int
    kinds: Mapping[NotificationKind, Choice] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.address) > 254 or not _ADDRESS.fullmatch(self.address):
            raise Invalid(
                "bad-email",
                f"{self.address[:80]!r} is no e-mail address",
                given=self.address[:80],
                allowed="as kari.nordmann@example.no",
            )
        if self.hour not in SUMMARY_HOURS:
            raise Invalid(
                "bad-summary-hour",
                f"a summary at {self.hour}",
                given=self.hour,
                allowed=f"{SUMMARY_HOURS[0]} to {SUMMARY_HOURS[-1]}",
            )


def kinds_for(person: Person | None) -> tuple[NotificationKind, ...]:
    """The kinds that a person may choose."""
    return tuple(kind for kind, action in NEEDS.items() if may(person, action))


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries in vain: doubled each time, at most six hours; None: give up, after some two days."""
    if tries >= MOST_TRIES:
        return None
    doubled: timedelta = _FIRST_RETRY * 2 ** (tries - 1)
    return min(doubled, _LONGEST_WAIT)
