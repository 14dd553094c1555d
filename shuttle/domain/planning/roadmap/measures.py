"""Measures of a step of a road: riders a week to a centre, the goal, and for how many weeks to count.

The goal is what low demand would bring. It takes so many weeks that the middle demand is told from the low one: with a one-sided
test at 5 % it is seen in 80 % of cases (normal approximation; the counts of a week vary OVERDISPERSION times as much as Poisson counts).
"""

from math import ceil

OVERDISPERSION = 2.0
"""Assumed variance of a week's count over its mean."""

FEWEST_WEEKS, MOST_WEEKS = 4, 52

_QUANTILES = 1.645 + 0.842
"""Standard normal quantiles of 95 % and 80 %."""


def weeks_to_count(expected: float, goal: float) -> int:
    """Weeks until `expected` riders a week are distinguishable from `goal` riders a week; MOST_WEEKS where both are (almost) equal."""
    difference = expected - goal
    if expected <= 0 or difference <= 1e-9:
        return MOST_WEEKS
    weeks = ceil((_QUANTILES / difference) ** 2 * OVERDISPERSION * expected - 1e-9)
    return min(MOST_WEEKS, max(FEWEST_WEEKS, weeks))
