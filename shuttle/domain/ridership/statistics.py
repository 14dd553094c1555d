"""Confidence intervals of weekly means, of a change between two periods, and of an effect against a control.

Passengers of one week share its weather, its pay day and its events, so departures of a week are not independent. The unit is
therefore the week: the interval of a ratio of weekly totals is that of a cluster sample (Cochran, Sampling Techniques, 3rd ed.,
2.11 and 6.3) with Student's t on one degree of freedom less than there are weeks. Under LEAST_WEEKS weeks there is no interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import exp, fsum, log, pi, sqrt, tan
from statistics import NormalDist

LEVEL = 0.95
LEAST_WEEKS = 4


@dataclass(frozen=True)
class Week:
    """A week's total (riders, say) and its base: the number of counted departures, or 1 for a total of the week itself."""

    total: float
    base: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Total over base of several weeks, with its interval; `low` and `high` are None under LEAST_WEEKS weeks.

    `error`: its standard error, None likewise.
    """

    weeks: int
    mean: float
    low: float | None
    high: float | None
    error: float | None


class ChangeVerdict(StrEnum):
    """Reading of an interval: above 0, below 0, or around 0 (chance alone may explain the change)."""

    MORE = "more"
    FEWER = "fewer"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True)
class MeanChange:
    """The mean after minus the mean before, with its interval; in the unit of the means, or as a share of before."""

    difference: float
    low: float | None
    high: float | None

    @property
    def verdict(self) -> ChangeVerdict:
        if self.low is not None and self.low > 0:
            return ChangeVerdict.MORE
        if self.high is not None and self.high < 0:
            return ChangeVerdict.FEWER
        return ChangeVerdict.UNCERTAIN


def weekly_mean(weeks: Sequence[Week], level: float = LEVEL) -> Mean | None:
    """The mean of the weeks with its interval, from 0 upwards; None without a base (which differs from a mean of 0).

    Where every total is 0, the upper limit is that of a Poisson total of no event.
    """
    weeks = [week for week in weeks if week.base > 0]
    base = fsum(week.base for week in weeks)
    if not base:
        return None
    n, mean = len(weeks), fsum(week.total for week in weeks) / base
    if n < LEAST_WEEKS:
        return Mean(weeks=n, mean=mean, low=None, high=None, error=None)
    if mean == 0:
        return Mean(weeks=n, mean=0.0, low=0.0, high=-log((1 - level) / 2) / base, error=0.0)
    error = sqrt(n / (n - 1) * fsum((week.total - mean * week.base) ** 2 for week in weeks)) / base
    margin = student(0.5 + level / 2, n - 1) * error
    return Mean(weeks=n, mean=mean, low=max(mean - margin, 0.0), high=mean + margin, error=error)


def change(before: Sequence[Week], after: Sequence[Week], level: float = LEVEL) -> MeanChange | None:
    """The difference of two means with its interval (Welch 1947); None when one of them has no base."""
    first, second = weekly_mean(before, level), weekly_mean(after, level)
    if first is None or second is None:
        return None
    difference = second.mean - first.mean
    if first.error is None or second.error is None:
        return MeanChange(difference=difference, low=None, high=None)
    margin = _margin([(first.error, first.weeks), (second.error, second.weeks)], level)
    return MeanChange(difference=difference, low=difference - margin, high=difference + margin)


def effect(
    before: Sequence[Week],
    after: Sequence[Week],
    control_before: Sequence[Week],
    control_after: Sequence[Week],
    level: float = LEVEL,
) -> MeanChange | None:
    """The change as a share of before, less the change that the control had: a difference in differences of logarithms.

    The control is the same weeks a year earlier, or departures that the change did not touch: what both share (season, holidays,
    weather) cancels. None where a mean is missing or 0, or has too few weeks for an interval.
    """
    means = [weekly_mean(weeks, level) for weeks in (before, after, control_before, control_after)]
    if any(mean is None or mean.error is None or mean.mean == 0 for mean in means):
        return None
    errors, logs = [], []
    for mean in means:
        assert mean is not None
        assert mean.error is not None
        errors.append((mean.error / mean.mean, mean.weeks))
        logs.append(log(mean.mean))
    shift = logs[1] - logs[0] - (logs[3] - logs[2])
    margin = _margin(errors, level)
    low, middle, high = (exp(value) - 1 for value in (shift - margin, shift, shift + margin))
    return MeanChange(difference=middle, low=low, high=high)


def detectable(before: Sequence[Week], weeks_after: int, power: float = 0.8, level: float = LEVEL) -> float | None:
    """The smallest change of the mean that as many weeks after would show with probability `power`; None under LEAST_WEEKS weeks.

    The weeks after are taken to scatter like those before (Cohen 1988, 2.4).
    """
    first = weekly_mean(before, level)
    if first is None or first.error is None or weeks_after < LEAST_WEEKS:
        return None
    error = first.error * sqrt(1 + first.weeks / weeks_after)
    degrees = first.weeks + weeks_after - 2
    return error * (student(0.5 + level / 2, degrees) + student(power, degrees))


def _margin(errors: Sequence[tuple[float, int]], level: float) -> float:
    """Half the width of the interval of a sum of independent terms, each with its standard error and weeks.

    The degrees of freedom are those of the term with the fewest weeks: with few weeks Satterthwaite's are too many.
    """
    error = sqrt(fsum(each**2 for each, _ in errors))
    return student(0.5 + level / 2, min(weeks for _, weeks in errors) - 1) * error


def student(probability: float, degrees: int) -> float:
    """Student's t quantile (Cornish and Fisher's expansion, Abramowitz and Stegun 26.7.5; exact for 1 and 2 degrees)."""
    if degrees == 1:
        return tan(pi * (probability - 0.5))
    if degrees == 2:
        a = 4 * probability * (1 - probability)
        return 2 * (probability - 0.5) * sqrt(2 / a)
    z = NormalDist().inv_cdf(probability)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + fsum(term / float(degrees) ** (power + 1) for power, term in enumerate(terms))
