"""Confidence intervals of mean boardings, and of a change between two means.

Boardings scatter more than Poisson counts: weather and pay days affect many passengers at once. The model is quasi-Poisson:
variance = phi x mean, phi from the data (Pearson's statistic, at least 1; McCullagh and Nelder, Generalized Linear Models,
2nd ed., 6.2.3). The limits of a mean are those of a Poisson total of T / phi events (Garwood 1936; chi-square quantiles by
Wilson and Hilferty 1931), with Student's t for the normal quantile because phi is estimated. A mean of 0 has limits too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum, pi, sqrt, tan
from statistics import NormalDist, fmean

LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean of `n` counts with its interval. `low` and `high` are None for a single count: its scatter is unknown."""

    n: int
    mean: float
    low: float | None
    high: float | None
    dispersion: float

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.mean:.1f}"
        return f"{self.mean:.1f} ({self.low:.1f} to {self.high:.1f})"


class ChangeVerdict(StrEnum):
    """Reading of an interval: above 0, below 0, or around 0 (chance alone may explain the change)."""

    MORE = "more"
    FEWER = "fewer"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, kw_only=True)
class MeanChange:
    """The mean after minus the mean before, in the unit of the counts, with its interval."""

    before: Mean
    after: Mean
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


def mean_of(counts: Sequence[float], level: float = LEVEL) -> Mean | None:
    """The mean of the counts with its interval; None for no counts (which differs from a mean of 0)."""
    n = len(counts)
    if n == 0:
        return None
    mean = fmean(counts)
    if n == 1:
        return Mean(n=1, mean=mean, low=None, high=None, dispersion=1.0)
    dispersion = dispersion_of(counts)
    quantile = student(0.5 + level / 2, n - 1)
    events = n * mean / dispersion
    low = dispersion / n * _chi_square(-quantile, 2 * events) / 2 if events else 0.0
    high = dispersion / n * _chi_square(quantile, 2 * events + 2) / 2
    return Mean(n=n, mean=mean, low=min(low, mean), high=max(high, mean), dispersion=dispersion)


def dispersion_of(counts: Sequence[float]) -> float:
    """Phi: Pearson's statistic over its degrees of freedom, at least 1; 1 for fewer than two counts or a mean of 0."""
    mean = fmean(counts)
    if mean == 0 or len(counts) < 2:
        return 1.0
    return max(1.0, sum((count - mean) ** 2 for count in counts) / mean / (len(counts) - 1))


def change(before: Sequence[float], after: Sequence[float], level: float = LEVEL) -> MeanChange | None:
    """The difference of two means with its interval; None when one of them has no counts.

    The interval combines those of the means (MOVER: Zou and Donner 2008, Statistics in Medicine 27:1693), so it is
    asymmetric where they are.
    """
    first, second = mean_of(before, level), mean_of(after, level)
    if first is None or second is None:
        return None
    difference = second.mean - first.mean
    if first.low is None or first.high is None or second.low is None or second.high is None:
        return MeanChange(before=first, after=second, difference=difference, low=None, high=None)
    low = difference - sqrt((second.mean - second.low) ** 2 + (first.high - first.mean) ** 2)
    high = difference + sqrt((second.high - second.mean) ** 2 + (first.mean - first.low) ** 2)
    return MeanChange(before=first, after=second, difference=difference, low=low, high=high)


def _chi_square(quantile: float, degrees: float) -> float:
    """The chi-square value at a normal quantile (Wilson and Hilferty 1931)."""
    spread = 2 / (9 * degrees)
    edge: float = max(1 - spread + quantile * sqrt(spread), 0.0)
    return degrees * edge * edge * edge


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
