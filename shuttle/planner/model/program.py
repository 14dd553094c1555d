"""A linear program over 0-1 choices, written once for both provers.

Every row knows the requirement that it states (or none, where it is part of what the question means), so that a subset of the
requirements can be solved without building anything again. Variables are numbered; all are between 0 and 1 unless said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

Terms = list[tuple[int, float]]
INFINITY = float("inf")

SAME = 1e-9
"""By how much a row may be missed through arithmetic alone."""


@dataclass(frozen=True)
class Row:
    """low <= sum of terms <= high; `requirement` names the requirement that it states, "" where it always holds."""

    terms: tuple[tuple[int, float], ...]
    low: float
    high: float
    requirement: str = ""

    def holds(self, values: Sequence[float]) -> bool:
        amount = sum(amount * values[index] for index, amount in self.terms)
        return self.low - SAME <= amount <= self.high + SAME


@dataclass(kw_only=True)
class Program:
    """`upper[i]`: the largest value of variable i; `choice[i]`: whether it must be whole; `steps[i]`: where it need not be, into
    how many equal steps one may be cut without losing an optimum (for a prover that knows whole numbers only).
    """

    upper: list[float] = field(default_factory=list)
    choice: list[bool] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    cost: dict[int, float] = field(default_factory=dict)
    constant: float = 0.0

    def variable(self, choice: bool = True, upper: float = 1.0, steps: int = 1) -> int:
        self.upper.append(upper)
        self.choice.append(choice)
        self.steps.append(steps)
        return len(self.upper) - 1

    def at_least(self, terms: Terms, low: float, requirement: str = "") -> None:
        self.rows.append(Row(tuple(terms), low, INFINITY, requirement))

    def at_most(self, terms: Terms, high: float, requirement: str = "") -> None:
        self.rows.append(Row(tuple(terms), -INFINITY, high, requirement))

    def equal(self, terms: Terms, value: float, requirement: str = "") -> None:
        self.rows.append(Row(tuple(terms), value, value, requirement))

    def pay(self, variable: int, amount: float) -> None:
        """Add to the cost of a variable."""
        if amount:
            self.cost[variable] = self.cost.get(variable, 0.0) + amount

    def holding(self, values: Sequence[float]) -> frozenset[str]:
        """The requirements whose rows all hold at a point. A wish that is paid for counts as holding."""
        named = {row.requirement for row in self.rows if row.requirement}
        broken = {row.requirement for row in self.rows if row.requirement and not row.holds(values)}
        return frozenset(named - broken)
