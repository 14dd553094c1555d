"""What is different on some dates: a cancelled, moved or extra departure.

A change names a trip (the rule) and a span of dates, never a copy of the departure, so that it survives a republished
version. Changes are kept for ever: one that no longer holds is withdrawn. Of several that touch the same departure, the
one made last holds.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import LATEST, Minute, time_of_day_text
from shuttle.domain.timetable.trips import check_id

LONGEST_SPAN = 366
"""Days that one change may span; a longer one is a new timetable."""


class ChangeKind(StrEnum):
    CANCEL = "cancel"
    RETIME = "retime"
    EXTRA = "extra"


class ReasonCode(StrEnum):
    """Why a departure differs or did not run. Codes, not words: nothing about a person can be written here."""

    VEHICLE_FAULT = "vehicle_fault"
    NO_VEHICLE = "no_vehicle"
    NO_DRIVER = "no_driver"
    WEATHER = "weather"
    ROAD_CLOSED = "road_closed"
    TRAFFIC = "traffic"
    CENTRE_CLOSED = "centre_closed"
    SAFETY = "safety"
    EVENT = "event"
    DEMAND = "demand"
    OTHER = "other"


def reason_code(text: str) -> ReasonCode:
    """Raises Invalid (`unknown-reason`) naming the codes."""
    try:
        return ReasonCode(text)
    except ValueError:
        allowed = ", ".join(ReasonCode)
        raise Invalid(
            "unknown-reason", f"the reason {text!r} is not known; allowed: {allowed}", given=text, allowed=allowed
        ) from None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change. `trip` is a trip id; an extra departure has a pattern and a time instead, a retimed one both trip and time."""

    id: str
    kind: ChangeKind
    dates: Validity
    reason: ReasonCode
    trip: str | None = None
    pattern: str | None = None
    departs: Minute | None = None
    made_by: str = ""
    made_at: datetime | None = None
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None

    def __post_init__(self) -> None:
        check_id(self.id, "change")
        if self.dates.first is None or self.dates.last is None:
            raise Invalid("open-change", "a change needs a first and a last date")
        if (self.dates.last - self.dates.first).days >= LONGEST_SPAN:
            raise Invalid(
                "long-change",
                f"the change spans {self.dates.first} to {self.dates.last}; for longer than a year, publish a timetable",
                given=f"{self.dates.first} to {self.dates.last}",
                allowed=f"at most {LONGEST_SPAN} days",
            )
        needs = {ChangeKind.CANCEL: (1, 0, 0), ChangeKind.RETIME: (1, 0, 1), ChangeKind.EXTRA: (0, 1, 1)}[self.kind]
        has = tuple(int(given is not None) for given in (self.trip, self.pattern, self.departs))
        if has != needs:
            wanted = [name for name, need in zip(("trip", "pattern", "departs_at"), needs, strict=True) if need]
            raise Invalid(
                "bad-change",
                f"a change of kind {self.kind} takes {' and '.join(wanted)}, and nothing else of the three",
                given=str(self.kind),
                allowed=", ".join(wanted),
            )
        if self.departs is not None and not 0 <= self.departs <= LATEST:
            raise Invalid("bad-time", f"a departure at minute {self.departs}", allowed="00:00 to 29:59")

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None

    @cached_property
    def touches(self) -> str:
        """The trip id that the change is about; an extra departure's own is `extra-<pattern>-<hhmm>`."""
        if self.trip is not None:
            return self.trip
        return f"extra-{self.pattern}-{time_of_day_text(self.departs or 0).replace(':', '')}"

    @property
    def latest_moment(self) -> datetime | None:
        return self.withdrawn_at or self.made_at
