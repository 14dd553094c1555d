"""Page of a scenario as text: editing, faults by line, saved revisions, and its opening hours as bars.

The text is kept as it was typed, also where it cannot be read as a scenario.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Invalid, Refused, TooMany
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.scenario_files.text_edits import PinnedTrip, with_pinned_trips, with_wishes
from shuttle.language import Words
from shuttle.language.faults import fault_text
from shuttle.services.planning.plans import PlanOptions, ask
from shuttle.services.planning.saved_scenarios import save as keep
from shuttle.services.planning.scenario_folder import scenario_file
from shuttle.store.planning import plans
from shuttle.store.planning import scenarios as store
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.pictures import Axis, day_axis, stop_names
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]
Long = Annotated[str, Form(max_length=200_000)]


@dataclass(frozen=True)
class Opened:
    """A saved scenario that was opened; `revision` None: the newest."""

    scenario: str
    revision: int | None


@dataclass(frozen=True)
class HoursBar:
    """A stop's opening hours on a day type: text, and (x, width) of each window in the picture."""

    stop: str
    day_type: str
    text: str
    bars: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Hours:
    """The opening hours of all centres as a picture."""

    axis: Axis
    rows: tuple[HoursBar, ...]


@router.api_route("/scenario", methods=["GET", "HEAD"])
def scenario(
    request: Request,
    asking: Asking,
    file: str = "",
    plan: str = "",
    saved: str = "",
    revision: int | None = None,
    done: str = "",
) -> Response:
    """A scenario's text from a file, a plan or a saved revision (without a number: the newest).

    The query keys `relax` (a requirement becomes a wish) and `pin` (a trip is locked) may stand several times.
    """
    person = allow(asking, Action.PLAN)
    text = scenario_text(request, file, plan, saved, revision)
    relaxed = request.query_params.getlist("relax")
    pins = [_lock(line, frame_of(request).words) for line in request.query_params.getlist("pin")]
    text = with_wishes(text, relaxed) if relaxed else text
    return scenario_page(
        request,
        person,
        with_pinned_trips(text, pins) if pins else text,
        relaxed=relaxed,
        locks=[pin.name for pin in pins],
        done=done if done in SAVED else "",
        of=Opened(saved, revision) if saved else None,
    )


def scenario_text(request: Request, file: str, plan: str, saved: str, revision: int | None = None) -> str:
    """The text of a file, a plan or a saved revision; empty without any. Raises NotFound (`unknown-scenario`, `unknown-plan`)."""
    state = state_of(request)
    if file:
        return scenario_file(state.settings.schedules, file).text
    with state.context.reading() as session:
        if plan:
            return plans.plan(session, plan).scenario
        return store.revision(session, saved, revision).text if saved else ""


def _lock(line: str, words: Words) -> PinnedTrip:
    """A trip to lock, from `day type;time;stop,stop`. Raises Invalid (`bad-lock`)."""
    parts = line.split(";")
    if len(parts) != 3:
        raise Invalid("bad-lock", "a locked departure cannot be read", given=line, allowed="day type;time;stop,stop")
    day_type, time, stops = parts
    at = parse_time_of_day(time)
    return PinnedTrip(
        words.say("planner.lock_name", time=words.clock_text(at), day=day_type), day_type, at, tuple(stops.split(","))
    )


@router.post("/scenario")
def check(request: Request, asking: Asking, scenario: Long = "", minutes: Short = "2", seed: Short = "0") -> Response:
    """Check the typed text; nothing is queued or saved."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    text = scenario.replace("\r\n", "\n")
    try:
        read_scenario(text, context.schedule(), context.today())
    except Invalid as error:
        return scenario_page(request, person, text, faults_of(request, error), minutes=minutes, seed=seed, status=422)
    return scenario_page(request, person, text, minutes=minutes, seed=seed, done="checked")


@router.post("/scenario/save")
def save(
    request: Request,
    asking: Asking,
    scenario: Long = "",
    minutes: Short = "2",
    seed: Short = "0",
    opened: Short = "",
) -> Response:
    """Save the typed text as a new revision, also with faults. `opened`: the newest revision when the text was opened."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    text = scenario.replace("\r\n", "\n")
    try:
        with context.transaction() as session:
            row = keep(session, person, text, context.now())
    except (Invalid, Refused) as error:
        return scenario_page(request, person, text, faults_of(request, error), minutes=minutes, seed=seed, status=422)
    return RedirectResponse(f"/plan/scenario?saved={row.scenario}&done={done_saving(row.revision, opened)}", 303)


SAVED = ("saved", "saved_after_another")


def done_saving(revision: int, opened: str) -> str:
    """`saved`, or `saved_after_another` where another revision was saved since this one was opened."""
    alone = not opened.isdecimal() or revision <= int(opened[:9]) + 1
    return SAVED[0] if alone else SAVED[1]


@router.api_route("/scenarios/{scenario_id}.toml", methods=["GET", "HEAD"])
def download(request: Request, asking: Asking, scenario_id: str, revision: int | None = None) -> Response:
    """A saved scenario as a file that `shuttle plan` reads."""
    allow(asking, Action.PLAN)
    with state_of(request).context.reading() as session:
        text = store.revision(session, scenario_id, revision).text
    headers = {"content-disposition": f'attachment; filename="{scenario_id}.toml"', "cache-control": "no-store"}
    return Response(text, media_type="application/toml", headers=headers)


def queue(
    request: Request,
    person: Person,
    text: str,
    minutes: str,
    seed: str,
    change: str = "",
    origin: dict[str, str] | None = None,
) -> Response:
    """Queue a plan and redirect to it; `change` is added to its name. `origin`: see PlanRow. Raises Invalid (`bad-options`, `bad-scenario`), TooMany (`too-many-plans`)."""
    state = state_of(request)
    context = state.context
    options = _options(minutes, seed)
    read = read_scenario(text, context.schedule(), context.today())
    name = f"{read.name}. {change}"[:200] if change else read.name
    with context.transaction() as session:
        most = state.settings.plans_per_person
        plan_id = ask(session, person, text, read.id, name, options, context.now(), most, origin).id
    state.plan_worker.wake()
    return RedirectResponse(f"/plan/runs/{plan_id}", 303)


def _options(minutes: str, seed: str) -> PlanOptions:
    try:
        return PlanOptions(time_limit=float(minutes.replace(",", ".")) * 60, seed=int(seed))
    except ValueError:
        allowed = "1/60 to 60 minutes, seed a whole number"
        raise Invalid(
            "bad-options", "minutes and seed are numbers", given=f"{minutes}, {seed}", allowed=allowed
        ) from None


def scenario_page(
    request: Request,
    person: Person,
    text: str,
    faults: Sequence[FieldFault] = (),
    *,
    relaxed: Sequence[str] = (),
    locks: Sequence[str] = (),
    minutes: str = "2",
    seed: str = "0",
    done: str = "",
    of: Opened | None = None,
    status: int = 200,
) -> Response:
    """The page with the typed text and its faults. `of`: the saved scenario that was opened."""
    context = state_of(request).context
    with context.reading() as session:
        revisions = store.revisions(session, of.scenario) if of else []
    frame = frame_of(request, person)
    schedule = context.schedule()
    try:
        read = read_scenario(text, schedule, context.today()) if text else None
    except Invalid:
        read = None
    return show(
        request,
        frame,
        "plan/scenario.html",
        status=status,
        text=text,
        faults=faults,
        relaxed=relaxed,
        locks=locks,
        done=done,
        of=of,
        revisions=revisions,
        zone=context.zone,
        read=read,
        hours=_hours(read, schedule, frame.words) if read else None,
        minutes=minutes,
        seed=seed,
    )


def faults_of(request: Request, error: Invalid | Refused | TooMany) -> tuple[FieldFault, ...]:
    """The faults of an error, with line and key where they have them."""
    words = frame_of(request).words
    if not error.faults:
        return (fault_of(error, words, "minutes" if error.code == "bad-options" else "scenario"),)
    return tuple(FieldFault("scenario", _place(fault, words) + fault_text(fault, words)) for fault in error.faults)


def _place(fault: Fault, words: Words) -> str:
    """Line and key of a fault, as the beginning of a sentence; empty where it has neither."""
    key = next((f"{part}: " for part in reversed(fault.path) if isinstance(part, str)), "")
    return (words.say("planner.line", line=fault.line) + " " if fault.line else "") + key


def _hours(read: Scenario, schedule: Schedule, words: Words) -> Hours:
    axis = day_axis(read.first_departure, read.last_arrival, words)
    rows = []
    for stop, day_type in product(read.hours, read.day_types):
        windows = read.hours[stop].get(day_type, ())
        text = ", ".join(f"{words.clock_text(opens)}–{words.clock_text(closes)}" for opens, closes in windows)
        name = schedule.calendar.names_of(day_type).of(words.language)
        rows.append(
            HoursBar(
                stop_names(schedule)[stop],
                name,
                text or words.say("planner.closed"),
                tuple((axis.x(opens), round(axis.x(closes) - axis.x(opens), 1)) for opens, closes in windows),
            )
        )
    return Hours(axis, tuple(rows))
