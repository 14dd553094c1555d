"""Rows of a benchmark's table: one per figure, with its bound ("must") and whether it is met."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

T = TypeVar("T")

SLACK = 1.10
"""Tolerance of a bound, as a factor, since the machine may be shared."""


@dataclass(frozen=True)
class Row:
    """One figure. `must` is its bound in words, empty without one; `met` allows for the slack."""

    name: str
    value: float
    unit: str
    must: str = ""
    met: bool = True
    spread: tuple[float, float] | None = None
    """The lowest and the highest of the rounds."""


def at_least(name: str, values: Sequence[float], unit: str, must: float) -> Row:
    """The median of the rounds, which must not be below a bound."""
    value = median(values)
    return Row(name, value, unit, f">= {must:g}", value * SLACK >= must, (min(values), max(values)))


def at_most(name: str, values: Sequence[float], unit: str, must: float) -> Row:
    """The median of the rounds, which must not be above a bound."""
    value = median(values)
    return Row(name, value, unit, f"<= {must:g}", value <= must * SLACK, (min(values), max(values)))


def measured(name: str, values: Sequence[float], unit: str) -> Row:
    """The median of the rounds, without a bound: context for other rows."""
    return Row(name, median(values), unit, spread=(min(values), max(values)))


def in_turn(rounds: int, *measures: Callable[[], T]) -> list[list[T]]:
    """Each measure once per round, in alternating order; for each measure its results, round by round."""
    results: list[list[T]] = [[] for _ in measures]
    for number in range(rounds):
        order = list(enumerate(measures))
        for index, measure in order if number % 2 == 0 else reversed(order):
            results[index].append(measure())
    return results
