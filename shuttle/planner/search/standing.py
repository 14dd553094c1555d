"""How far one alternative is: the best timetable found for a limit of the front, and what no timetable stays below.

All costs here are of the day as it is played, with the penalty of the wishes that are broken. A bound is one of any model that costs
no more than the played day: the waiting with seats for everybody, the seating, their relaxations. An alternative is *settled* when
nothing more is to be expected of it: it is proven, or its bound is the seating's own optimum and the search has ended, or another
prover too says that there is none.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from shuttle.domain.planning.proposals import Assessment
from shuttle.planner.search.exchange import Choice

if TYPE_CHECKING:
    from shuttle.planner.duties.set_partitioning import DutyPlan

SAME = 1e-6
"""Relative difference below which a cost and its bound are one."""


@dataclass(frozen=True, kw_only=True)
class Incumbent:
    """The best timetable so far. `driven`: whether duties are there, or none are asked for; else `breaks` says which rules stand
    against it."""

    choice: Choice
    assessment: Assessment
    penalty: float
    duties: "DutyPlan | None" = None
    driven: bool = True
    breaks: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[int, ...]:
        return self.choice.numbers

    @property
    def cost(self) -> float:
        """Passenger minutes of the day as it is played."""
        return self.assessment.played_cost

    @property
    def total(self) -> float:
        return self.cost + self.penalty

    def betters(self, other: "Incumbent | None") -> bool:
        """A timetable that can be driven is better than one that cannot."""
        if other is None or self.driven != other.driven:
            return other is None or self.driven
        return self.total < other.total - SAME


@dataclass(kw_only=True)
class Standing:
    """`limit`: of the front, None without one. `bound`: what no timetable's total stays below.

    `impossible`: both provers say that there is none. `exact`: the bound is the optimum of the model with seats for everybody;
    `seated`: of the model with the vehicle's seats. `searched`: the search for a better played day has ended. `confirmed`: the
    second prover agrees to the bound. `failed`: what went wrong with this alternative alone.
    """

    limit: float | None
    best: Incumbent | None = None
    bound: float = 0.0
    impossible: bool = False
    exact: bool = False
    seated: bool = False
    searched: bool = False
    confirmed: bool = False
    asked: bool = False
    failed: str = ""
    visits: dict[str, int] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Relative; 1 where nothing was found."""
        if self.best is None or not self.best.driven:
            return 1.0
        total = self.best.total
        return 0.0 if self.proven else max(0.0, total - self.bound) / max(abs(total), 1e-9)

    @property
    def proven(self) -> bool:
        if self.best is None or not self.best.driven:
            return False
        return self.best.total - self.bound <= SAME * max(1.0, abs(self.best.total))

    @property
    def settled(self) -> bool:
        return self.impossible or self.proven or (self.seated and self.searched)

    def raise_bound(self, bound: float) -> bool:
        """Whether it is a higher one."""
        if bound <= self.bound:
            return False
        self.bound = bound
        return True
