"""API of plans: queue, read, follow by server-sent events, cancel, start again, and accept a proposal."""

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
from shuttle.services.planning import plans as plan_service
from shuttle.store.planning import plans as store
from shuttle.store.planning.plans import failure_of
from shuttle.store.planning.queues import OPEN
from shuttle.store.tables.planning import PlanRow
from shuttle.web.api.shapes import Identifier, RequestBody
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["plans"], responses=ANY_PROBLEM)

POLL_SECONDS = 0.5
"""How often the row of a followed plan is read."""

LONGEST_STREAM_SECONDS = 3700.0
"""A little more than the longest time limit."""


class GivenPlan(RequestBody):
    """`scenario`: the text of a scenario file; `time_limit` in seconds."""

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
    """A plan as the API shows it; its `answer` is the result document. Proposals are named `<plan>.<proposal>`."""
    failure = failure_of(row)
    document = {
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
    return {**document, "answer": plan_service.result_of(row)} if with_answer else document


@router.post("/plans", status_code=202)
def ask(request: Request, body: GivenPlan, asking: Asking) -> dict[str, Any]:
    """Queue a scenario. 422 names each of its faults by line; 429: too many plans of this person are queued or running."""
    allow(asking, Action.PLAN)
    state = state_of(request)
    context = state.context
    scenario = read_scenario(body.scenario, context.schedule(), context.today())
    options = plan_service.PlanOptions(body.time_limit, body.workers, body.seed)
    with context.transaction() as session:
        most = state.settings.plans_per_person
        row = plan_service.ask(session, asking, body.scenario, scenario.id, scenario.name, options, context.now(), most)
        document = plan_document(row)
    state.plan_worker.wake()
    return document


@router.get("/plans")
def plans(request: Request, asking: Asking) -> list[dict[str, Any]]:
    """The newest plans, newest first, without their results."""
    allow(asking, Action.PLAN)
    with state_of(request).context.reading() as session:
        return [plan_document(row, with_answer=False) for row in store.plans(session)]


@router.get("/plans/{plan_id}")
def plan(request: Request, plan_id: str, asking: Asking) -> dict[str, Any]:
    """A plan with its progress and `answer`: the result so far while it is being solved, then the final one."""
    allow(asking, Action.PLAN)
    return _plan(state_of(request).context, plan_id)


@router.get("/plans/{plan_id}/events", response_class=StreamingResponse)
async def events(request: Request, plan_id: str, asking: Asking) -> StreamingResponse:
    """Server-sent events: `progress` with phase, best, bound, gap, seconds and `grown` (how often the result has grown), then `ended` with
    the plan."""
    allow(asking, Action.PLAN)
    context = state_of(request).context
    await run_in_threadpool(_progress, context, plan_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_follow(request, context, plan_id), media_type="text/event-stream", headers=headers)


async def _follow(request: Request, context: AppContext, plan_id: str) -> AsyncIterator[str]:
    sent: object = None
    for _ in range(int(LONGEST_STREAM_SECONDS / POLL_SECONDS)):
        document = await run_in_threadpool(_progress, context, plan_id)
        if document["status"] not in OPEN:
            yield _event("ended", await run_in_threadpool(_plan, context, plan_id))
            return
        event = {"status": document["status"], **(document["progress"] or {})}
        if event != sent:
            sent = event
            yield _event("progress", event)
        if state_of(request).ending or await request.is_disconnected():
            return
        await asyncio.sleep(POLL_SECONDS)


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
    """Cancel a plan; an ended one stays as it is."""
    context = state_of(request).context
    with context.transaction() as session:
        return plan_document(plan_service.cancel(session, asking, plan_id, context.now()), with_answer=False)


@router.post("/plans/{plan_id}/start-again", status_code=202)
def start_again(request: Request, plan_id: str, asking: Asking) -> dict[str, Any]:
    """Queue an ended plan anew; it starts from the timetables of its result."""
    state = state_of(request)
    most = state.settings.plans_per_person
    with state.context.transaction() as session:
        row = plan_service.start_again(session, asking, plan_id, state.context.now(), most)
        document = plan_document(row, with_answer=False)
    state.plan_worker.wake()
    return document


@router.post("/proposals/{proposal_id}/accept", status_code=201)
def accept(request: Request, proposal_id: str, body: GivenAcceptance, asking: Asking) -> dict[str, Any]:
    """Make a draft timetable of a proposal, `<plan>.<proposal>`; publishing it is another act."""
    context = state_of(request).context
    with context.transaction() as session:
        plan_service.accept(session, asking, [proposal_id, *body.also], body.timetable, body.name, context.now())
    schedule = context.schedule()
    return documents.timetable_document(schedule, schedule.timetable_by_id[body.timetable])
