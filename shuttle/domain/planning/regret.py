"""What a proposal may come to cost more than another that was at hand.

On each drawn day the proposals are compared on the same passengers: regret is what a proposal costs above the cheapest of them
on that day. It is measured against the proposals shown, not against the best timetable that there could have been.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Regret:
    """Passenger minutes: the mean over the drawn days, and what 95 % of them do not exceed."""

    mean: float
    p95: float

    def document(self) -> dict[str, float]:
        return {"mean": self.mean, "p95": self.p95}


def regrets(costs: Sequence[Sequence[float]]) -> list[Regret]:
    """One for each proposal, of its cost on each drawn day; the same position is the same day in all of them."""
    best = [min(on_one_day) for on_one_day in zip(*costs, strict=True)]
    return [_regret([cost - least for cost, least in zip(own, best, strict=True)]) for own in costs]


def _regret(above: Sequence[float]) -> Regret:
    ordered = sorted(above)
    return Regret(sum(ordered) / len(ordered), ordered[max(0, int(0.95 * len(ordered)) - 1)])
