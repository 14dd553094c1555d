"""Confidence intervals: their coverage on simulated seasons whose true mean is set."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.ridership.statistics import ChangeVerdict, change, mean_of, student

counts = st.lists(st.integers(0, 40), min_size=2, max_size=40)


def season(chance: random.Random, mean: float, dispersion: float, departures: int) -> list[int]:
    """Boardings whose variance is `dispersion` times their mean: Poisson counts with gamma-distributed means."""
    boardings = []
    for _ in range(departures):
        drawn = chance.gammavariate(mean / (dispersion - 1), dispersion - 1) if dispersion > 1 else mean
        boardings.append(_poisson(chance, drawn))
    return boardings


def _poisson(chance: random.Random, mean: float) -> int:
    passed, count = chance.expovariate(1), 0
    while passed < mean:
        passed += chance.expovariate(1)
        count += 1
    return count


@pytest.mark.parametrize("dispersion", [1.0, 2.5])
@pytest.mark.parametrize(("mean", "departures"), [(0.3, 20), (4.0, 10), (4.0, 60)])
def test_the_interval_covers_the_true_mean_nearly_at_its_level(mean: float, departures: int, dispersion: float) -> None:
    chance = random.Random(7)
    covered = 0
    for _ in range(600):
        estimate = mean_of(season(chance, mean, dispersion, departures))
        assert estimate is not None
        assert estimate.low is not None
        assert estimate.high is not None
        covered += estimate.low <= mean <= estimate.high
    assert covered / 600 >= 0.90


def test_a_poisson_interval_would_not_cover_it() -> None:
    """The reason for the over-dispersion: without it, one season in five or more misses the true mean."""
    chance = random.Random(7)
    covered = 0
    for _ in range(600):
        mean = sum(season(chance, 4.0, 4.0, 40)) / 40
        covered += abs(mean - 4.0) <= 1.96 * (mean / 40) ** 0.5
    assert covered / 600 < 0.80


def test_a_doubling_is_nearly_always_detected_and_no_change_seldom() -> None:
    chance = random.Random(11)
    detected = {
        ratio: sum(
            each is not None and each.verdict is not ChangeVerdict.UNCERTAIN
            for each in (change(season(chance, 4, 2, 50), season(chance, 4 * ratio, 2, 50)) for _ in range(300))
        )
        for ratio in (1, 2)
    }
    assert detected[1] <= 30
    assert detected[2] >= 285


@given(counts)
def test_the_mean_lies_in_its_interval_which_widens_with_the_level(boardings: list[int]) -> None:
    narrow, wide = mean_of(boardings, 0.8), mean_of(boardings, 0.99)
    assert narrow is not None
    assert wide is not None
    assert narrow.low is not None and narrow.high is not None
    assert wide.low is not None and wide.high is not None
    assert 0 <= wide.low <= narrow.low <= narrow.mean <= narrow.high <= wide.high


@given(counts, counts)
def test_a_change_reversed_has_the_other_sign(before: list[int], after: list[int]) -> None:
    there, back = change(before, after), change(after, before)
    assert there is not None
    assert back is not None
    assert there.low is not None
    assert back.high is not None
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high)


def test_twenty_empty_departures_have_an_interval_and_a_single_one_none() -> None:
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
