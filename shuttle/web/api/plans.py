"""Proposals over the API: ask, follow live, cancel, start again, accept."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from shuttle.domain.access.permissions import Action, allow
from shuttle.feeds import documents
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.services.app_context import AppContext
from shuttle.services.planning import plans as acts
from shuttle.store.planning import plans as store
from shuttle.store.planning.plans import failure_of
from shuttle.store.tables.planning import PlanRow
from shuttle.web.api.shapes import Identifier, RequestBody
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["plans"], responses=ANY_PROBLEM)

LOOK_SECONDS = 0.5
LONGEST_FOLLOWING = 3700.0


class GivenPlan(RequestBody):
    """`scenario`: a scenario file's text."""

    scenario: Annotated[str, Field(min_length=1, max_length=200_000)]
    time_limit: Annotated[float, Field(ge=1, le=3600)] = 120.0
    workers: Annotated[int, Field(ge=1, le=8)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0


class GivenAcceptance(RequestBody):
    """`also`: proposals for the other day types; those without one keep the base timetable's departures."""

    timetable: Identifier
    name: Annotated[str, Field(min_length=1, max_length=120)]
    also: tuple[str, ...] = ()


def plan_document(row: PlanRow, with_answer: bool = True) -> dict[str, Any]:
    """A plan as the API shows it; proposals are named `<plan>.<proposal>`."""
    failure = failure_of(row)
    found = {
        "id": row.id,
        "scenario": row.scenario_id,
        "name": row.name,
        "status": row.status,
        "asked_by": row.asked_by,
        "asked_at": row.asked_at.isoformat(),
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "options": row.options,
        "progress": row.progress,
        "failure": failure.detail if failure else None,
    }
    return {**found, "answer": row.answer} if with_answer else found


@router.post("/plans", status_code=202)
def ask(request: Request, given: GivenPlan, asking: Asking) -> dict[str, Any]:
    """Queue a scenario; 422 names every fault of it by line, 429 says that one has enough waiting."""
    allow(asking, Action.PLAN)
    state = state_of(request)
    context = state.context
    scenario = read_scenario(given.scenario, context.schedule(), context.today())
    options = acts.PlanOptions(given.time_limit, given.workers, given.seed)
    with context.transaction() as session:
        most = state.settings.plans_per_person
        row = acts.ask(session, asking, given.scenario, scenario.id, scenario.name, options, context.now(), most)
        found = plan_document(row)
    state.plan_worker.wake()
    return found


@router.get("/plans")
def plans(request: Request, asking: Asking) -> list[dict[str, Any]]:
    """The plans asked last, newest first, without their answers."""
    allow(asking, Action.PLAN)
    with state_of(request).context.reading() as session:
        return [plan_document(row, with_answer=False) for row in store.plans(session)]


@router.get("/plans/{plan_id}")
def plan(request: Request, plan_id: str, asking: Asking) -> dict[str, Any]:
    """How far it is, and the answer: what was found so far while it is solved, and what it ended with."""
    allow(asking, Action.PLAN)
    return _plan(state_of(request).context, plan_id)


@router.get("/plans/{plan_id}/events", response_class=StreamingResponse)
async def events(request: Request, plan_id: str, asking: Asking) -> StreamingResponse:
    """Server-sent events: `progress` with phase, best, bound, gap, seconds and `grown` (how often the answer has grown), and `ended`
    with the plan."""
    allow(asking, Action.PLAN)
    context = state_of(request).context
    await run_in_threadpool(_progress, context, plan_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_follow(request, context, plan_id), media_type="text/event-stream", headers=headers)


async def _follow(request: Request, context: AppContext, plan_id: str) -> AsyncIterator[str]:
    said: object = object()
    for _ in range(int(LONGEST_FOLLOWING / LOOK_SECONDS)):
        found = await run_in_threadpool(_progress, context, plan_id)
        if found["status"] not in store.OPEN:
            yield _event("ended", await run_in_threadpool(_plan, context, plan_id))
            return
        now = (found["status"], found["progress"])
        if now != said:
            said = now
            yield _event("progress", {"status": found["status"], **(found["progress"] or {})})
        if state_of(request).ending or await request.is_disconnected():
            return
        await asyncio.sleep(LOOK_SECONDS)


def _event(name: str, data: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _plan(context: AppContext, plan_id: str) -> dict[str, Any]:
    with context.reading() as session:
        return plan_document(store.plan(session, plan_id))


def _progress(context: AppContext, plan_id: str) -> dict[str, Any]:
    with context.reading() as session:
        return plan_document(store.plan_without_answer(session, plan_id), with_answer=False)


@router.post("/plans/{plan_id}/cancel")
def cancel(request: Request, plan_id: str, asking: Asking) -> dict[str, Any]:
    """Ask the solver to stop; one that has ended stays as it is."""
    context = state_of(request).context
    with context.transaction() as session:
        return plan_document(acts.cancel(session, asking, plan_id, context.now()), with_answer=False)


@router.post("/plans/{plan_id}/start-again", status_code=202)
def start_again(request: Request, plan_id: str, asking: Asking) -> dict[str, Any]:
    """Queue a plan anew that has ended; it begins from what it found."""
    state = state_of(request)
    most = state.settings.plans_per_person
    with state.context.transaction() as session:
        found = plan_document(acts.start_again(session, asking, plan_id, state.context.now(), most), with_answer=False)
    state.plan_worker.wake()
    return found


@router.post("/proposals/{proposal_id}/accept", status_code=201)
def accept(request: Request, proposal_id: str, given: GivenAcceptance, asking: Asking) -> dict[str, Any]:
    """Make a draft timetable of a proposal, `<plan>.<proposal>`; publishing it is another act."""
    context = state_of(request).context
    with context.transaction() as session:
        acts.accept(session, asking, [proposal_id, *given.also], given.timetable, given.name, context.now())
    schedule = context.schedule()
    return documents.timetable_document(schedule, schedule.timetable_by_id[given.timetable])
