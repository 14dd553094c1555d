"""Regret: the cost of a proposal above the cheapest proposal, on random demand days.

All proposals are compared on the same passengers of each drawn day. The reference is the cheapest of the proposals shown,
not the best timetable of that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shuttle.domain.planning.result import RegretResult


@dataclass(frozen=True)
class Regret:
    """Regret in passenger minutes: the mean over the drawn days, and the 95th percentile."""

    mean: float
    p95: float

    def document(self) -> RegretResult:
        return {"mean": self.mean, "p95": self.p95}


def regrets(costs: Sequence[Sequence[float]]) -> list[Regret]:
    """The regret of each proposal. `costs`: proposal x day, with the same days in the same positions."""
    best = [min(on_one_day) for on_one_day in zip(*costs, strict=True)]
    return [_regret([cost - least for cost, least in zip(own, best, strict=True)]) for own in costs]


def _regret(above: Sequence[float]) -> Regret:
    ordered = sorted(above)
    return Regret(sum(ordered) / len(ordered), ordered[max(0, int(0.95 * len(ordered)) - 1)])
