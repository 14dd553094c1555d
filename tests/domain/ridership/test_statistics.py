"""Intervals keep their promise: tried on made-up seasons whose truth is known."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.ridership.statistics import Verdict, change, mean_of, student

counts = st.lists(st.integers(0, 40), min_size=2, max_size=40)


def season(chance: random.Random, mean: float, dispersion: float, departures: int) -> list[int]:
    """Boardings whose variance is `dispersion` times their mean: a Poisson count of a gamma distributed pull."""
    found = []
    for _ in range(departures):
        pull = chance.gammavariate(mean / (dispersion - 1), dispersion - 1) if dispersion > 1 else mean
        found.append(_poisson(chance, pull))
    return found


def _poisson(chance: random.Random, mean: float) -> int:
    passed, count = chance.expovariate(1), 0
    while passed < mean:
        passed += chance.expovariate(1)
        count += 1
    return count


@pytest.mark.parametrize("dispersion", [1.0, 2.5])
@pytest.mark.parametrize(("mean", "departures"), [(0.3, 20), (4.0, 10), (4.0, 60)])
def test_the_interval_holds_the_truth_nearly_as_often_as_it_promises(
    mean: float, departures: int, dispersion: float
) -> None:
    chance = random.Random(7)
    held = 0
    for _ in range(600):
        found = mean_of(season(chance, mean, dispersion, departures))
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= mean <= found.high
    assert held / 600 >= 0.90


def test_a_poisson_interval_would_not_hold_it() -> None:
    """What the over-dispersion is for: without it, one season in five or more misses the truth."""
    chance = random.Random(7)
    held = 0
    for _ in range(600):
        found = season(chance, 4.0, 4.0, 40)
        mean = sum(found) / 40
        held += abs(mean - 4.0) <= 1.96 * (mean / 40) ** 0.5
    assert held / 600 < 0.80


def test_no_change_is_seldom_called_a_change_and_a_doubling_nearly_always() -> None:
    chance = random.Random(11)
    called = {
        ratio: sum(
            found is not None and found.verdict is not Verdict.UNCERTAIN
            for found in (change(season(chance, 4, 2, 50), season(chance, 4 * ratio, 2, 50)) for _ in range(300))
        )
        for ratio in (1, 2)
    }
    assert called[1] <= 30
    assert called[2] >= 285


@given(counts)
def test_the_mean_lies_in_its_interval_and_a_surer_interval_is_wider(found: list[int]) -> None:
    narrow, wide = mean_of(found, 0.8), mean_of(found, 0.99)
    assert narrow is not None
    assert wide is not None
    assert narrow.low is not None and narrow.high is not None
    assert wide.low is not None and wide.high is not None
    assert 0 <= wide.low <= narrow.low <= narrow.mean <= narrow.high <= wide.high


@given(counts, counts)
def test_a_change_turned_round_is_the_same_change_with_the_other_sign(before: list[int], after: list[int]) -> None:
    there, back = change(before, after), change(after, before)
    assert there is not None
    assert back is not None
    assert there.low is not None
    assert back.high is not None
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high)


def test_twenty_empty_departures_are_evidence_and_one_says_nothing_of_its_scatter() -> None:
    empty = mean_of([0] * 20)
    assert empty is not None
    assert (empty.mean, empty.low) == (0, 0)
    assert empty.high == pytest.approx(0.2, abs=0.03)  # Garwood: 3.69 / 20, a little more for the estimated scatter
    alone = mean_of([7])
    assert alone is not None
    assert (alone.low, alone.high) == (None, None)
    assert mean_of([]) is None
    assert change([1, 2], []) is None


@pytest.mark.parametrize(
    ("degrees", "value"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042)]
)
def test_students_quantile_is_that_of_the_tables(degrees: int, value: float) -> None:
    assert student(0.975, degrees) == pytest.approx(value, rel=0.01)
