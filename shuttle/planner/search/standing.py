"""How far one alternative is: the best timetable found for a limit of the front, and what no timetable stays below.

All costs are of the day as it is played, with the penalty of the wishes that are broken. A bound is one of the model, which gives seats
to whoever gains most and so costs no more than the played day. An alternative is *settled* when it is proven, or its bound is the
model's own optimum and the search has ended, or two solvers say that there is none.
"""

from dataclasses import dataclass
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

    `impossible`: two solvers say that there is none. `modelled`: the bound is the optimum of the model, which `optimum` has. `searched`: the search for a
    better played day has ended. `confirmed`: a second solver agrees to the bound. `failed`: what went wrong with this one alone.
    """

    limit: float | None
    best: Incumbent | None = None
    bound: float = 0.0
    impossible: bool = False
    modelled: bool = False
    optimum: tuple[int, ...] = ()
    searched: bool = False
    confirmed: bool = False
    failed: str = ""
    visits: int = 0

    @property
    def gap(self) -> float:
        """Relative; 1 where nothing was found."""
        if self.best is None or not self.best.driven:
            return 1.0
        total = self.best.total
        return 0.0 if self.proven else max(0.0, total - self.bound) / max(abs(total), 1e-9)

    @property
    def proven(self) -> bool:
        return self.proves(self.bound)

    def proves(self, bound: float) -> bool:
        """Whether a bound leaves nothing below the best."""
        if self.best is None or not self.best.driven:
            return False
        return self.best.total - bound <= SAME * max(1.0, abs(self.best.total))

    @property
    def settled(self) -> bool:
        return self.impossible or self.proven or (self.modelled and self.searched)

    def raise_bound(self, bound: float) -> bool:
        """Whether it is a higher one."""
        if bound <= self.bound:
            return False
        self.bound = bound
        return True
