"""Scenario: an instance of the timetabling problem (candidate trips, fleet, demand, requirements).

A scenario covers one or more day types. It contains no result and no option of a solver. Times are minutes of the service
day; demand is in passengers, spread evenly over the minutes of its slot.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.network import RunningTime
from shuttle.domain.timetable.opening_hours import Window

MOST_CANDIDATES = 20_000
"""Largest number of candidate trips (patterns times departure minutes); more cannot be proven in reasonable time."""

MOST_TRIPS = 2000
"""Largest number of trips a day in a requirement; a larger one is a typing error."""

Stops = tuple[str, ...]


class Wish(StrEnum):
    """Measure of a passenger's cost: the wait for the next departure, or the displacement from the wished time."""

    NEXT = "next"
    DISPLACEMENT = "displacement"


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """The vehicles. `seats` of one vehicle; None: no limit. `turnaround`: minutes after a trip. `dwell`: minutes at each
    intermediate stop. `empty_returns`: a trip that does not end at the base stop is followed by an empty run to it.
    """

    vehicles: int = 1
    seats: int | None = None
    turnaround: int = 0
    dwell: int = 0
    empty_returns: bool = True


@dataclass(frozen=True, kw_only=True)
class DemandProfile:
    """Passengers per slot from one stop to another; the first slot begins at `starts`."""

    day_type: str
    origin: str
    destination: str
    starts: Minute
    slot_minutes: int
    passengers: tuple[float, ...]

    def per_minute(self) -> dict[Minute, float]:
        """Minute -> passengers who become ready in it."""
        return {
            self.starts + slot * self.slot_minutes + minute: amount / self.slot_minutes
            for slot, amount in enumerate(self.passengers)
            if amount
            for minute in range(self.slot_minutes)
        }


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Demand and its cost parameters, in minutes. `max_wait`: longest wait. `unserved`: cost of an unserved passenger.

    `early`, `before_closing`: margins of useful arrivals at opening and closing. `first`, `last`: dates of the counts, when
    `source` is "recorded"; `counted_days`: (day type, number of counted days) of that estimate.
    """

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
    """A constraint. A soft one (not `hard`) costs `weight` passenger minutes per unit of breach. `name` is shown to users."""

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
    """The trip of a pattern (its index) at a minute runs."""

    pattern: int
    at: Minute


@dataclass(frozen=True, kw_only=True)
class Forbid(Requirement):
    """The trip of a pattern (its index) at a minute does not run."""

    pattern: int
    at: Minute


@dataclass(frozen=True, kw_only=True)
class MaxGap(Requirement):
    """Consecutive arrivals at `to` are at most `minutes` apart, within each opening window or within `between`."""

    to: str
    minutes: int
    between: Window | None = None


@dataclass(frozen=True, kw_only=True)
class MinGap(Requirement):
    """Consecutive departures from the base stop (that serve `to`) are at least `minutes` apart.

    A trip that calls at the base stop midway departs there again.
    """

    minutes: int
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class FirstArrivalByOpening(Requirement):
    """An arrival at `to` at most `minutes` after each opening (negative: before it), and at most an hour before it."""

    to: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class LastReturnAfterClosing(Requirement):
    """A departure from `origin` to the base stop between closing and `minutes` after it."""

    origin: str
    minutes: int


@dataclass(frozen=True, kw_only=True)
class TripCount(Requirement):
    """The number of trips, of one pattern (its index) or of all."""

    least: int | None = None
    most: int | None = None
    pattern: int | None = None


@dataclass(frozen=True, kw_only=True)
class Budget(Requirement):
    """At most this many paid driver hours, or NOK, a day."""

    driver_hours: float | None = None
    nok: float | None = None


@dataclass(frozen=True, kw_only=True)
class VehicleLimit(Requirement):
    """At most this many vehicles at once."""

    most: int


@dataclass(frozen=True, kw_only=True)
class ClockFace(Requirement):
    """Clock-face timetable: departures only at these `minutes` past the hour, or repeated every `repeat` minutes in `between`."""

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


@dataclass(frozen=True, kw_only=True)
class Room(Requirement):
    """As the day is simulated, at most `max_left_behind` passengers are left behind on the way to `to` (None: to any stop)."""

    max_left_behind: float
    to: str | None = None


@dataclass(frozen=True, kw_only=True)
class LastBus(Requirement):
    """Before each closing of `centre`, the last useful arrival from the base stop is no earlier than `minutes` before it, and neither
    is the last departure to the base stop, which is at most an hour after it."""

    centre: str
    minutes: int


@dataclass(frozen=True)
class FrontRequest:
    """A request for a Pareto front: the best timetable for each limit from `first` to `last` on trips, driver hours or NOK."""

    by: str = "trips"
    first: float = 0
    last: float = 0
    step: float = 1


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One instance. `running_times` and `hours` are already resolved: the file's, else the network's.

    `grid`: minutes between candidate departures. `assumed`: inputs that are assumptions. `on`: the date whose facts it has;
    None: no date in particular. Raises Invalid
    (`too-many-candidates`, `no-time`).
    """

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
    front: FrontRequest | None = None
    base_timetable: str | None = None
    assumed: tuple[str, ...] = ()
    on: date | None = None

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
        """Number of candidate trips: patterns times departure minutes."""
        return len(self.patterns) * max(0, self.last_arrival - self.first_departure) // max(1, self.grid)

    def windows(self, stop: str, day_type: str) -> tuple[Window, ...] | None:
        """Opening windows of a stop on a day type: None = always open, () = closed."""
        if stop not in self.hours:
            return None
        return self.hours[stop].get(day_type, ())

    def useful_windows(self, stop: str, day_type: str) -> tuple[Window, ...] | None:
        """Windows of useful arrivals: `early` minutes before opening to `before_closing` minutes before closing."""
        windows = self.windows(stop, day_type)
        if windows is None:
            return None
        return tuple((opens - self.demand.early, closes - self.demand.before_closing) for opens, closes in windows)

    def inner_windows(self, stop: str, day_type: str) -> tuple[Window, ...]:
        """Windows [open, close - before_closing], in which gaps and coverage are measured."""
        return tuple(
            (opens, closes - self.demand.before_closing) for opens, closes in self.windows(stop, day_type) or ()
        )
