"""Network: stops, patterns, running times, vehicles and cost rates.

A `Pattern` is an ordered list of stops without times. Minutes come from `RunningTime`s, by link (stop to next stop) and by
the time band in which the trip starts. A pattern may contain a stop twice (the base stop, first and last), so a call is
identified by its sequence, never by its stop alone.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.basics.provenance import ALWAYS, UNSTATED, Provenance, Validity, first_overlap
from shuttle.domain.basics.service_time import DAY, Minute, days_after, time_of_day_text

MARKS = 6
"""Marks of stops other than the base stop: a colour and a shape each, tested for contrast on every ground."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A place where passengers board and alight (GTFS stop). A moved stop is a second Stop with the same id, valid later.

    `name_nn`, `name_en`: empty where the name is the same. `way`: how to walk there. `quay`: the platform's sign.
    `wheelchair`: whether one can board with a wheelchair; None: not known. `mark`: its colour and shape, 1 to MARKS; 0: that of
    its place in the network. Raises Invalid (`bad-stop`, `bad-mark`).
    """

    id: str
    name: str
    lat: float | None = None
    lon: float | None = None
    name_nn: str = ""
    name_en: str = ""
    address: str = ""
    way: str = ""
    wheelchair: bool | None = None
    quay: str = ""
    mark: int = 0
    validity: Validity = ALWAYS
    provenance: Provenance = UNSTATED

    def __post_init__(self) -> None:
        outside = (self.lat is not None and not -90 <= self.lat <= 90) or (
            self.lon is not None and not -180 <= self.lon <= 180
        )
        if not self.name.strip() or (self.lat is None) != (self.lon is None) or outside:
            raise Invalid(
                "bad-stop",
                f"the stop {self.id} has no name, half a position, or one that is not on the earth",
                given=f"{self.name!r}, {self.lat}, {self.lon}",
                allowed="a name; latitude (-90 to 90) and longitude (-180 to 180), or neither",
            )
        if not 0 <= self.mark <= MARKS:
            allowed = f"1 to {MARKS}, or 0 for one of the program's choice"
            raise Invalid("bad-mark", f"{self.mark} is no mark of a stop", given=self.mark, allowed=allowed)

    def name_in(self, language: str) -> str:
        """The name in `nb`, `nn` or `en`."""
        return {"nn": self.name_nn, "en": self.name_en}.get(language, "") or self.name


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """Stops in order (NeTEx JourneyPattern); `direction` 0 is outward from the base stop, as in GTFS.

    Raises Invalid (`short-pattern`, `repeated-stop`).
    """

    id: str
    stops: tuple[str, ...]
    headsign: str
    direction: int = 0
    provenance: Provenance = UNSTATED

    def __post_init__(self) -> None:
        if len(self.stops) < 2:
            raise Invalid(
                "short-pattern",
                f"pattern {self.id} has {len(self.stops)} stop; a pattern has at least two",
                given=", ".join(self.stops),
                allowed="two stops or more",
            )
        if any(here == there for here, there in zip(self.stops, self.stops[1:], strict=False)):
            raise Invalid(
                "repeated-stop",
                f"pattern {self.id} calls at the same stop twice in a row",
                given=", ".join(self.stops),
                allowed="a different stop each time",
            )

    @property
    def legs(self) -> tuple[tuple[str, str], ...]:
        """The links (stop, next stop), in order."""
        return tuple(zip(self.stops, self.stops[1:], strict=False))


@dataclass(frozen=True, kw_only=True)
class RunningTime:
    """Minutes from one stop to the next, by the band (first minute, running minutes) in which the trip starts.

    Bands are ordered and the first begins at minute 0. `km` is the length of the link; None: unknown.
    Raises Invalid (`bad-bands`, `bad-running-time`).
    """

    origin: str
    destination: str
    bands: tuple[tuple[Minute, int], ...]
    km: float | None = None
    validity: Validity = ALWAYS
    provenance: Provenance = UNSTATED

    def __post_init__(self) -> None:
        starts = [start for start, _ in self.bands]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise Invalid(
                "bad-bands",
                f"the time bands from {self.origin} to {self.destination} begin at {[time_of_day_text(s) for s in starts]}",
                given=str([time_of_day_text(start) for start in starts]),
                allowed="ordered, without repetition, the first at 00:00",
            )
        if any(minutes < 1 or minutes > 600 for _, minutes in self.bands):
            raise Invalid(
                "bad-running-time",
                f"the running time from {self.origin} to {self.destination} is out of range",
                given=str([minutes for _, minutes in self.bands]),
                allowed="1 to 600 minutes",
            )

    def minutes(self, starts: Minute) -> int:
        """Running minutes of a trip that starts at `starts`."""
        return [minutes for start, minutes in self.bands if start <= max(starts, 0)][-1]


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """A bus: its passenger seats (without the driver's) and wheelchair places. Raises Invalid (`bad-vehicle`)."""

    id: str
    seats: int
    wheelchair_places: int = 0
    validity: Validity = ALWAYS
    provenance: Provenance = UNSTATED

    def __post_init__(self) -> None:
        if not 1 <= self.seats <= 200 or not 0 <= self.wheelchair_places <= 20:
            raise Invalid(
                "bad-vehicle",
                f"the bus {self.id} has {self.seats} seats and {self.wheelchair_places} wheelchair places",
                given=f"{self.seats}, {self.wheelchair_places}",
                allowed="1 to 200 seats, 0 to 20 wheelchair places",
            )


@dataclass(frozen=True, kw_only=True)
class Supplement:
    """Extra pay per hour (NOK) for work between two minutes of the day, on the named day types.

    A supplement whose end is at or before its start runs past midnight, and also applies from 00:00 to its end.
    """

    name: str
    day_types: tuple[str, ...]
    starts: Minute
    ends: Minute
    nok_per_hour: float
    provenance: Provenance = UNSTATED

    @property
    def windows(self) -> tuple[tuple[Minute, Minute], ...]:
        """The windows in which it is paid, in minutes of the service day; they do not overlap."""
        if self.starts < self.ends:
            return ((self.starts, self.ends),)
        return ((0, self.ends), (self.starts, self.ends + DAY))

    def minutes(self, starts: Minute, ends: Minute) -> int:
        """Minutes of the work from `starts` to `ends` for which it is paid."""
        return sum(max(0, min(ends, last) - max(starts, first)) for first, last in self.windows)


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Cost rates: NOK per paid driver hour, NOK per km driven, and supplements by time window. Raises Invalid (`bad-costs`)."""

    nok_per_driver_hour: float
    nok_per_km: float
    supplements: tuple[Supplement, ...] = ()
    validity: Validity = ALWAYS
    provenance: Provenance = UNSTATED

    def __post_init__(self) -> None:
        if not 0 <= self.nok_per_driver_hour <= MOST_NOK or not 0 <= self.nok_per_km <= MOST_NOK:
            raise Invalid(
                "bad-costs",
                f"{self.nok_per_driver_hour} NOK an hour or {self.nok_per_km} NOK a kilometre is out of range",
                given=f"{self.nok_per_driver_hour}, {self.nok_per_km}",
                allowed=f"0 to {MOST_NOK} NOK",
            )


MOST_NOK = 100_000
FREE = Costs(nok_per_driver_hour=0, nok_per_km=0)
"""No cost rates: what a network without any has."""


@dataclass(frozen=True)
class Call:
    """A trip at a stop (GTFS stop time), in minutes of the service day. `sequence` counts from 1 along the trip."""

    stop: str
    sequence: int
    arrives: Minute
    departs: Minute


@dataclass(frozen=True)
class NetworkOnDay:
    """The network on one date: the valid stops, running times and vehicles, by id."""

    stops: dict[str, Stop]
    running_times: dict[tuple[str, str], RunningTime]
    vehicles: dict[str, Vehicle]

    @property
    def only_vehicle(self) -> Vehicle | None:
        """The vehicle of the date when there is exactly one; else None."""
        return next(iter(self.vehicles.values())) if len(self.vehicles) == 1 else None

    def stop(self, stop_id: str) -> Stop:
        """The stop with this id. Raises NotFound (`unknown-stop`) with the existing ids."""
        if stop_id not in self.stops:
            allowed = ", ".join(sorted(self.stops))
            raise NotFound(
                "unknown-stop",
                f"there is no stop {stop_id!r}; the stops are {allowed}",
                given=stop_id,
                allowed=allowed,
            )
        return self.stops[stop_id]

    def running_time(self, origin: str, destination: str) -> RunningTime:
        """The running time of a link. Raises Refused (`missing-running-time`)."""
        running_time = self.running_times.get((origin, destination))
        if running_time is None:
            raise Refused(
                "missing-running-time",
                f"no running time from {origin} to {destination} is known on that date; enter one in the network",
                given=f"{origin} {destination}",
            )
        return running_time

    def calls(self, pattern: Pattern, departs: Minute, dwell: int = 0) -> tuple[Call, ...]:
        """The calls of a trip: each link in the band of the trip's start, `dwell` minutes at each intermediate stop.

        Raises Refused (`missing-running-time`).
        """
        at, last = departs, len(pattern.stops)
        calls = [Call(pattern.stops[0], 1, departs, departs)]
        for sequence, (origin, destination) in enumerate(pattern.legs, start=2):
            arrives = at + self.running_time(origin, destination).minutes(departs)
            at = arrives + (dwell if sequence < last else 0)
            calls.append(Call(destination, sequence, arrives, at))
        return tuple(calls)

    def km(self, pattern: Pattern) -> float | None:
        """Length of the pattern; None when the length of a link is unknown."""
        lengths = [self.running_time(*link).km for link in pattern.legs]
        return None if any(km is None for km in lengths) else sum(km for km in lengths if km is not None)


@dataclass(frozen=True, kw_only=True)
class Network:
    """The network at all times; `on(day)` is the network of a date. Raises Invalid (`overlapping-validity`)."""

    base_stop: str
    stops: tuple[Stop, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    running_times: tuple[RunningTime, ...] = ()
    vehicles: tuple[Vehicle, ...] = ()
    costs: tuple[Costs, ...] = ()

    def __post_init__(self) -> None:
        self._refuse_overlaps()

    def _refuse_overlaps(self) -> None:
        periods: dict[str, list[Validity]] = {}
        for stop in self.stops:
            periods.setdefault(f"stop {stop.id}", []).append(stop.validity)
        for running in self.running_times:
            periods.setdefault(f"running time {running.origin} {running.destination}", []).append(running.validity)
        for vehicle in self.vehicles:
            periods.setdefault(f"vehicle {vehicle.id}", []).append(vehicle.validity)
        periods["costs"] = [each.validity for each in self.costs]
        for name, several in periods.items():
            if clash := first_overlap(several):
                raise Invalid(
                    "overlapping-validity",
                    f"{name} is given twice for the same dates",
                    given=" and ".join(f"{period.first or ''}..{period.last or ''}" for period in clash),
                    allowed="periods that do not overlap",
                )

    @cached_property
    def pattern_by_id(self) -> dict[str, Pattern]:
        return {pattern.id: pattern for pattern in self.patterns}

    @cached_property
    def turning_dates(self) -> tuple[date, ...]:
        """The dates on which a validity begins, or the day after one ends; between two of them nothing changes."""
        dated: list[Stop | RunningTime | Vehicle] = [*self.stops, *self.running_times, *self.vehicles]
        turns = {each.validity.first for each in dated if each.validity.first}
        turns |= {days_after(each.validity.last, 1) for each in dated if each.validity.last}
        return tuple(sorted(turns))

    @cached_property
    def _by_epoch(self) -> dict[int, NetworkOnDay]:
        return {}

    def on(self, day: date) -> NetworkOnDay:
        """The network of a date; one object for all dates between two turning dates."""
        epoch = sum(turn <= day for turn in self.turning_dates)
        if epoch not in self._by_epoch:
            self._by_epoch[epoch] = NetworkOnDay(
                {stop.id: stop for stop in self.stops if stop.validity.covers(day)},
                {(link.origin, link.destination): link for link in self.running_times if link.validity.covers(day)},
                {vehicle.id: vehicle for vehicle in self.vehicles if vehicle.validity.covers(day)},
            )
        return self._by_epoch[epoch]

    def costs_on(self, day: date | None) -> Costs:
        """The cost rates of a date; of the first that begins later where none has begun, and on no date in particular."""
        ordered = sorted(self.costs, key=lambda each: each.validity.first or date.min)
        covering = (each for each in ordered if day is not None and each.validity.covers(day))
        later = (each for each in ordered if day is None or each.validity.last is None or each.validity.last >= day)
        return next(covering, None) or next(later, None) or FREE

    def stop_name(self, stop_id: str, day: date, language: str = "") -> str:
        """A stop's name on a date in a language; its name on other dates when it is not in use then; else its id."""
        stop = self.on(day).stops.get(stop_id) or next((each for each in self.stops if each.id == stop_id), None)
        return stop.name_in(language) if stop else stop_id

    def pattern(self, pattern_id: str) -> Pattern:
        """The pattern with this id. Raises Invalid (`unknown-pattern`) with the existing ids."""
        if pattern_id not in self.pattern_by_id:
            allowed = ", ".join(sorted(self.pattern_by_id))
            raise Invalid(
                "unknown-pattern",
                f"there is no pattern {pattern_id!r}; the patterns are {allowed}",
                given=pattern_id,
                allowed=allowed,
            )
        return self.pattern_by_id[pattern_id]
