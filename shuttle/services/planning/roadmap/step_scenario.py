"""A step of a road as a saved scenario: the roadmap's scenario under the step's hours, from which timetables are proposed and accepted."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotFound
from shuttle.domain.planning.roadmap.result import RoadmapResult
from shuttle.feeds.roadmap_files.text_edits import scenario_under
from shuttle.services.planning.roadmap.folder import scenario_text
from shuttle.services.planning.saved_scenarios import save
from shuttle.store.tables.planning import RoadmapRunRow, ScenarioRow

LONGEST_ID = 60


def save_scenario(
    session: Session,
    person: Person,
    row: RoadmapRunRow,
    answer: RoadmapResult | None,
    step: int,
    schedules: Path,
    now: datetime,
) -> ScenarioRow:
    """Save the scenario of a step (0 is the first). Raises NotFound (`unknown-step`)."""
    steps = answer["steps"] if answer else []
    if not 0 <= step < len(steps):
        raise NotFound("unknown-step", "the road has no such step", given=str(step + 1), allowed=f"1 to {len(steps)}")
    chosen = steps[step]
    name = f"{row.name} {chosen['starts']}"
    scenario_id = f"{row.roadmap_id}-{chosen['starts']}"[:LONGEST_ID]
    text = scenario_under(scenario_text(schedules, chosen["scenario"]), scenario_id, name, chosen["opening_hours"])
    return save(session, person, text, now)
