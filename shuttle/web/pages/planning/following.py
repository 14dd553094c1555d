"""Progress of a run in words: the state when the page is loaded, and the texts from which a script builds the later ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shuttle.language import Words
from shuttle.planner.process.request import PHASES
from shuttle.services.app_context import AppContext
from shuttle.services.planning.nearest_values import PHASE
from shuttle.store.tables.planning import PlanRow

PLAN_PHASES = (*PHASES, PHASE)


@dataclass(frozen=True)
class Following:
    """`phase`: the current phase in words; `seconds` since the start; `words`: texts for the script."""

    phase: str
    seconds: int
    words: Mapping[str, Any]


def following_of(row: PlanRow, context: AppContext, words: Words) -> Following:
    """Progress of a plan in any state."""
    days = {day_type.id: day_type.names.of(words.language) for day_type in context.schedule().calendar.day_types}
    texts = {
        "states": {state: words.say(f"planner.status.{state}") for state in ("queued", "running")},
        "phases": {phase: words.say(f"planner.phase.{phase}") for phase in PLAN_PHASES},
        "days": days,
        "phaseOf": words.say("planner.phase_of", phase="{phase}", day="{day}"),
        "settled": words.say("planner.settled", done="{done}", of="{of}"),
        "tried": words.say("planner.tried", done="{done}", of="{of}"),
    }
    return Following(_phase(row, days, words), _seconds(row, context.now()), texts)


def _phase(row: PlanRow, days: Mapping[str, str], words: Words) -> str:
    progress = row.progress or {}
    phase, day = progress.get("phase"), days.get(progress.get("day_type") or "")
    if row.status != "running" or phase not in PLAN_PHASES:
        return words.say(f"planner.status.{row.status}")
    text = words.say(f"planner.phase.{phase}")
    return words.say("planner.phase_of", phase=text, day=day) if day else text


def _seconds(row: PlanRow, now: datetime) -> int:
    return max(0, round((now - row.started_at).total_seconds())) if row.started_at else 0
