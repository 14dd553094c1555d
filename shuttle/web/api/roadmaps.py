"""API of roadmaps: queue, list, read, cancel, and open a point of the chart as a plan."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from shuttle.domain.access.permissions import Action, allow
from shuttle.feeds.roadmap_files.reader import read_roadmap
from shuttle.services.planning.roadmap import runs as service
from shuttle.services.planning.roadmap.opened_point import open_point
from shuttle.store.planning import roadmap_runs as store
from shuttle.store.tables.planning import RoadmapRunRow
from shuttle.web.api.plans import plan_document
from shuttle.web.api.shapes import RequestBody
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1/roadmaps", tags=["roadmaps"], responses=ANY_PROBLEM)

LEAST, MOST = service.SECONDS


class GivenRoadmap(RequestBody):
    """`roadmap`: the text of a roadmap file; `time_limit` in seconds."""

    roadmap: Annotated[str, Field(min_length=1, max_length=200_000)]
    time_limit: Annotated[int, Field(ge=LEAST, le=MOST)] = 300


class GivenPoint(RequestBody):
    """`point`: the `id` of one of the answer's `nodes`."""

    point: Annotated[str, Field(min_length=1, max_length=400)]


def roadmap_document(row: RoadmapRunRow, with_answer: bool = True) -> dict[str, Any]:
    """A run as the API shows it; its `answer` is the document of `shuttle roadmap --json`, as far as it is."""
    failure = store.failure_of(row)
    document = {
        "id": row.id,
        "roadmap": row.roadmap_id,
        "name": row.name,
        "status": row.status,
        "time_limit": row.time_limit,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "failure": failure.detail if failure else None,
    }
    return {**document, "answer": row.answer} if with_answer else document


@router.post("", status_code=202)
def ask(request: Request, given: GivenRoadmap, asking: Asking) -> dict[str, Any]:
    """Queue a roadmap. 422 names each of its faults; 429: too many roadmaps of this person are queued or running."""
    person = allow(asking, Action.PLAN)
    state = state_of(request)
    context = state.context
    schedule = context.schedule()
    roadmap = read_roadmap(given.roadmap, schedule)
    service.question_of(context, schedule, state.settings.schedules, given.roadmap)
    with context.transaction() as session:
        most = state.settings.plans_per_person
        row = service.ask(session, person, roadmap, given.roadmap, given.time_limit, context.now(), most)
        document = roadmap_document(row)
    state.roadmap_worker.wake()
    return document


@router.get("")
def roadmaps(request: Request, asking: Asking) -> list[dict[str, Any]]:
    """The newest runs, newest first, without their answers."""
    allow(asking, Action.PLAN)
    with state_of(request).context.reading() as session:
        return [roadmap_document(row, with_answer=False) for row in store.runs(session)]


@router.get("/{run_id}")
def roadmap(request: Request, run_id: str, asking: Asking) -> dict[str, Any]:
    """A run with its `answer`: the road so far while it is being made, then the final one."""
    allow(asking, Action.PLAN)
    with state_of(request).context.reading() as session:
        return roadmap_document(store.run(session, run_id))


@router.post("/{run_id}/cancel")
def cancel(request: Request, run_id: str, asking: Asking) -> dict[str, Any]:
    """End a run; it keeps what it has. An ended one stays as it is."""
    context = state_of(request).context
    with context.transaction() as session:
        return roadmap_document(service.cancel(session, asking, run_id, context.now()), with_answer=False)


@router.post("/{run_id}/plans", status_code=201)
def open_as_plan(request: Request, run_id: str, given: GivenPoint, asking: Asking) -> dict[str, Any]:
    """Open a point of the chart, hours with timetables, as a plan. Nothing is solved again."""
    allow(asking, Action.PLAN)
    state = state_of(request)
    context = state.context
    with context.transaction() as session:
        row = store.run(session, run_id)
        answer: Any = row.answer
        plan = open_point(
            session, asking, row, answer, given.point, context.schedule(), state.settings.schedules, context.now()
        )
        return plan_document(plan)
