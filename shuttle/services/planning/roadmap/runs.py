"""Runs of roadmaps that people ask for on a page: queueing and cancelling.

A run is a row before it is a process, as a plan is: it outlives the page and a restart of the service.
"""

from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, TooMany
from shuttle.domain.planning.roadmap.definition import Roadmap
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.roadmap_files.reader import read_roadmap
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.services.app_context import AppContext
from shuttle.services.planning.roadmap.folder import scenario_text
from shuttle.services.planning.roadmap.measured_times import measured_times
from shuttle.services.planning.roadmap.run import RoadmapQuestion, roadmap_question
from shuttle.services.ridership.recorded_demand import with_recorded_demand
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.planning import roadmap_runs as store
from shuttle.store.planning.queues import OPEN, how_many_open_of
from shuttle.store.tables.planning import RoadmapRunRow

SECONDS = (30, 3600)
"""Least and most seconds of a run."""


def question_of(context: AppContext, schedule: Schedule, schedules: Path, text: str) -> RoadmapQuestion:
    """The question of a roadmap's text, resolved. Raises Invalid, NotFound (`unknown-scenario`)."""
    roadmap: Roadmap = read_roadmap(text, schedule)
    scenario = read_scenario(scenario_text(schedules, roadmap.scenario), schedule, roadmap.steps[0].starts)
    demanded = with_recorded_demand(context, schedule, scenario)
    measured = measured_times(context, schedule, demanded)
    return roadmap_question(roadmap, demanded, schedule, schedules, measured=measured)


def ask(
    session: Session,
    person: Person | None,
    roadmap: Roadmap,
    text: str,
    seconds: int,
    now: datetime,
    most_open: int = 0,
) -> RoadmapRunRow:
    """Queue a roadmap's text, which was read without faults. `most_open`: see `plans.ask`.

    Raises Invalid (`bad-time-limit`), TooMany (`too-many-plans`).
    """
    person = allow(person, Action.PLAN)
    least, most = SECONDS
    if not least <= seconds <= most:
        raise Invalid(
            "bad-time-limit", "the time limit is out of range", given=str(seconds), allowed=f"{least} to {most}"
        )
    if most_open and how_many_open_of(session, RoadmapRunRow, person.name) >= most_open:
        raise TooMany(
            "too-many-plans", f"{person.name} has roadmaps waiting or running", given="one more", allowed=f"{most_open}"
        )
    row = RoadmapRunRow(
        id=f"roadmap-{token_hex(6)}",
        roadmap_id=roadmap.id,
        name=roadmap.name,
        text=text,
        time_limit=seconds,
        status="queued",
        asked_by=person.name,
        asked_at=now,
        cancel_asked=False,
        failure="",
    )
    store.add(session, row)
    add_entry(session, now, person.name, person.role, "ask-roadmap", row.id, {"roadmap": roadmap.id})
    return row


def cancel(session: Session, person: Person | None, run_id: str, now: datetime) -> RoadmapRunRow:
    """Request that a run ends; one that is queued ends at once, one that has ended stays. Raises NotFound."""
    person = allow(person, Action.PLAN)
    row = store.run(session, run_id)
    if row.status in OPEN:
        row.cancel_asked = True
        if row.status == "queued":
            row.status, row.ended_at = "cancelled", now
        add_entry(session, now, person.name, person.role, "cancel-roadmap", run_id)
    return row
