"""Pages of the centres' opening hours: the overview, a centre with its hours, new hours from a date, special days, and undoing.

Each button sends the whole form, so that everything works without a script: "show" tells what typed hours would do, "save"
enters them, and "scenario" makes a scenario of today's service with exactly these hours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound, ShuttleError
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.changes import Basis, value_of, with_hours
from shuttle.domain.timetable.opening_hours import Window
from shuttle.services.app_context import AppContext
from shuttle.services.planning.hours_scenario import NewHours, save_scenario
from shuttle.services.timetable import facts
from shuttle.services.timetable.facts import Moment
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.places.acts import fact_acts
from shuttle.web.pages.places.hours_view import centre_view
from shuttle.web.pages.places.inputs import Inputs, span_of, windows_of
from shuttle.web.pages.stop_details import drawing
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/places", include_in_schema=False)

FIELD_OF = {
    "no-source": "source",
    "long-text": "source",
    "no-date": "from",
    "bad-date": "from",
    "date-outside": "from",
    "fact-in-the-past": "from",
}
"""Where a fault of the form of hours stands, by its code."""

SPECIAL_FIELD_OF = {
    "no-date": "first",
    "bad-date": "first",
    "date-outside": "first",
    "fact-in-the-past": "first",
    "long-span": "last",
    "no-reason": "reason",
    "bad-time": "special.opens",
    "half-a-window": "special.opens",
    "bad-opening-hours": "special.opens",
}

DONE = ("hours", "special", "withdrawn", "undone", "stop", "closed", "picture", "no_picture")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page shows beside the stored hours: typed inputs, their faults, and a schedule with the typed hours."""

    inputs: Inputs | None = None
    special: Inputs | None = None
    stop: Inputs | None = None
    picture: Inputs | None = None
    faults: tuple[FieldFault, ...] = ()
    tried: Schedule | None = None
    status: int = 200


@router.api_route("", methods=["GET", "HEAD"])
async def places(request: Request) -> Response:
    """Every place with its week, and the latest acts."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    return await run_in_threadpool(_overview, request, person, ())


@router.post("/undo")
async def undo(request: Request) -> Response:
    """Undo an act on facts."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs, context = Inputs(await request.form()), state_of(request).context

    def act() -> Response:
        try:
            with context.transaction() as session:
                facts.undo(session, person, inputs.text("act"), _moment(context))
        except ShuttleError as error:
            return _overview(request, person, (fault_of(error, frame_of(request).words),))
        return RedirectResponse("/plan/places?done=undone", 303)

    return await run_in_threadpool(act)


@router.api_route("/{stop}", methods=["GET", "HEAD"])
async def place(request: Request, stop: str) -> Response:
    """A place with its opening hours."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    return await run_in_threadpool(place_page, request, person, stop, Shown())


@router.post("/{stop}/hours")
async def hours(request: Request, stop: str) -> Response:
    """New opening hours from a date: show what they do, save them, or make a scenario of them."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs = Inputs(await request.form())
    return await run_in_threadpool(_hours, request, person, stop, inputs)


@router.post("/{stop}/special")
async def special(request: Request, stop: str) -> Response:
    """Special hours on dates, or the regular ones again."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs = Inputs(await request.form())
    return await run_in_threadpool(_special, request, person, stop, inputs)


def _hours(request: Request, person: Person, stop: str, inputs: Inputs) -> Response:
    context = state_of(request).context
    action = inputs.text("act")
    acts: Mapping[str, Callable[[], Response]] = {
        "save": lambda: _saved(request, person, stop, inputs),
        "scenario": lambda: _scenario(request, person, stop, inputs),
    }
    try:
        return acts.get(action, lambda: _tried(request, person, stop, inputs))()
    except NotFound:
        raise
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, FIELD_OF.get(error.code, _day_type_at_fault(context, inputs)))
        return place_page(request, person, stop, Shown(inputs=inputs, faults=(fault,), status=422))


def _day_type_at_fault(context: AppContext, inputs: Inputs) -> str:
    """The first input of the day type whose hours cannot be read; empty where all can."""
    for day_type in context.schedule().calendar.day_types:
        try:
            windows_of(inputs.pairs(day_type.id), day_type.id)
        except ShuttleError:
            return f"{day_type.id}-opens-1"
    return ""


def _saved(request: Request, person: Person, stop: str, inputs: Inputs) -> Response:
    context = state_of(request).context
    typed, basis = _typed_hours(context.schedule(), stop, inputs), inputs.basis()
    changed = typed if basis.first is None else _changed(context.schedule(), stop, typed, basis.first) or typed
    with context.transaction() as session:
        facts.change_hours(session, person, stop, changed, basis, _moment(context))
    on = f"&on={basis.first.isoformat()}" if basis.first else ""
    return RedirectResponse(f"/plan/places/{stop}?done=hours{on}", 303)


def _scenario(request: Request, person: Person, stop: str, inputs: Inputs) -> Response:
    context, words = state_of(request).context, frame_of(request).words
    schedule = context.schedule()
    first = inputs.date("from") or context.today()
    typed = _typed_hours(schedule, stop, inputs)
    new = NewHours(stop=stop, hours=_changed(schedule, stop, typed, first) or typed, first=first)
    with context.transaction() as session:
        row = save_scenario(session, person, schedule, new, words, _moment(context))
    return RedirectResponse(f"/plan/form?saved={row.scenario}", 303)


def _tried(request: Request, person: Person, stop: str, inputs: Inputs) -> Response:
    """The page with the typed hours as if they held from the typed date (today), and nothing stored."""
    context = state_of(request).context
    schedule, today = context.schedule(), context.today()
    basis = Basis(inputs.date("from") or today, Provenance(assumed=True, reason=" - "))
    times = with_hours(schedule.opening_times, stop, _typed_hours(schedule, stop, inputs), basis, today)
    return place_page(request, person, stop, Shown(inputs=inputs, tried=replace(schedule, opening_times=times)))


def _typed_hours(schedule: Schedule, stop: str, inputs: Inputs) -> dict[str, tuple[Window, ...]]:
    """Hours by day type as typed; day types without any hours, stored or typed, are left out."""
    typed = {each.id: windows_of(inputs.pairs(each.id), each.id) for each in schedule.calendar.day_types}
    entered = {each.day_type for each in schedule.opening_times.regular if each.stop == stop}
    return {day_type: windows for day_type, windows in typed.items() if windows or day_type in entered}


def _changed(
    schedule: Schedule, stop: str, typed: Mapping[str, tuple[Window, ...]], first: date
) -> dict[str, tuple[Window, ...]]:
    """The typed hours that differ from what holds on the date: an act leaves the other day types alone."""
    regular = {each: schedule.opening_times.regular_on(stop, each, first) for each in typed}
    return {
        day_type: windows
        for day_type, windows in typed.items()
        if (value := regular[day_type]) is None or value.windows != windows
    }


def _special(request: Request, person: Person, stop: str, inputs: Inputs) -> Response:
    context = state_of(request).context
    withdraws = inputs.text("act") == "withdraw"

    def act(session: Session) -> None:
        days = span_of(inputs.date("first"), inputs.date("last"))
        windows = None if withdraws else windows_of(inputs.pairs("special"), stop)
        facts.change_special_hours(session, person, stop, days, windows, inputs.text("reason")[:120], _moment(context))

    try:
        with context.transaction() as session:
            act(session)
    except NotFound:
        raise
    except ShuttleError as error:
        fault = fault_of(error, frame_of(request).words, SPECIAL_FIELD_OF.get(error.code, ""))
        return place_page(request, person, stop, Shown(special=inputs, faults=(fault,), status=422))
    return RedirectResponse(f"/plan/places/{stop}?done={'withdrawn' if withdraws else 'special'}", 303)


def _overview(request: Request, person: Person, faults: tuple[FieldFault, ...]) -> Response:
    context = state_of(request).context
    frame, schedule, today = frame_of(request, person), context.schedule(), context.today()
    stops = dict.fromkeys(
        stop.id for stop in schedule.network.stops if stop.validity.last is None or stop.validity.last >= today
    )
    centres = [
        centre_view(schedule, stop, today, frame.words) for stop in stops if stop in schedule.opening_times.stops
    ]
    with context.reading() as session:
        acts = fact_acts(session, schedule, today, frame.words)
    return show(
        request,
        frame,
        "places/overview.html",
        status=409 if faults else 200,
        centres=centres,
        others=[
            (stop, schedule.network.stop_name(stop, today))
            for stop in stops
            if stop not in schedule.opening_times.stops
        ],
        acts=acts,
        zone=context.zone,
        faults=faults,
        done=_done(request, faults),
    )


def place_page(request: Request, person: Person, stop: str, shown: Shown) -> Response:
    """The page of a place. Raises NotFound (`unknown-stop`)."""
    context = state_of(request).context
    frame, schedule, today = frame_of(request, person), context.schedule(), context.today()
    facts.check_stop(schedule, stop)
    typed = {each.id: shown.inputs.pairs(each.id) for each in schedule.calendar.day_types} if shown.inputs else None
    first = _date_of(request, shown, today)
    with context.reading() as session:
        acts = [act for act in fact_acts(session, schedule, today, frame.words) if act.stop == stop]
    return show(
        request,
        frame,
        "places/place.html",
        status=shown.status,
        view=centre_view(shown.tried or schedule, stop, today, frame.words, first, typed),
        today=today,
        on=first,
        given=shown.inputs,
        special=shown.special,
        stop_given=shown.stop,
        picture=next((each for each in schedule.pictures if each.stop == stop), None),
        picture_given=shown.picture,
        drawing=drawing(schedule, first, frame.words.language),
        stop=value_of([each for each in schedule.network.stops if each.id == stop], first),
        tried=shown.tried is not None,
        acts=acts,
        zone=context.zone,
        faults=shown.faults,
        errors={fault.field: fault.message for fault in shown.faults},
        done=_done(request, shown.faults),
    )


def _date_of(request: Request, shown: Shown, today: date) -> date:
    """The date whose hours are shown: that of tried hours, else the one that the address names, else today."""
    if shown.inputs:
        return (shown.inputs.date("from") if shown.tried else None) or today
    on = request.query_params.get("on")
    return max(parse_date(on), today) if on else today


def _done(request: Request, faults: tuple[FieldFault, ...]) -> str:
    done = request.query_params.get("done", "")
    return done if done in DONE and not faults else ""


def _moment(context: AppContext) -> Moment:
    return Moment(context.now(), context.today())
