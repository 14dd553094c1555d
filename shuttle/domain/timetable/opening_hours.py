"""Opening hours of centres, by stop and day type, with validity, and special hours on single dates.

A stop without any entry is *always open* (a street stop). A stop with an empty list of windows is *closed*.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import ALWAYS, UNSTATED, Provenance, Validity
from shuttle.domain.basics.service_time import LATEST, Minute, time_of_day_text
from shuttle.domain.timetable.service_days import ServiceDay

Window = tuple[Minute, Minute]
"""Opening and closing, minutes of the service day."""


def check_windows(windows: tuple[Window, ...], whose: str) -> None:
    """Raises Invalid (`bad-opening-hours`) unless windows are ordered, apart and within the service day."""
    edges = [edge for window in windows for edge in window]
    if edges != sorted(set(edges)) or any(edge < 0 or edge > LATEST for edge in edges):
        text = ", ".join(f"{time_of_day_text(opens)}-{time_of_day_text(closes)}" for opens, closes in windows)
        raise Invalid(
            "bad-opening-hours",
            f"the opening hours of {whose} are {text}",
            given=text,
            allowed="windows in order that do not touch, each closing after it opens",
        )


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """Regular hours of a stop on a day type, while valid. Raises Invalid (`bad-opening-hours`)."""

    stop: str
    day_type: str
    windows: tuple[Window, ...]
    validity: Validity = ALWAYS
    provenance: Provenance = UNSTATED

    def __post_init__(self) -> None:
        check_windows(self.windows, f"{self.stop} on {self.day_type}")


@dataclass(frozen=True)
class SpecialHours:
    """Hours of a stop on one date, in place of the regular ones. Raises Invalid (`bad-opening-hours`)."""

    stop: str
    date: date
    windows: tuple[Window, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        check_windows(self.windows, f"{self.stop} on {self.date}")


@dataclass(frozen=True)
class OpeningTimes:
    """All opening hours, regular and special. Raises Invalid (`overlapping-validity`)."""

    regular: tuple[OpeningHours, ...] = ()
    special: tuple[SpecialHours, ...] = ()

    def __post_init__(self) -> None:
        for hours, other in combinations(self.regular, 2):
            same = (hours.stop, hours.day_type) == (other.stop, other.day_type)
            if same and hours.validity.overlaps(other.validity):
                raise Invalid(
                    "overlapping-validity",
                    f"{hours.stop} has two opening hours for {hours.day_type} on the same dates",
                    given=f"{hours.validity.first}..{hours.validity.last} and "
                    f"{other.validity.first}..{other.validity.last}",
                    allowed="periods that do not overlap",
                )

    @cached_property
    def stops(self) -> frozenset[str]:
        """The stops with any hours; every other stop is always open."""
        return frozenset(hours.stop for hours in self.regular) | {hours.stop for hours in self.special}

    def regular_on(self, stop: str, day_type: str, day: date) -> OpeningHours | None:
        """The regular hours of a stop for a day type that are valid on a date, or None."""
        for hours in self.regular:
            if hours.stop == stop and hours.day_type == day_type and hours.validity.covers(day):
                return hours
        return None

    def windows(self, stop: str, service_day: ServiceDay) -> tuple[Window, ...] | None:
        """Opening windows of a stop on a service day: None = always open, () = closed."""
        if stop not in self.stops:
            return None
        for special in self.special:
            if special.stop == stop and special.date == service_day.date:
                return special.windows
        regular = self.regular_on(stop, service_day.day_type, service_day.date)
        return regular.windows if regular else ()


ALWAYS_OPEN = OpeningTimes()
"""No opening hours: every stop is always open."""
