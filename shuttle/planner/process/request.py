"""What the planner is handed and what it hands back: plain values that fit through a pipe.

The solver lives in a process of its own, so that no web worker ever loads it and a plan can be ended from outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.planning.past_boardings import PastByMinute
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.network import Costs

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """`bases`: today's trips by day type; `time_limit` in seconds for the whole answer; `past`: what was counted on
    today's departures by day type, where counts are at hand; `hindsight_days`: for how many drawn days the best timetable is
    looked for, to hold a proposal against."""

    scenario: Scenario
    bases: Mapping[str, tuple[PlannedTrip, ...]]
    rates: Costs
    profiles: Mapping[str, RuleProfile] = field(default_factory=dict)
    time_limit: float = 120.0
    workers: int = 2
    seed: int = 0
    past: Mapping[str, PastByMinute] = field(default_factory=dict)
    hindsight_days: int = 0


@dataclass(frozen=True, kw_only=True)
class EvaluateRequest:
    """Trips by day type of which the figures are asked that take a solver; `time_limit` in seconds for each day type's duties."""

    scenario: Scenario
    trips: Mapping[str, tuple[PlannedTrip, ...]]
    rates: Costs
    profiles: Mapping[str, RuleProfile] = field(default_factory=dict)
    time_limit: float = 10.0
    workers: int = 1
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far it is. `best` and `bound` in passenger minutes, None while nothing is known; step `done` of `of`."""

    phase: str
    done: int
    of: int
    seconds: float
    best: float | None = None
    bound: float | None = None

    @property
    def gap(self) -> float | None:
        if self.best is None or self.bound is None:
            return None
        return max(0.0, self.best - self.bound) / max(abs(self.best), 1e-9)
