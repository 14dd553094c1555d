"""Demand estimation: passengers per time slot, from counted boardings.

Boardings are not demand. Without a departure there are no boardings (missing, not zero); a full bus gives a lower bound; a
departure collects all passengers since the one before it. So a counted departure observes a window of arrivals, from the
departure before it (at most `max_wait_minutes` back) to itself.

The estimator: for each window, the mean of a right-censored Poisson variable over comparable days (expectation-maximisation),
spread evenly over its minutes; smoothing of neighbouring slots by weights 1, 2, 1 that keep the total; intervals by a
percentile bootstrap over whole days. Minutes without any departure use a stated profile, and each slot says so.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.planning.demand.counts import CountedDay, StopCountsOfDeparture

Window = tuple[Minute, Minute]
"""From and to: the minutes in which the passengers of a departure became ready."""


@dataclass(frozen=True)
class Arrivals:
    """Passengers who became ready in a window of one day; `at_least`: the number is a lower bound."""

    window: Window
    number: float
    at_least: bool = False


@dataclass(frozen=True)
class StatedSlot:
    """Passengers stated by a planner for a slot, used in minutes that no count covers."""

    starts: Minute
    minutes: int
    passengers: float


@dataclass(frozen=True, kw_only=True)
class SlotEstimate:
    """Passengers of a slot with a 5-95 % interval over days.

    `recorded_minutes`: minutes covered by counts. `stated_minutes`: minutes from a stated profile. `at_least`: all its counts
    were lower bounds.
    """

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
        """True when some of its minutes are not covered by counts."""
        return self.recorded_minutes < self.minutes


@dataclass(frozen=True)
class DemandEstimate:
    """Demand from one stop to another on one day type, from `days` counted days."""

    slots: tuple[SlotEstimate, ...]
    days: int

    @property
    def passengers(self) -> float:
        return sum(slot.passengers for slot in self.slots)


@dataclass(frozen=True)
class Estimator:
    """The parameters of an estimate; equal parameters and days give an equal estimate. Raises Invalid (`bad-estimator`)."""

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
        """Demand per slot from 00:00 to the end of the day, or of the last window where that is later.

        Raises Refused (`no-counts`) without any count and stated slot.
        """
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
        """The passengers of a slot by the counts; `sampled`: means of windows to use in place of those over all days."""
        minutes = range(starts, starts + self.slot_minutes)
        covered = [rate for minute in minutes if (rate := rates.at(minute, sampled)) is not None]
        return _SlotMass(starts, self.slot_minutes, sum(covered), len(covered))

    def _resampled(self, rates: "_Rates", observed: Sequence[Sequence[Arrivals]]) -> list[list[float]]:
        """Smoothed slot means of bootstrap resamples of the days; a window in no resampled day keeps its mean."""
        chance = random.Random(self.seed)
        resamples = []
        for _ in range(self.resamples if observed else 0):
            drawn = chance.choices(observed, k=len(observed))
            means = {**rates.means, **_means(drawn)}
            slots = [self._slot(rates, starts, means) for starts in range(0, rates.horizon, self.slot_minutes)]
            resamples.append(_smoothed(slots))
        return resamples

    def _joined(
        self, slot: "_SlotMass", mean: float, spread: list[float], stated: Sequence[StatedSlot], rates: "_Rates"
    ) -> SlotEstimate:
        """The estimate of a slot: counts where they cover it, the stated profile in the other minutes."""
        minutes = range(slot.starts, slot.starts + slot.minutes)
        uncounted = [minute for minute in minutes if not rates.windows_at.get(minute)]
        profile = [each.passengers / each.minutes for minute in uncounted if (each := _stated_at(stated, minute))]
        low, high = spread[len(spread) * 5 // 100], spread[min(len(spread) * 95 // 100, len(spread) - 1)]
        windows = {window for minute in minutes for window in rates.windows_at.get(minute, ())}
        return SlotEstimate(
            starts=slot.starts,
            minutes=slot.minutes,
            passengers=mean + sum(profile),
            low=min(low, mean) + sum(profile),
            high=max(high, mean) + sum(profile),
            recorded_minutes=slot.covered,
            stated_minutes=len(profile),
            at_least=bool(windows) and windows <= rates.only_bounds,
        )


def arrivals_of(day: CountedDay, max_wait_minutes: int) -> Iterable[Arrivals]:
    """The arrivals that each counted departure of a day observes.

    Passengers left behind count for the departure that left them, and are subtracted from the next one within the longest
    wait: they are assumed to board it, as in the simulation.
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


def censored_poisson_mean(exact: Sequence[float], bounds: Sequence[float]) -> float:
    """The maximum-likelihood mean of a Poisson variable, from `exact` values and right-censored ones (at least `bounds`).

    Expectation-maximisation. Without any exact value the likelihood has no maximum; the result is then the mean of the bounds.
    """
    if not exact:
        return sum(bounds) / len(bounds)
    mean = (sum(exact) + sum(bounds)) / (len(exact) + len(bounds))
    for _ in range(500 if bounds else 0):
        expected = sum(exact) + sum(expected_at_least(bound, mean) for bound in bounds)
        better = expected / (len(exact) + len(bounds))
        if abs(better - mean) < 1e-9 * max(1.0, mean):
            break
        mean = better
    return mean


def expected_at_least(bound: float, mean: float) -> float:
    """The expectation of a Poisson variable, given that it is at least `bound` (never below `bound`, which may be a fraction)."""
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
    """Passengers of a slot by the counts; `covered`: the number of its minutes that a window covers."""

    starts: Minute
    minutes: int
    passengers: float
    covered: int


class _Rates:
    """Passengers per minute: means of the windows that cover the minute, weighted by their numbers of counted days."""

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
        by_minute: dict[Minute, list[Window]] = defaultdict(list)
        for window in sorted(self.means):
            for minute in range(*window):
                by_minute[minute].append(window)
        return dict(by_minute)

    @property
    def horizon(self) -> Minute:
        """The first minute after the day, or after the last window where that is later."""
        return max([DAY, *(until for _, until in self.means)])

    def at(self, minute: Minute, means: Mapping[Window, float] | None = None) -> float | None:
        """Passengers in a minute; None when no window covers it."""
        windows = self.windows_at.get(minute)
        if not windows:
            return None
        means = self.means if means is None else means
        rates = ((means[window] / (window[1] - window[0]), self.days[window]) for window in windows)
        return sum(rate * days for rate, days in rates) / sum(self.days[window] for window in windows)


def _means(observed: Iterable[Iterable[Arrivals]]) -> dict[Window, float]:
    exact: dict[Window, list[float]] = defaultdict(list)
    bounds: dict[Window, list[float]] = defaultdict(list)
    for one in (arrivals for day in observed for arrivals in day):
        (bounds if one.at_least else exact)[one.window].append(one.number)
    return {window: censored_poisson_mean(exact[window], bounds[window]) for window in {*exact, *bounds}}


def _smoothed(slots: Sequence[_SlotMass]) -> list[float]:
    """Each slot's passengers divided between it and its neighbours by 1, 2, 1 times their covered minutes."""
    smoothed = [0.0] * len(slots)
    for position, slot in enumerate(slots):
        near = range(max(0, position - 1), min(len(slots), position + 2))
        weights = {other: (2 if other == position else 1) * slots[other].covered for other in near}
        total = sum(weights.values())
        for other, weight in weights.items():
            smoothed[other] += slot.passengers * weight / total if total else 0.0
    return smoothed


def _stated_at(stated: Sequence[StatedSlot], minute: Minute) -> StatedSlot | None:
    return next((slot for slot in stated if slot.starts <= minute < slot.starts + slot.minutes), None)
