"""Demand on buses that are full: the likelihood is that of every possible queue, and the estimate is near the truth."""

import math
import random
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.planning.demand.censored import GONE, Boarded, Means, _expected, chains
from shuttle.domain.planning.demand.counts import CountedDay, StopCountsOfDeparture
from shuttle.domain.planning.demand.estimation import Estimator

TIMES, SEATS, SIZE = (600, 720, 900, 1020, 1110), 8, 5.0
CLASSES = ((0, 0), (1, 1), (2, 2), (3, 5), (6, 25))


def density(number: float, mean: float) -> float:
    share = mean / (SIZE + mean)
    ways: float = math.exp(math.lgamma(number + SIZE) - math.lgamma(SIZE) - math.lgamma(number + 1))
    none: float = (1 - share) ** SIZE
    each: float = share**number
    return ways * none * each


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 8), st.sampled_from(CLASSES)), min_size=1, max_size=3), st.floats(1, 12))
def test_expectation_and_likelihood_are_sums_over_every_queue(
    day: list[tuple[int, tuple[int, int]]], mean: float
) -> None:
    windows = [(60 * n, 60 * n + 60) for n in range(len(day))]
    chain = tuple(
        Boarded(window, boardings, least, most, others_wait=n > 0)
        for n, (window, (boardings, (least, most))) in enumerate(zip(windows, day, strict=True))
    )
    total, weighted = 0.0, [0.0] * len(chain)
    for queues in product(*(range(int(each.least), int(each.most or 0) + 1) for each in chain)):
        weight, waiting, arrivals = 1.0, 0, []
        for each, behind in zip(chain, queues, strict=True):
            number = each.boardings + behind - waiting
            weight *= density(max(0.0, number), mean) * (GONE if number < 0 else 1.0)
            arrivals.append(max(0.0, number))
            waiting = behind
        total += weight
        weighted = [sum_ + weight * number for sum_, number in zip(weighted, arrivals, strict=True)]
    expected, likelihood = _expected(chain, Means(dict.fromkeys(windows, mean), SIZE))
    assert likelihood == pytest.approx(math.log(total), abs=1e-4)
    assert expected == pytest.approx([each / total for each in weighted], rel=1e-3, abs=1e-3)


def counted_days(chance: random.Random, means: tuple[float, ...], number: int, asked: bool) -> list[CountedDay]:
    """Days of a bus with SEATS seats; who finds none waits for the next one within two hours."""
    days = []
    for at in range(number):
        waiting, departures = 0, []
        for n, (departs, mean) in enumerate(zip(TIMES, means, strict=True)):
            if n and departs - TIMES[n - 1] > 120:
                waiting = 0
            here = waiting + _arrivals(chance, mean)
            behind = max(0, here - SEATS)
            least, most = next((low, high) for low, high in (*CLASSES[:4], (6, None)) if high is None or behind <= high)
            departures.append(
                StopCountsOfDeparture(
                    departs=departs,
                    boardings=here - behind,
                    left_behind=least if asked else 0,
                    full=here >= SEATS,
                    left_most=most if asked else None,
                )
            )
            waiting = behind
        days.append(CountedDay(date(2026, 1, 5) + timedelta(at), tuple(departures)))
    return days


def _arrivals(chance: random.Random, mean: float) -> int:
    rate, passed, number = chance.gammavariate(SIZE, mean / SIZE), chance.expovariate(1), 0
    while passed < rate:
        passed += chance.expovariate(1)
        number += 1
    return number


@pytest.mark.parametrize("means", [(4.0,) * 5, (8.0,) * 5, (4.0, 6.0, 16.0, 6.0, 4.0)])
@pytest.mark.parametrize("asked", [True, False])
def test_demand_up_to_twice_the_seats_is_estimated_within_5_percent(means: tuple[float, ...], asked: bool) -> None:
    estimates = [
        Estimator(resamples=0).estimate(counted_days(random.Random(seed), means, 60, asked)).passengers
        for seed in range(6)
    ]
    assert sum(estimates) / len(estimates) == pytest.approx(sum(means), rel=0.05)


def test_a_queue_ends_where_nobody_was_left_or_the_next_bus_is_too_late() -> None:
    free, full = Boarded((0, 60), 4), Boarded((0, 60), 8, 3, 5)
    after, later = Boarded((60, 120), 2, others_wait=True), Boarded((60, 120), 2)
    assert [len(chain) for chain in chains([free, after])] == [1, 1]
    assert [len(chain) for chain in chains([full, after])] == [2]
    assert [len(chain) for chain in chains([full, later])] == [1, 1]


def test_the_identified_windows_have_intervals_of_their_own() -> None:
    estimate = Estimator(resamples=50).estimate(counted_days(random.Random(1), (4.0,) * 5, 40, True))
    assert [each.window for each in estimate.windows] == [(480, 600), (600, 720), (780, 900), (900, 1020), (1020, 1110)]
    assert all(each.low <= each.passengers <= each.high and each.days == 40 for each in estimate.windows)
