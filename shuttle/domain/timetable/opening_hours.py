"""Opening hours of centres, by stop and day type, with validity, and special hours on single dates.

A stop without any entry is *always open* (a street stop). A stop with an empty list of windows is *closed*. An early closing
of a date is decided on the day and cuts the windows that regular or special hours give.
"""

from dataclasses import dataclass
from datetime import date, datetime
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


@dataclass(frozen=True, kw_only=True)
class EarlyClosing:
    """A stop closes at `closes` on one date, before its hours end. Raises Invalid (`bad-opening-hours`)."""

    stop: str
    date: date
    closes: Minute
    made_by: str = ""
    made_at: datetime | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.closes <= LATEST:
            raise Invalid("bad-opening-hours", f"{self.stop} closes at minute {self.closes}", allowed="00:00 to 29:59")

    def cut(self, windows: tuple[Window, ...]) -> tuple[Window, ...]:
        """The windows, shortened to end at the early closing."""
        return tuple((opens, min(ends, self.closes)) for opens, ends in windows if opens < self.closes)


def arrives_too_late(closing: EarlyClosing, arrives: Minute) -> bool:
    """True when a bus that arrives then is later than the early closing."""
    return arrives >= closing.closes


@dataclass(frozen=True)
class OpeningTimes:
    """All opening hours, regular and special, and early closings. Raises Invalid (`overlapping-validity`)."""

    regular: tuple[OpeningHours, ...] = ()
    special: tuple[SpecialHours, ...] = ()
    closings: tuple[EarlyClosing, ...] = ()

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
        windows = self._planned(stop, service_day)
        closing = self.closing_on(stop, service_day.date)
        return windows if closing is None or windows is None else closing.cut(windows)

    def closing_on(self, stop: str, day: date) -> EarlyClosing | None:
        """The early closing of a stop on a date, or None."""
        return next((each for each in self.closings if each.stop == stop and each.date == day), None)

    def _planned(self, stop: str, service_day: ServiceDay) -> tuple[Window, ...] | None:
        if stop not in self.stops:
            return None
        for special in self.special:
            if special.stop == stop and special.date == service_day.date:
                return special.windows
        regular = self.regular_of(stop, service_day)
        return regular.windows if regular else ()

    def regular_of(self, stop: str, service_day: ServiceDay) -> OpeningHours | None:
        """The regular hours of a stop that apply on a service day: of its day type, else of one that it falls back to."""
        several = (self.regular_on(stop, day_type, service_day.date) for day_type in service_day.day_types)
        return next((hours for hours in several if hours), None)


ALWAYS_OPEN = OpeningTimes()
"""No opening hours: every stop is always open."""
