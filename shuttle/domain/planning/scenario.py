"""What a planner asks: the trips that may run, who wants to travel, and what must hold.

A `Scenario` is the question for one or more day types. It holds no answer and no solver's word. Times are minutes of the
service day; demand is passengers, spread evenly over the minutes of its slot.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.network import RunningTime
from shuttle.domain.timetable.opening_hours import Window

MOST_CANDIDATES = 20_000
"""Pattern times departure minute: more than this cannot be proven in a planner's patience."""

MOST_TRIPS = 2000
"""Trips a day that may be asked for; more is a slip of the keyboard."""

Stops = tuple[str, ...]


class Wish(StrEnum):
    """What a passenger who is ready at a minute minds: waiting for the next departure, or being moved from the wished time."""

    NEXT = "next"
    DISPLACEMENT = "displacement"


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """`seats` None: no limit. `dwell`: minutes at each stop between the first and the last.

    `empty_returns`: a trip that ends elsewhere than at the base stop is followed by an empty run to it.
    """

    vehicles: int = 1
    seats: int | None = None
    turnaround: int = 0
    dwell: int = 0
    empty_returns: bool = True


@dataclass(frozen=True, kw_only=True)
class DemandProfile:
    """Passengers per slot from one stop to another, the first slot from `starts`."""

    day_type: str
    origin: str
    destination: str
    starts: Minute
    slot_minutes: int
    passengers: tuple[float, ...]

    def per_minute(self) -> dict[Minute, float]:
        """Passengers who get ready in each minute."""
        return {
            self.starts + slot * self.slot_minutes + minute: amount / self.slot_minutes
            for slot, amount in enumerate(self.passengers)
            if amount
            for minute in range(self.slot_minutes)
        }


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Who wants to travel, and what waiting costs. `first`, `last`: the counts to estimate from, where `source` is recorded;
    `counted_days`: on how many days the estimate of each day type rests, once it is made."""

    profiles: tuple[DemandProfile, ...] = ()
    source: str = "profile"
    max_wait: int = 120
    unserved: int = 180
    wish: Wish = Wish.NEXT
    early: int = 10
    before_closing: int = 0
    coverage_minutes: int = 60
    assumed: bool = False
    first: date | None = None
    last: date | None = None
    counted_days: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """Something that must hold (or, not `hard`, costs `weight` passenger minutes per unit of breach). `name` is what people read."""

    name: str
    day_types: tuple[str, ...] = ()
    hard: bool = True
    weight: float = 0.0

    def applies_to(self, day_type: str) -> bool:
        return not self.day_types or day_type in self.day_types


@dataclass(frozen=True, kw_only=True)
class KeepDepartures(Requirement):
    """Each departure of the base timetable (that serves `to`) has its own trip with the same stops in the same order."""

    to: str | None = None
    tolerance: int = 0


@dataclass(frozen=True, kw_only=True)
class Pin(Requirement):
    """The trip runs."""

    pattern: int
    at: Minute


@dataclass(frozen=True, kw_only=True)
class Forbid(Requirement):
    """The trip does not run."""

    pattern: int
    at: Minute


@dataclass(frozen=True, kw_only=True)
class MaxGap(Requirement):
    """Arrivals at `to`, every one, at most `minutes` apart, within each opening window or within `between`."""

    to: str
    minutes: int
    between: Window | None = None


@dataclass(frozen=True, kw_only=True)
class MinGap(Requirement):
    """Consecutive departures from the base stop (that serve `to`) at least `minutes` apart; a trip that goes on from the base stop
    on its way departs there again."""

    minutes: int
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class FirstArrivalByOpening(Requirement):
    """An arrival at `to` no later than `minutes` after each opening (negative: before), and not over an hour before it."""

    to: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class LastReturnAfterClosing(Requirement):
    """A departure from `origin` to the base stop between closing and `minutes` after it."""

    origin: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class TripCount(Requirement):
    """How many trips, of one pattern or of all."""

    least: int | None = None
    most: int | None = None
    pattern: int | None = None


@dataclass(frozen=True, kw_only=True)
class Budget(Requirement):
    """At most so many paid driver hours, or so many NOK, a day."""

    driver_hours: float | None = None
    nok: float | None = None


@dataclass(frozen=True, kw_only=True)
class VehicleLimit(Requirement):
    """At most so many vehicles at once."""

    most: int


@dataclass(frozen=True, kw_only=True)
class ClockFace(Requirement):
    """Memorable times: departures only at these `minutes` past the hour; or, within `between`, the same every `repeat` minutes."""

    minutes: tuple[int, ...] = ()
    repeat: int | None = None
    between: Window | None = None


@dataclass(frozen=True, kw_only=True)
class CoverageShare(Requirement):
    """At least this share of a stop's open minutes is covered."""

    of: str
    share: float


@dataclass(frozen=True, kw_only=True)
class MaxChange(Requirement):
    """At most `moved` of the base timetable's departures move, none by more than `by`; none is dropped."""

    moved: int
    by: int


@dataclass(frozen=True, kw_only=True)
class DriverDuties(Requirement):
    """The trips can be driven within the rules of a profile, by at most `drivers`."""

    profile: str
    drivers: int | None = None
    two_on_board_after: Minute | None = None


@dataclass(frozen=True)
class Front:
    """The alternatives asked for: the best for each limit from `first` to `last` on trips, driver hours or NOK."""

    by: str = "trips"
    first: float = 0
    last: float = 0
    step: float = 1


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """The whole question. `running_times` and `hours` are already those that hold for it (the file's, else the network's)."""

    id: str
    name: str
    day_types: tuple[str, ...]
    grid: int
    base_stop: str
    first_departure: Minute
    last_arrival: Minute
    patterns: tuple[Stops, ...]
    fleet: Fleet
    running_times: dict[tuple[str, str], RunningTime]
    hours: dict[str, dict[str, tuple[Window, ...]]]
    demand: Demand
    requirements: tuple[Requirement, ...] = ()
    front: Front | None = None
    base_timetable: str | None = None
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.candidates > MOST_CANDIDATES:
            raise Invalid(
                "too-many-candidates",
                f"{len(self.patterns)} patterns on a grid of {self.grid} minutes are {self.candidates} possible trips",
                given=str(self.candidates),
                allowed=f"at most {MOST_CANDIDATES}: a coarser grid or fewer patterns",
            )
        if self.last_arrival <= self.first_departure:
            raise Invalid(
                "no-time",
                f"the day ends at {time_of_day_text(self.last_arrival)}, before it begins at {time_of_day_text(self.first_departure)}",
                given=time_of_day_text(self.last_arrival),
                allowed=f"after {time_of_day_text(self.first_departure)}",
            )

    @property
    def candidates(self) -> int:
        return len(self.patterns) * max(0, self.last_arrival - self.first_departure) // max(1, self.grid)

    def windows(self, stop: str, day_type: str) -> tuple[Window, ...] | None:
        """Opening windows of a stop on a day type: None = always open, () = closed."""
        if stop not in self.hours:
            return None
        return self.hours[stop].get(day_type, ())

    def useful_windows(self, stop: str, day_type: str) -> tuple[Window, ...] | None:
        """When an arrival is of use: a little before opening, until some minutes before closing."""
        windows = self.windows(stop, day_type)
        if windows is None:
            return None
        return tuple((opens - self.demand.early, closes - self.demand.before_closing) for opens, closes in windows)

    def inner_windows(self, stop: str, day_type: str) -> tuple[Window, ...]:
        """[open, close - before_closing]: what gaps and coverage are measured in."""
        return tuple(
            (opens, closes - self.demand.before_closing) for opens, closes in self.windows(stop, day_type) or ()
        )
