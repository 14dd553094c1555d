"""Planned duty: a driver duty as part of a timetable version, a rule such as "weekdays, the first driver".

Duties are planned for exactly the trips of a day type, so all duties of a day type fit its trips or none does. After a
trip was moved, added or removed by hand, its driver and the breaks are no longer checked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import LATEST, Minute, time_of_day_text


@dataclass(frozen=True, kw_only=True)
class PlannedDuty:
    """One driver's day on a day type, from sign-on to sign-off. `number` counts from 1; `trips` are trip ids of the version.

    Raises Invalid (`bad-planned-duty`).
    """

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
        """`weekday-1`: unique within its timetable version."""
        return f"{self.day_type}-{self.number}"


def duties_fit(duties: Iterable[PlannedDuty], trips: Iterable[str]) -> bool:
    """True when the duties of a day type drive exactly these trips (ids)."""
    driven = {trip for duty in duties for trip in duty.trips}
    return driven == set(trips)
