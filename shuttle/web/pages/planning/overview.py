"""Pages of plans: the overview (scenarios, plans, timetables), and one plan with its progress and result.

The address says `runs` where the API says `plans`: both name the same rows.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, Refused, TooMany
from shuttle.language.findings import finding_text
from shuttle.language.outcomes import outcome_text
from shuttle.services.operation import reminders
from shuttle.services.planning import plans as plan_service
from shuttle.services.planning.scenario_folder import scenario_files
from shuttle.services.planning.ways_out import eased
from shuttle.services.timetable.undo import undoable
from shuttle.store.planning import plans as store
from shuttle.store.planning import scenarios
from shuttle.store.planning.queues import OPEN
from shuttle.store.tables.planning import PlanRow
from shuttle.web.pages.closings import closing_notes
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.following import following_of
from shuttle.web.pages.planning.result_view import result_view
from shuttle.web.pages.planning.scenario import Long, Short, faults_of, queue, scenario_page, scenario_text
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

SHOWN_RUNS = 20
COLOURS = {
    "solved": "success",
    "running": "info",
    "queued": "info",
    "infeasible": "warning",
    "out_of_time": "warning",
    "interrupted": "warning",
    "cancelled": "neutral",
    "failed": "danger",
}
"""The colour of a tag, by the status of a plan."""

AGAIN = ("interrupted", "cancelled", "failed", "out_of_time")
"""Statuses from which starting again may give another result."""


@router.api_route("", methods=["GET", "HEAD"])
def overview(request: Request, asking: Asking) -> Response:
    """Scenarios, runs and timetables."""
    person = allow(asking, Action.PLAN)
    state, frame = state_of(request), frame_of(request, person)
    schedule, last = state.context.schedule(), reminders.last_days(state.context)
    ahead = reminders.upcoming(state.context)
    with state.context.reading() as session:
        runs = store.plans(session, SHOWN_RUNS)
        saved = scenarios.latest(session)
        act = undoable(session, state.context.now())
    return show(
        request,
        frame,
        "plan/overview.html",
        saved=saved,
        act=act,
        closings=closing_notes(schedule, [state.context.today()]),
        files=scenario_files(state.settings.schedules),
        runs=runs,
        colours=COLOURS,
        zone=state.context.zone,
        undecided=ahead.undecided,
        tables=[finding_text(finding, frame.words) for finding in ahead.tables],
        behind=reminders.counted(state.context, last),
        last_days=last,
        timetables=sorted(schedule.timetables, key=lambda timetable: (timetable.status.value, timetable.id)),
        publications=schedule.periods,
    )


@router.post("/runs")
def ask(
    request: Request,
    asking: Asking,
    scenario: Long = "",
    file: Short = "",
    saved: Short = "",
    minutes: Short = "2",
    seed: Short = "0",
) -> Response:
    """Queue a scenario: a typed text, or a file or a saved scenario unchanged."""
    person = allow(asking, Action.PLAN)
    text = scenario_text(request, file, "", saved) or scenario.replace("\r\n", "\n")
    try:
        return queue(request, person, text, minutes, seed)
    except (Invalid, TooMany) as error:
        status = 422 if isinstance(error, Invalid) else 429
        return scenario_page(
            request, person, text, faults_of(request, error), minutes=minutes, seed=seed, status=status
        )


@router.api_route("/runs/{plan_id}", methods=["GET", "HEAD"])
def run(request: Request, asking: Asking, plan_id: str) -> Response:
    """A plan: its progress and its result so far."""
    person = allow(asking, Action.PLAN)
    return run_page(request, person, plan_id)


def run_page(
    request: Request, person: Person, plan_id: str, faults: tuple[FieldFault, ...] = (), status: int = 200
) -> Response:
    """The page of a plan. `faults`: why an act on it was refused."""
    context = state_of(request).context
    with context.reading() as session:
        row = store.plan(session, plan_id)
    failure = store.failure_of(row)
    result = plan_service.result_of(row)
    frame = frame_of(request, person)
    following = following_of(row, context, frame.words)
    return show(
        request,
        frame,
        "plan/run.html",
        status=status,
        row=row,
        colours=COLOURS,
        zone=context.zone,
        is_open=row.status in OPEN,
        following=following.words,
        phase=following.phase,
        elapsed=following.seconds,
        may_start_again=row.status in AGAIN,
        view=result_view(result, context.schedule(), frame.words) if result else None,
        failure=outcome_text(failure, frame.words) if failure else None,
        faults=faults,
    )


@router.post("/runs/{plan_id}/cancel")
def cancel(request: Request, asking: Asking, plan_id: str) -> Response:
    """Cancel a plan."""
    return _act(request, asking, plan_id, plan_service.cancel)


@router.post("/runs/{plan_id}/start-again")
def start_again(request: Request, asking: Asking, plan_id: str) -> Response:
    """Queue an ended plan anew."""
    state = state_of(request)
    start = partial(plan_service.start_again, most_open=state.settings.plans_per_person)
    response = _act(request, asking, plan_id, start)
    state.plan_worker.wake()
    return response


@router.post("/runs/{plan_id}/ease")
def ease(
    request: Request,
    asking: Asking,
    plan_id: str,
    way: Short = "",
    requirement: Annotated[str, Form(max_length=400)] = "",
    day_type: Short = "",
) -> Response:
    """Queue the scenario again with a changed requirement: a way out of the conflict, or without it, to show its cost."""
    person = allow(asking, Action.PLAN)
    context, words = state_of(request).context, frame_of(request).words
    with context.reading() as session:
        row = store.plan(session, plan_id)
    result = plan_service.result_of(row)
    try:
        if result is None:
            raise Refused("no-way-out", f"plan {plan_id} has no result", given=requirement)
        text = eased(row.scenario, result, way, requirement, day_type)
        ways = (each for conflict in result_view(result, context.schedule(), words).conflicts for each in conflict.ways)
        change = next((w.text for w in ways if (w.way, w.requirement, w.day_type) == (way, requirement, day_type)), "")
        change = words.say("way_out.without", name=requirement) if way == "without" else change
        origin = {"plan": plan_id, "without": requirement} if way == "without" else None
        minutes, seed = f"{row.options['time_limit'] / 60:g}", str(row.options["seed"])
        return queue(request, person, text, minutes, seed, change, origin)
    except (Invalid, Refused, TooMany) as error:
        faults = (fault_of(error, words),)
        return run_page(request, person, plan_id, faults, 429 if isinstance(error, TooMany) else 422)


def _act(
    request: Request,
    person: Person | None,
    plan_id: str,
    act: Callable[[Session, Person | None, str, datetime], PlanRow],
) -> Response:
    context = state_of(request).context
    with context.transaction() as session:
        act(session, person, plan_id, context.now())
    return RedirectResponse(f"/plan/runs/{plan_id}", 303)
