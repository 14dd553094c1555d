"""What the provers say of one limit of a front: trips with a bound, or that there are none."""

from dataclasses import dataclass

from shuttle.domain.planning.proposals import Assessment
from shuttle.planner.duties.set_partitioning import DutyPlan

TINY = 1e-6
"""Relative difference below which a cost and its bound are one."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Trips with their assessment and what the solvers said of them.

    `cost`: passenger minutes in the model, recounted; `penalty`: of the wishes that are broken; `bound`: no timetable's cost and
    penalty stay below it; `duties` None: none were asked for.
    """

    assessment: Assessment
    numbers: tuple[int, ...]
    cost: float
    bound: float
    penalty: float = 0.0
    duties: DutyPlan | None = None

    @property
    def total(self) -> float:
        return self.cost + self.penalty

    @property
    def proven(self) -> bool:
        """Whether the model has nothing better."""
        return self.total - self.bound <= TINY * max(1.0, abs(self.total))


@dataclass(frozen=True, kw_only=True)
class NoTimetable:
    """No proposal: proven impossible, or the time was over."""

    impossible: bool = False
    why: str = ""
    bound: float = 0.0
