"""Demand estimation: a missing count is not zero, a full bus is a lower bound, and stated slots fill uncovered minutes."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.planning.demand.counts import CountedDay, StopCountsOfDeparture
from shuttle.domain.planning.demand.estimation import (
    Arrivals,
    DemandEstimate,
    Estimator,
    StatedSlot,
    arrivals_of,
)

MONDAY = date(2026, 11, 23)


def a_day(after: int = 0, **boardings: float | None) -> CountedDay:
    """Boardings by time: `a_day(t1000=3, t1200=None)`."""
    departures = (StopCountsOfDeparture(parse_time_of_day(time[1:]), number) for time, number in boardings.items())
    return CountedDay(MONDAY + timedelta(days=after), tuple(departures))


def slot(estimate: DemandEstimate, time: str) -> float:
    [passengers] = [slot.passengers for slot in estimate.slots if slot.starts == parse_time_of_day(time)]
    return passengers


def test_a_departure_observes_arrivals_since_the_one_before() -> None:
    day = a_day(t1000=4, t1200=6, t1500=3)
    assert [a.window for a in arrivals_of(day, 120)] == [(480, 600), (600, 720), (780, 900)]


def test_an_uncounted_departure_is_missing_and_not_zero() -> None:
    counted = [a_day(n, t1000=4.0, t1200=6.0) for n in range(5)]
    with_holes = [*counted, a_day(5, t1000=None, t1200=6.0), a_day(6, t1000=4.0, t1200=None)]
    assert Estimator().estimate(with_holes).passengers == pytest.approx(10)
    with_a_zero = [*counted, a_day(5, t1000=0.0, t1200=6.0)]
    assert Estimator().estimate(with_a_zero).passengers == pytest.approx(6 + 4 * 5 / 6)


def test_a_day_without_any_count_does_not_count() -> None:
    estimate = Estimator().estimate([a_day(0, t1000=4), a_day(1, t1000=None)])
    assert (estimate.days, round(estimate.passengers, 9)) == (1, 4)


def test_passengers_left_behind_are_counted_once() -> None:
    full = StopCountsOfDeparture(600, 8, left_behind=3, full=True)
    day = CountedDay(MONDAY, (full, StopCountsOfDeparture(660, 5)))
    assert list(arrivals_of(day, 120)) == [Arrivals((480, 600), 11, at_least=True), Arrivals((600, 660), 2)]
    much_later = CountedDay(MONDAY, (full, StopCountsOfDeparture(721, 5)))
    assert [arrivals.number for arrivals in arrivals_of(much_later, 120)] == [11, 5]


def test_full_departures_raise_the_estimate_above_the_mean_boardings() -> None:
    chance = random.Random(3)
    wishes = [sum(chance.random() < 0.1 for _ in range(80)) for _ in range(400)]
    days = [
        CountedDay(MONDAY + timedelta(days=n), (StopCountsOfDeparture(600, min(wish, 8), full=wish >= 8),))
        for n, wish in enumerate(wishes)
    ]
    mean = sum(wishes) / len(wishes)
    boarded = sum(min(wish, 8) for wish in wishes) / len(wishes)
    estimated = Estimator(resamples=1).estimate(days).passengers
    assert boarded < 0.9 * mean
    assert estimated == pytest.approx(mean, rel=0.05)


def test_a_slot_with_lower_bounds_only_is_marked_at_least() -> None:
    days = [CountedDay(MONDAY, (StopCountsOfDeparture(600, 8, full=True), StopCountsOfDeparture(660, 2)))]
    slots = {slot.starts: slot for slot in Estimator().estimate(days).slots}
    assert slots[540].at_least
    assert not slots[600].at_least


def test_evening_demand_is_zero_or_stated_where_no_bus_has_run() -> None:
    days = [a_day(n, t1000=4, t1830=6) for n in range(3)]
    assert slot(Estimator().estimate(days), "20:00") == 0
    [evening] = [s for s in Estimator().estimate(days).slots if s.starts == 20 * 60]
    assert (evening.recorded_minutes, evening.stated_minutes, evening.assumed) == (0, 0, True)
    joined = Estimator().estimate(days, [StatedSlot(19 * 60, 120, 5.0), StatedSlot(9 * 60, 60, 99.0)])
    assert slot(joined, "20:00") == pytest.approx(2.5)
    assert slot(joined, "09:00") == slot(Estimator().estimate(days), "09:00")


def test_a_slot_partly_covered_joins_both() -> None:
    """The departure at 18:30 covers the first half of the slot; the other half is stated."""
    [joined] = [
        s for s in Estimator().estimate([a_day(t1830=6)], [StatedSlot(18 * 60, 60, 4.0)]).slots if s.starts == 18 * 60
    ]
    assert (joined.recorded_minutes, joined.stated_minutes) == (30, 30)
    assert joined.passengers > 2.0


def test_an_estimate_without_counts_and_stated_slots_is_refused() -> None:
    with pytest.raises(Refused, match="no departure has been counted"):
        Estimator().estimate([a_day(t1000=None)])
    with pytest.raises(Invalid):
        Estimator(slot_minutes=7)


def test_intervals_narrow_with_more_days_and_repeat_with_the_seed() -> None:
    chance = random.Random(1)
    days = [a_day(n, t1000=float(chance.randint(0, 12))) for n in range(64)]

    def width(several: list[CountedDay]) -> float:
        return sum(slot.high - slot.low for slot in Estimator(resamples=100).estimate(several).slots)

    assert width(days) < width(days[:8])
    assert Estimator(seed=5).estimate(days[:8]) == Estimator(seed=5).estimate(days[:8])
    assert all(slot.low <= slot.passengers <= slot.high for slot in Estimator().estimate(days[:8]).slots)


times = st.lists(st.integers(20, 95).map(lambda n: n * 15), min_size=1, max_size=8, unique=True).map(sorted)


@given(
    times=times, numbers=st.lists(st.integers(0, 20), min_size=8, max_size=8), slot_minutes=st.sampled_from([15, 60])
)
def test_smoothing_keeps_the_total(times: list[int], numbers: list[int], slot_minutes: int) -> None:
    day = CountedDay(MONDAY, tuple(StopCountsOfDeparture(at, n) for at, n in zip(times, numbers, strict=False)))
    estimate = Estimator(slot_minutes=slot_minutes, resamples=1).estimate([day])
    assert estimate.passengers == pytest.approx(sum(numbers[: len(times)]))
