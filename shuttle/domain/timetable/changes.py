"""Change: a cancelled, retimed or extra departure on some dates.

A change names a trip (the rule) and a span of dates. It holds no copy of the departure, so it survives a republished
version. A change is never deleted, but withdrawn. Of several changes of one departure, the one made last applies.
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
"""Largest span of a change in days; a longer one needs a new timetable."""


class ChangeKind(StrEnum):
    CANCEL = "cancel"
    RETIME = "retime"
    EXTRA = "extra"


class ReasonCode(StrEnum):
    """Reason why a departure differs or did not run. A code leaves no place for text about a person."""

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
    """The reason with this code. Raises Invalid (`unknown-reason`) with the allowed codes."""
    try:
        return ReasonCode(text)
    except ValueError:
        allowed = ", ".join(ReasonCode)
        raise Invalid(
            "unknown-reason", f"the reason {text!r} is not known; allowed: {allowed}", given=text, allowed=allowed
        ) from None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: `cancel` has a trip id, `retime` a trip id and a time, `extra` a pattern and a time.

    Raises Invalid (`open-change`, `long-change`, `bad-change`, `bad-time`).
    """

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
        has = tuple(int(value is not None) for value in (self.trip, self.pattern, self.departs))
        if has != needs:
            names = [name for name, need in zip(("trip", "pattern", "departs_at"), needs, strict=True) if need]
            raise Invalid(
                "bad-change",
                f"a change of kind {self.kind} takes {' and '.join(names)}, and nothing else of the three",
                given=str(self.kind),
                allowed=", ".join(names),
            )
        if self.departs is not None and not 0 <= self.departs <= LATEST:
            raise Invalid("bad-time", f"a departure at minute {self.departs}", allowed="00:00 to 29:59")

    @property
    def in_force(self) -> bool:
        return self.withdrawn_at is None

    @cached_property
    def touches(self) -> str:
        """The changed trip's id; an extra departure's own id is `extra-<pattern>-<hhmm>`."""
        if self.trip is not None:
            return self.trip
        return f"extra-{self.pattern}-{time_of_day_text(self.departs or 0).replace(':', '')}"

    @property
    def latest_moment(self) -> datetime | None:
        return self.withdrawn_at or self.made_at
