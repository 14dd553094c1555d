"""How many wish to travel, minute by minute, from how many boarded.

Boardings are not demand: nobody boards where no bus runs (missing, never zero), a full bus shows only that *at least* so
many wished to, and a departure gathers everyone since the one before it. So each counted departure is an observation of a
window of arrivals, from the departure before it (at most `max_wait_minutes` back) to itself.

The estimator, by name: per window the mean of a right-censored Poisson variable by expectation-maximisation over
comparable days; spread evenly over the window's minutes; smoothed between neighbouring slots by weights 1, 2, 1 that keep
the total; intervals by a percentile bootstrap over whole days. Where no bus has run a stated profile stands instead, and the
result says so slot by slot.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.planning.demand_counts import CountedDay, StopCountsOfDeparture

Window = tuple[Minute, Minute]
"""Minutes after the first and up to the second in which who boards a departure became ready."""


@dataclass(frozen=True)
class Arrivals:
    """How many became ready in a window of one day; `at_least` when it is a lower bound."""

    window: Window
    number: float
    at_least: bool = False


@dataclass(frozen=True)
class StatedSlot:
    """Passengers that somebody states for a slot where no count can show any."""

    starts: Minute
    minutes: int
    passengers: float


@dataclass(frozen=True, kw_only=True)
class SlotEstimate:
    """Passengers of a slot with a 5-95 % interval over days. `recorded_minutes` of it rest on counts, the rest on what is
    stated (`stated_minutes`) or on nothing; `at_least`: every count that it rests on was a lower bound."""

    starts: Minute
    minutes: int
    passengers: float
    low: float
    high: float
    recorded_minutes: int
    stated_minutes: int
    at_least: bool = False

    @property
    def assumed(self) -> bool:
        """Whether any of it rests on something else than counts."""
        return self.recorded_minutes < self.minutes


@dataclass(frozen=True)
class DemandEstimate:
    """Demand from one stop to another on one day type, and how many counted days it rests on."""

    slots: tuple[SlotEstimate, ...]
    days: int

    @property
    def passengers(self) -> float:
        return sum(slot.passengers for slot in self.slots)


@dataclass(frozen=True)
class Estimator:
    """The choices of an estimate. The same seed and days give the same answer."""

    slot_minutes: int = 60
    max_wait_minutes: int = 120
    resamples: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        if not (1 <= self.slot_minutes <= DAY and DAY % self.slot_minutes == 0 and self.max_wait_minutes >= 1):
            raise Invalid(
                "bad-estimator",
                f"slots of {self.slot_minutes} minutes and waits of {self.max_wait_minutes} minutes",
                given=f"{self.slot_minutes}, {self.max_wait_minutes}",
                allowed="slots that divide a day, waits of a minute or more",
            )

    def estimate(self, days: Sequence[CountedDay], stated: Sequence[StatedSlot] = ()) -> DemandEstimate:
        """Demand per slot from midnight until the day or the last departure is over. Raises Refused (`no-counts`) when there is neither a count nor a stated slot."""
        counted = [day for day in days if day.is_counted]
        if not counted and not stated:
            raise Refused("no-counts", "no departure has been counted, and no profile is stated", allowed="either")
        observed = [list(arrivals_of(day, self.max_wait_minutes)) for day in counted]
        rates = _Rates(observed)
        slots = [self._slot(rates, starts) for starts in range(0, rates.horizon, self.slot_minutes)]
        means = _smoothed(slots)
        spread = self._resampled(rates, observed)
        return DemandEstimate(
            tuple(
                self._joined(slot, mean, sorted(several[number] for several in spread) or [mean], stated, rates)
                for number, (slot, mean) in enumerate(zip(slots, means, strict=True))
            ),
            len(counted),
        )

    def _slot(self, rates: "_Rates", starts: Minute, sampled: Mapping[Window, float] | None = None) -> "_SlotMass":
        """What the counts say of a slot; `sampled` has means of windows instead of those over all days."""
        minutes = range(starts, starts + self.slot_minutes)
        known = [rate for minute in minutes if (rate := rates.at(minute, sampled)) is not None]
        return _SlotMass(starts, self.slot_minutes, sum(known), len(known))

    def _resampled(self, rates: "_Rates", observed: Sequence[Sequence[Arrivals]]) -> list[list[float]]:
        """Smoothed slot means of days drawn again with replacement; a window that none of them has keeps its own mean."""
        chance = random.Random(self.seed)
        found = []
        for _ in range(self.resamples if observed else 0):
            drawn = chance.choices(observed, k=len(observed))
            means = {**rates.means, **_means(drawn)}
            slots = [self._slot(rates, starts, means) for starts in range(0, rates.horizon, self.slot_minutes)]
            found.append(_smoothed(slots))
        return found

    def _joined(
        self, slot: "_SlotMass", mean: float, spread: list[float], stated: Sequence[StatedSlot], rates: "_Rates"
    ) -> SlotEstimate:
        """Counts where there are any, the stated profile in the minutes where there are none."""
        minutes = range(slot.starts, slot.starts + slot.minutes)
        uncounted = [minute for minute in minutes if not rates.windows_at.get(minute)]
        said = [found.passengers / found.minutes for minute in uncounted if (found := _stated_at(stated, minute))]
        low, high = spread[len(spread) * 5 // 100], spread[min(len(spread) * 95 // 100, len(spread) - 1)]
        windows = {window for minute in minutes for window in rates.windows_at.get(minute, ())}
        return SlotEstimate(
            starts=slot.starts,
            minutes=slot.minutes,
            passengers=mean + sum(said),
            low=min(low, mean) + sum(said),
            high=max(high, mean) + sum(said),
            recorded_minutes=slot.known,
            stated_minutes=len(said),
            at_least=bool(windows) and windows <= rates.only_bounds,
        )


def arrivals_of(day: CountedDay, max_wait_minutes: int) -> Iterable[Arrivals]:
    """What each counted departure of a day shows.

    Who was left behind is counted where they were, and taken off the next departure if it comes within the longest wait:
    they are assumed to have waited for it, as in a day that is played.
    """
    before: StopCountsOfDeparture | None = None
    for departure in day.departures:
        since = departure.departs - max_wait_minutes if before is None else before.departs
        waited = before.left_behind if before and departure.departs - before.departs <= max_wait_minutes else 0.0
        window = (max(since, departure.departs - max_wait_minutes, 0), departure.departs)
        if departure.boardings is not None and window[0] < window[1]:
            number = max(0.0, departure.boardings - waited) + departure.left_behind
            yield Arrivals(window, number, departure.is_lower_bound)
        before = departure


def censored_poisson_mean(known: Sequence[float], bounds: Sequence[float]) -> float:
    """The most likely mean of a Poisson variable of which some values are known and others are only at least `bounds`.

    Expectation-maximisation; without any known value the likelihood has no maximum, and the mean of the bounds is given.
    """
    if not known:
        return sum(bounds) / len(bounds)
    mean = (sum(known) + sum(bounds)) / (len(known) + len(bounds))
    for _ in range(500 if bounds else 0):
        expected = sum(known) + sum(expected_at_least(bound, mean) for bound in bounds)
        better = expected / (len(known) + len(bounds))
        if abs(better - mean) < 1e-9 * max(1.0, mean):
            break
        mean = better
    return mean


def expected_at_least(bound: float, mean: float) -> float:
    """The expectation of a Poisson variable that is known to be at least `bound` (of which a fraction is kept as it is)."""
    least = int(bound)
    if mean <= 0:
        return bound
    weight, total, weighted, value = 1.0, 0.0, 0.0, least
    while weight > 1e-16 * total or value <= mean:
        total += weight
        weighted += weight * value
        value += 1
        weight *= mean / value
    return max(bound, weighted / total)


@dataclass(frozen=True)
class _SlotMass:
    """Passengers that the counts show in a slot, and in how many of its minutes they can show any."""

    starts: Minute
    minutes: int
    passengers: float
    known: int


class _Rates:
    """Passengers a minute, from the means of the windows that cover the minute, by how many days each was counted."""

    def __init__(self, observed: Sequence[Sequence[Arrivals]]) -> None:
        self.means = _means(observed)
        self.days: dict[Window, int] = defaultdict(int)
        self.only_bounds = set(self.means)
        for one in (arrivals for day in observed for arrivals in day):
            self.days[one.window] += 1
            if not one.at_least:
                self.only_bounds.discard(one.window)

    @cached_property
    def windows_at(self) -> Mapping[Minute, list[Window]]:
        """The windows that cover each minute; minute m stands for the time from m to m + 1."""
        found: dict[Minute, list[Window]] = defaultdict(list)
        for window in sorted(self.means):
            for minute in range(*window):
                found[minute].append(window)
        return dict(found)

    @property
    def horizon(self) -> Minute:
        """The first minute after the day, or after the last window where that is later."""
        return max([DAY, *(until for _, until in self.means)])

    def at(self, minute: Minute, means: Mapping[Window, float] | None = None) -> float | None:
        """Passengers in a minute, or None where no count can show any."""
        windows = self.windows_at.get(minute)
        if not windows:
            return None
        means = self.means if means is None else means
        rates = ((means[window] / (window[1] - window[0]), self.days[window]) for window in windows)
        return sum(rate * days for rate, days in rates) / sum(self.days[window] for window in windows)


def _means(observed: Iterable[Iterable[Arrivals]]) -> dict[Window, float]:
    known: dict[Window, list[float]] = defaultdict(list)
    bounds: dict[Window, list[float]] = defaultdict(list)
    for one in (arrivals for day in observed for arrivals in day):
        (bounds if one.at_least else known)[one.window].append(one.number)
    return {window: censored_poisson_mean(known[window], bounds[window]) for window in {*known, *bounds}}


def _smoothed(slots: Sequence[_SlotMass]) -> list[float]:
    """Each slot's passengers shared with its neighbours by 1, 2, 1 (by the minutes in which each can show any)."""
    found = [0.0] * len(slots)
    for position, slot in enumerate(slots):
        near = range(max(0, position - 1), min(len(slots), position + 2))
        weights = {other: (2 if other == position else 1) * slots[other].known for other in near}
        total = sum(weights.values())
        for other, weight in weights.items():
            found[other] += slot.passengers * weight / total if total else 0.0
    return found


def _stated_at(stated: Sequence[StatedSlot], minute: Minute) -> StatedSlot | None:
    return next((slot for slot in stated if slot.starts <= minute < slot.starts + slot.minutes), None)
