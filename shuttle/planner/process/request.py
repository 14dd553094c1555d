"""What the planner is handed and what it hands back: plain values that fit through a pipe.

The solver lives in a process of its own, so that no web worker ever loads it and a plan can be ended from outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.planning.demand.past_boardings import PastByMinute
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario, Stops
from shuttle.domain.timetable.network import Costs

Document = dict[str, Any]

TOO_LARGE = 12
"""Exit code of a solver's process that took more memory than it may."""

PHASES = ("first", "search", "conflicts", "bounds", "trees", "second_opinion", "figures", "hindsight")
"""The parts of a run, in their order."""


@dataclass(frozen=True, kw_only=True)
class PlanRequest:
    """`bases`: today's trips by day type; `time_limit` in seconds for the whole answer; `past`: what was counted on
    today's departures by day type, where counts are at hand; `hindsight_days`: for how many drawn days the best timetable is
    looked for, to hold a proposal against; `starts`: by day type, timetables (each trip its stops and departure) that an earlier
    run of the question ended with; `began`: when it was asked, on the monotonic clock of the machine that solves it (None: now);
    `memory_mb`: how much memory the solver's process may take (0: any)."""

    scenario: Scenario
    bases: Mapping[str, tuple[PlannedTrip, ...]]
    rates: Costs
    profiles: Mapping[str, RuleProfile] = field(default_factory=dict)
    time_limit: float = 120.0
    workers: int = 2
    seed: int = 0
    past: Mapping[str, PastByMinute] = field(default_factory=dict)
    hindsight_days: int = 0
    starts: Mapping[str, tuple[tuple[tuple[Stops, Minute], ...], ...]] = field(default_factory=dict)
    began: float | None = None
    memory_mb: int = 0


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
    memory_mb: int = 0


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far it is. `phase`: one of PHASES; `day_type` and `limit` of the front that it is at, where it is at one.

    `best` and `bound` in passenger minutes of that alternative, None while nothing is known; `done` of `of` alternatives are settled.
    """

    phase: str
    done: int
    of: int
    seconds: float
    best: float | None = None
    bound: float | None = None
    day_type: str = ""
    limit: float | None = None

    @property
    def gap(self) -> float | None:
        if self.best is None or self.bound is None:
            return None
        return max(0.0, self.best - self.bound) / max(abs(self.best), 1e-9)
