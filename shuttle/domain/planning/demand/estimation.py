"""Demand estimation: passengers per time slot, from counted boardings.

Boardings are not demand. Without a departure there are no boardings (missing, not zero); a full bus gives a lower bound; a
departure collects all passengers since the one before it. So a counted departure observes a window of arrivals, from the
departure before it (at most `max_wait_minutes` back) to itself.

The estimator: for each window, the mean of an interval-censored negative binomial variable over comparable days (`censored.py`); intervals
by a percentile bootstrap over whole days. Only the window is identified: where its passengers fall inside it is assumed, evenly, with
smoothing of neighbouring slots by weights 1, 2, 1 that keep the total. Minutes without any departure use a stated profile, and each slot
says so.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.planning.demand.censored import Boarded, Chain, Means, Window, chains, fitted, stepped
from shuttle.domain.planning.demand.counts import CountedDay, StopCountsOfDeparture

RESAMPLED_STEPS = 6
"""Steps of expectation-maximisation of a resample, from the means of all days."""


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


@dataclass(frozen=True, kw_only=True)
class WindowEstimate:
    """Passengers of a window a day, as counted, with a 5-95 % interval over `days` counted days. `at_least`: all were lower bounds."""

    window: Window
    passengers: float
    low: float
    high: float
    days: int
    at_least: bool = False


@dataclass(frozen=True)
class DemandEstimate:
    """Demand from one stop to another on one day type, from `days` counted days. `windows`: what the counts identify."""

    slots: tuple[SlotEstimate, ...]
    days: int
    windows: tuple[WindowEstimate, ...] = ()

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
        by_day = [chains(boarded_of(day, self.max_wait_minutes)) for day in counted]
        fit = fitted([chain for day in by_day for chain in day], _fewest(observed))
        rates = _Rates(observed, fit.of)
        slots = [self._slot(rates, starts) for starts in range(0, rates.horizon, self.slot_minutes)]
        means = _smoothed(slots)
        resamples = self._resampled(fit, by_day)
        spread = [
            _smoothed([self._slot(rates, starts, each) for starts in range(0, rates.horizon, self.slot_minutes)])
            for each in resamples
        ]
        return DemandEstimate(
            tuple(
                self._joined(slot, mean, sorted(several[number] for several in spread) or [mean], stated, rates)
                for number, (slot, mean) in enumerate(zip(slots, means, strict=True))
            ),
            len(counted),
            tuple(_window(window, rates, resamples) for window in sorted(rates.means)),
        )

    def _slot(self, rates: "_Rates", starts: Minute, sampled: Mapping[Window, float] | None = None) -> "_SlotMass":
        """The passengers of a slot by the counts; `sampled`: means of windows to use in place of those over all days."""
        minutes = range(starts, starts + self.slot_minutes)
        covered = [rate for minute in minutes if (rate := rates.at(minute, sampled)) is not None]
        return _SlotMass(starts, self.slot_minutes, sum(covered), len(covered))

    def _resampled(self, fit: Means, by_day: Sequence[Sequence[Chain]]) -> list[dict[Window, float]]:
        """Means of windows of bootstrap resamples of the days; a window in no resampled day keeps its mean."""
        chance = random.Random(self.seed)
        resamples = []
        for _ in range(self.resamples if by_day else 0):
            drawn = [chain for day in chance.choices(by_day, k=len(by_day)) for chain in day]
            resamples.append(stepped(drawn, fit, RESAMPLED_STEPS))
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
    """The fewest arrivals that each counted departure of a day observes.

    Passengers left behind count for the departure that left them, and are subtracted from the next one within the longest
    wait: they are assumed to board it, as in the simulation.
    """
    waiting = 0.0
    for each in boarded_of(day, max_wait_minutes):
        waited = waiting if each.others_wait else 0.0
        yield Arrivals(each.window, max(0.0, each.boardings - waited) + each.least, each.most != each.least)
        waiting = each.least


def boarded_of(day: CountedDay, max_wait_minutes: int) -> Iterator[Boarded]:
    """The counted departures of a day with their windows. Nobody is taken to wait from a departure that was not counted."""
    before: StopCountsOfDeparture | None = None
    for departure in day.departures:
        since = departure.departs - max_wait_minutes if before is None else before.departs
        window = (max(since, departure.departs - max_wait_minutes, 0), departure.departs)
        if departure.boardings is not None and window[0] < window[1]:
            near = before is not None and departure.departs - before.departs <= max_wait_minutes
            yield Boarded(
                window=window,
                boardings=departure.boardings,
                least=departure.left_behind,
                most=departure.most_behind,
                others_wait=near and before is not None and before.boardings is not None,
            )
        before = departure


@dataclass(frozen=True)
class _SlotMass:
    """Passengers of a slot by the counts; `covered`: the number of its minutes that a window covers."""

    starts: Minute
    minutes: int
    passengers: float
    covered: int


class _Rates:
    """Passengers per minute: means of the windows that cover the minute, weighted by their numbers of counted days."""

    def __init__(self, observed: Sequence[Sequence[Arrivals]], means: Mapping[Window, float]) -> None:
        self.means = means
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


def _fewest(observed: Iterable[Iterable[Arrivals]]) -> dict[Window, float]:
    """Mean of the fewest arrivals of each window."""
    numbers: dict[Window, list[float]] = defaultdict(list)
    for one in (arrivals for day in observed for arrivals in day):
        numbers[one.window].append(one.number)
    return {window: sum(several) / len(several) for window, several in numbers.items()}


def _window(window: Window, rates: _Rates, resamples: Sequence[Mapping[Window, float]]) -> WindowEstimate:
    mean = rates.means[window]
    spread = sorted(each[window] for each in resamples) or [mean]
    return WindowEstimate(
        window=window,
        passengers=mean,
        low=min(spread[len(spread) * 5 // 100], mean),
        high=max(spread[min(len(spread) * 95 // 100, len(spread) - 1)], mean),
        days=rates.days[window],
        at_least=window in rates.only_bounds,
    )


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
