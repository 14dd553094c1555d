"""A duty as a timetable version has it: "weekdays, the first driver", the rule of which a day's work is the instance.

Duties are planned for exactly the departures of a day type. So the duties of a day type *fit* together or not at all: where a
departure was moved, added or taken away by hand since, nobody has checked who drives it and when there is a break.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import LATEST, Minute, time_of_day_text


@dataclass(frozen=True, kw_only=True)
class PlannedDuty:
    """One driver's day on a day type, from signing on to signing off. `number` counts from 1; `trips` are ids of the version."""

    day_type: str
    number: int
    starts: Minute
    ends: Minute
    trips: tuple[str, ...]
    breaks: tuple[tuple[Minute, Minute], ...] = ()

    def __post_init__(self) -> None:
        edges = [self.starts, *(edge for taken in self.breaks for edge in taken), self.ends]
        if self.number < 1 or edges != sorted(edges) or not 0 <= self.starts < self.ends <= LATEST:
            raise Invalid(
                "bad-planned-duty",
                f"duty {self.number} of {self.day_type} runs backwards",
                given=", ".join(map(str, edges)),
                allowed=f"start, breaks and end in order, at the latest {time_of_day_text(LATEST)}",
            )

    @property
    def id(self) -> str:
        """`weekday-1`: one of its version."""
        return f"{self.day_type}-{self.number}"


def duties_fit(duties: Iterable[PlannedDuty], trips: Iterable[str]) -> bool:
    """Whether the duties of a day type are those of these trips: each is driven, and no other."""
    driven = {trip for duty in duties for trip in duty.trips}
    return driven == set(trips)
