"""Confidence intervals of weekly means: hand-computed examples, and coverage on simulated weeks whose true mean is set."""

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.ridership.statistics import (
    ChangeVerdict,
    Week,
    change,
    detectable,
    effect,
    student,
    weekly_mean,
)

totals = st.lists(st.integers(0, 400), min_size=1, max_size=30)


def weeks(*numbers: float) -> list[Week]:
    return [Week(number) for number in numbers]


def draw(chance: random.Random, mean: float, number: int) -> list[Week]:
    """Weeks of 20 departures that share the effect of the week."""
    drawn = (mean * chance.lognormvariate(-0.02, 0.2) for _ in range(number))
    return [Week(sum(chance.gauss(each, each**0.5) for _ in range(20)), 20) for each in drawn]


def test_an_interval_by_hand() -> None:
    mean = weekly_mean(weeks(10, 12, 14, 16))
    assert mean is not None
    assert mean.mean == 13
    assert mean.low == pytest.approx(13 - 3.182 * (20 / 3 / 4) ** 0.5, abs=0.01)
    assert mean.high == pytest.approx(13 + 3.182 * (20 / 3 / 4) ** 0.5, abs=0.01)


def test_three_weeks_have_a_mean_and_no_interval() -> None:
    mean = weekly_mean(weeks(10, 12, 14))
    assert mean is not None
    assert (mean.mean, mean.low, mean.high) == (12, None, None)
    assert weekly_mean([]) is None
    assert weekly_mean([Week(0, 0)]) is None


def test_a_mean_of_0_has_limits_too() -> None:
    mean = weekly_mean([Week(0, 20)] * 4)
    assert mean is not None
    assert mean.low == 0
    assert mean.high == pytest.approx(-log(0.025) / 80)


def test_the_interval_covers_the_true_mean_at_its_level() -> None:
    chance = random.Random(7)
    covered = 0
    for _ in range(1000):
        mean = weekly_mean(draw(chance, 4.0, 6))
        assert mean is not None
        assert mean.low is not None
        assert mean.high is not None
        covered += mean.low <= 4.0 <= mean.high
    assert 0.93 <= covered / 1000 <= 0.97


def test_no_change_is_seldom_read_as_one_and_a_doubling_nearly_always() -> None:
    chance = random.Random(11)
    seen = {
        ratio: sum(
            each is not None and each.verdict is not ChangeVerdict.UNCERTAIN
            for each in (change(draw(chance, 4, 8), draw(chance, 4 * ratio, 8)) for _ in range(300))
        )
        for ratio in (1, 2)
    }
    assert seen[1] / 300 <= 0.06
    assert seen[2] / 300 >= 0.95


def test_a_season_that_the_control_shares_is_no_effect() -> None:
    before, after = weeks(100, 104, 96, 100), weeks(80, 83, 77, 80)
    shared = effect(before, after, before, after)
    assert shared is not None
    assert shared.difference == pytest.approx(0)
    assert shared.verdict is ChangeVerdict.UNCERTAIN
    alone = effect(before, after, before, before)
    assert alone is not None
    assert alone.difference == pytest.approx(-0.2)
    assert effect(before, after, before[:3], after) is None


def test_more_weeks_show_smaller_changes() -> None:
    before = weeks(100, 120, 90, 110, 105, 95)
    short, long = detectable(before, 4), detectable(before, 26)
    assert short is not None
    assert long is not None
    assert long < short
    assert detectable(before, 3) is None


@given(totals)
def test_the_mean_lies_within_its_limits(numbers: list[int]) -> None:
    mean = weekly_mean(weeks(*numbers))
    assert mean is not None
    if mean.low is not None and mean.high is not None:
        assert 0 <= mean.low <= mean.mean <= mean.high


@pytest.mark.parametrize(
    ("probability", "degrees", "quantile"),
    [(0.975, 1, 12.706), (0.975, 2, 4.303), (0.975, 3, 3.182), (0.975, 5, 2.571), (0.975, 25, 2.060), (0.8, 10, 0.879)],
)
def test_student_s_quantiles_are_those_of_the_tables(probability: float, degrees: int, quantile: float) -> None:
    assert student(probability, degrees) == pytest.approx(quantile, rel=0.002)
