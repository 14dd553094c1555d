"""Pages `/plan/roadmap`: asking for a roadmap, following its run, reading its answer, and the council's page as PDF."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, TooMany
from shuttle.domain.planning.roadmap.result import RoadmapResult
from shuttle.feeds.printed.roadmap import as_pdf
from shuttle.feeds.roadmap_files.reader import read_roadmap
from shuttle.feeds.roadmap_files.text_edits import edited
from shuttle.language import Words
from shuttle.language.outcomes import outcome_text
from shuttle.services.planning.roadmap import runs as service
from shuttle.services.planning.roadmap.folder import roadmap_file, roadmap_files
from shuttle.services.planning.roadmap.opened_point import open_point
from shuttle.services.planning.roadmap.step_scenario import save_scenario
from shuttle.settings import PRINT_FONTS
from shuttle.store.planning import roadmap_runs as store
from shuttle.store.planning.queues import OPEN
from shuttle.store.tables.planning import RoadmapRunRow
from shuttle.web.pages.faults import FieldFault
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.overview import COLOURS
from shuttle.web.pages.planning.roadmap.asking import RoadmapForm, edits_of, form_of
from shuttle.web.pages.planning.roadmap.paper import sheet_of
from shuttle.web.pages.planning.roadmap.view import option_hours, roadmap_view
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/roadmap", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]
Texts = Annotated[list[str], Form(max_length=60)]


@router.api_route("", methods=["GET", "HEAD"])
def ask_page(request: Request, asking: Asking, file: str = "") -> Response:
    """The form of a roadmap's file, and the latest runs."""
    person = allow(asking, Action.PLAN)
    return _ask_page(request, person, file)


def _ask_page(
    request: Request,
    person: Person,
    file: str,
    form: RoadmapForm | None = None,
    faults: tuple[FieldFault, ...] = (),
    status: int = 200,
) -> Response:
    state, frame = state_of(request), frame_of(request, person)
    files, schedule = roadmap_files(state.settings.schedules), state.context.schedule()
    chosen = roadmap_file(state.settings.schedules, file) if file else next(iter(files), None)
    roadmap = read_roadmap(chosen.text, schedule) if chosen else None
    with state.context.reading() as session:
        runs = store.runs(session)
    return show(
        request,
        frame,
        "plan/roadmap.html",
        status=status,
        files=files,
        chosen=chosen,
        roadmap=roadmap,
        form=form or (form_of(roadmap) if roadmap else None),
        hours=option_hours(roadmap, schedule, frame.words) if roadmap else {},
        runs=runs,
        colours=COLOURS,
        zone=state.context.zone,
        faults=faults,
    )


@router.post("")
def ask(
    request: Request,
    asking: Asking,
    file: Short = "",
    starts: Texts = [],  # noqa: B006  # FastAPI copies it
    budget: Texts = [],  # noqa: B006
    option: Texts = [],  # noqa: B006
    grow: Short = "",
    max_moved: Short = "",
    max_dropped: Short = "",
    worst: Short = "",
    minutes: Short = "5",
) -> Response:
    """Queue the roadmap as the form has it."""
    person = allow(asking, Action.PLAN)
    state = state_of(request)
    text = roadmap_file(state.settings.schedules, file).text
    schedule = state.context.schedule()
    form = RoadmapForm(
        steps=list(zip(starts, budget, strict=False)),
        options=option,
        hours_only_grow=bool(grow),
        max_moved=max_moved,
        max_dropped=max_dropped,
        worst=worst,
        minutes=minutes,
        decided=form_of(read_roadmap(text, schedule)).decided,
    )
    try:
        own = edited(text, edits_of(form))
        roadmap = read_roadmap(own, schedule)
        service.question_of(state.context, schedule, state.settings.schedules, own)
        with state.context.transaction() as session:
            row = service.ask(
                session,
                person,
                roadmap,
                own,
                60 * int(minutes) if minutes.isascii() and minutes.isdigit() else 0,
                state.context.now(),
                state.settings.plans_per_person,
            )
    except (Invalid, NotFound, TooMany) as error:
        words = frame_of(request, person).words
        return _ask_page(request, person, file, form, _faults(error, words), 429 if isinstance(error, TooMany) else 422)
    state.roadmap_worker.wake()
    return RedirectResponse(f"/plan/roadmap/{row.id}", 303)


def _faults(error: Invalid | NotFound | TooMany, words: Words) -> tuple[FieldFault, ...]:
    if not error.faults:
        return (FieldFault("", words.say("roadmap.fault.other", detail=error.whole)),)
    shown = []
    for fault in error.faults:
        path = fault.path
        field = f"starts-{path[1]}" if path[:1] == ("steps",) else str(path[0]) if path else ""
        keys = (f"roadmap.fault.{fault.code}", f"fault.{fault.code}")
        key = next(filter(words.knows, keys), "roadmap.fault.other")
        message = words.say(key, given=fault.given, allowed=fault.allowed, detail=fault.what)
        shown.append(FieldFault(field, message))
    return tuple(shown)


@router.api_route("/{run_id}", methods=["GET", "HEAD"])
def run(request: Request, asking: Asking, run_id: str) -> Response:
    """A run: how far it is, and its answer as far as it is."""
    person = allow(asking, Action.PLAN)
    state, frame = state_of(request), frame_of(request, person)
    row, answer = _run(request, run_id)
    roadmap = read_roadmap(row.text, state.context.schedule())
    failure = store.failure_of(row)
    elapsed = (row.ended_at or state.context.now()) - (row.started_at or state.context.now())
    return show(
        request,
        frame,
        "plan/roadmap_run.html",
        row=row,
        why_none=answer.get("why_none") if answer else None,
        view=roadmap_view(answer, roadmap, state.context.schedule(), frame.words) if answer else None,
        is_open=row.status in OPEN,
        colours=COLOURS,
        zone=state.context.zone,
        seconds=round(elapsed.total_seconds()),
        failure=outcome_text(failure, frame.words) if failure else None,
    )


@router.post("/{run_id}/cancel")
def cancel(request: Request, asking: Asking, run_id: str) -> Response:
    """End a run; it keeps what it has."""
    context = state_of(request).context
    with context.transaction() as session:
        service.cancel(session, asking, run_id, context.now())
    return RedirectResponse(f"/plan/roadmap/{run_id}", 303)


@router.post("/{run_id}/scenario")
def open_as_scenario(request: Request, asking: Asking, run_id: str, step: Short = "0") -> Response:
    """Save a step's hours as a scenario and open it: from there its timetables are proposed and accepted."""
    person = allow(asking, Action.PLAN)
    state = state_of(request)
    row, answer = _run(request, run_id)
    number = int(step) if step.isascii() and step.isdigit() else -1
    with state.context.transaction() as session:
        saved = save_scenario(session, person, row, answer, number, state.settings.schedules, state.context.now())
    return RedirectResponse(f"/plan/form?saved={saved.scenario}", 303)


@router.post("/{run_id}/point")
def open_as_plan(
    request: Request, asking: Asking, run_id: str, point: Annotated[str, Form(max_length=400)] = ""
) -> Response:
    """Open a point of the chart as a plan: its timetables are looked at and accepted there."""
    person = allow(asking, Action.PLAN)
    state = state_of(request)
    context = state.context
    row, answer = _run(request, run_id)
    with context.transaction() as session:
        plan = open_point(
            session, person, row, answer, point, context.schedule(), state.settings.schedules, context.now()
        )
    return RedirectResponse(f"/plan/runs/{plan.id}", 303)


@router.api_route("/{run_id}/paper.pdf", methods=["GET", "HEAD"])
def paper(request: Request, asking: Asking, run_id: str) -> Response:
    """The council's page."""
    person = allow(asking, Action.PLAN)
    state, frame = state_of(request), frame_of(request, person)
    row, answer = _run(request, run_id)
    if answer is None or not answer["steps"]:
        raise NotFound("no-road", "the roadmap has no road to print yet", given=run_id)
    schedule = state.context.schedule()
    roadmap = read_roadmap(row.text, schedule)
    view = roadmap_view(answer, roadmap, schedule, frame.words)
    sheet = sheet_of(view, answer, roadmap, frame.words, state.context.today())
    headers = {"Content-Disposition": f'inline; filename="{row.roadmap_id}.pdf"'}
    fonts = PRINT_FONTS if PRINT_FONTS.is_dir() else None
    return Response(as_pdf(sheet, state.context.today(), fonts), media_type="application/pdf", headers=headers)


def _run(request: Request, run_id: str) -> tuple[RoadmapRunRow, RoadmapResult | None]:
    with state_of(request).context.reading() as session:
        row = store.run(session, run_id)
    answer: RoadmapResult | None = row.answer  # type: ignore[assignment]  # the column is JSON of that shape
    return row, answer
