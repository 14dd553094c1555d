"""`/admin/start`: seven steps from nothing to a poster, for the first administrator of a new service.

A step shows stored values, stores the typed ones, and leads to the next step. Refused inputs are shown again as typed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Invalid, NotFound, Refused, ShuttleError
from shuttle.domain.basics.service_time import parse_date, parse_time_of_day, time_of_day_text
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.first_steps import DAY_TYPES, RESTS, FirstStep, done_steps, next_step
from shuttle.domain.timetable.service_days import WEEKDAYS
from shuttle.feeds.public_holidays import NORWAY
from shuttle.language import Words
from shuttle.services.timetable import first_steps
from shuttle.services.timetable.first_steps import MOST_STOPS, TypedRoute, TypedStop
from shuttle.services.timetable.service_details import save_details
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/admin/start", include_in_schema=False)

ROUTES_SHOWN = 6
STOPS_OF_A_ROUTE = 4


@router.api_route("", methods=["GET", "HEAD"])
async def start(request: Request) -> Response:
    """To the first step that is not done."""
    allow(await maybe_person(request), Action.ADMINISTER)
    schedule = await run_in_threadpool(state_of(request).context.schedule)
    return RedirectResponse(f"/admin/start/{next_step(schedule)}", 303)


@router.api_route("/{step}", methods=["GET", "HEAD"])
async def show_step(request: Request, step: str) -> Response:
    """One step. Raises NotFound (`unknown-step`)."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    return await run_in_threadpool(_page, request, person, _step(step))


@router.post("/{step}")
async def save_step(request: Request, step: str) -> Response:
    """Store a step and go on, or show it again with the refused inputs."""
    person = allow(await maybe_person(request), Action.ADMINISTER)
    asked, form = _step(step), await request.form()

    def save() -> Response:
        try:
            _SAVES[asked](request, person, form)
        except (Invalid, Refused) as error:
            return _page(request, person, asked, form, error)
        return RedirectResponse(f"/admin/start/{next_step(state_of(request).context.schedule(), asked)}", 303)

    return await run_in_threadpool(save)


def _step(name: str) -> FirstStep:
    try:
        return FirstStep(name)
    except ValueError:
        raise NotFound("unknown-step", f"there is no step {name[:40]!r}", given=name[:40]) from None


def _text(form: FormData, name: str) -> str:
    return str(form.get(name, ""))[:400].strip()


def _save_name(request: Request, person: Person, form: FormData) -> None:
    context, language = state_of(request).context, frame_of(request).words.language
    name, agency = _text(form, "name"), _text(form, "agency")
    if not name:
        raise Invalid("bad-service-name", "the service has no name", allowed="a name")
    details = context.schedule().details
    names = {**dict.fromkeys(("nb", "nn", "en"), name), **details.names, language: name}
    with context.transaction() as session:
        save_details(session, person, replace(details, names=names, agency_name=agency), context.now())


def _save_stops(request: Request, person: Person, form: FormData) -> None:
    words = frame_of(request).words
    typed = [
        TypedStop(name=_text(form, f"stop_{n}"), lat=_text(form, f"lat_{n}"), lon=_text(form, f"lon_{n}"))
        for n in range(MOST_STOPS)
    ]
    first_steps.save_stops(state_of(request).context, person, typed, words.say("start.no_position"))


def _save_times(request: Request, person: Person, form: FormData) -> None:
    context, words = state_of(request).context, frame_of(request).words
    typed = {pair: _text(form, _pair_name(pair)) for pair in first_steps.proposals(context.schedule())}
    first_steps.save_running_times(context, person, typed, words.say("start.by_distance"))


def _save_week(request: Request, person: Person, form: FormData) -> None:
    week = [_text(form, day) for day in WEEKDAYS]
    first_steps.save_week(
        state_of(request).context, person, week, _text(form, "holidays"), _text(form, "country").upper() or NORWAY
    )


def _save_hours(request: Request, person: Person, form: FormData) -> None:
    context = state_of(request).context
    typed = {
        (stop, kind): _text(form, f"hours_{stop}_{kind}")
        for stop, _ in _stops(context.schedule())
        for kind in _kinds(context.schedule())
    }
    first_steps.save_hours(context, person, typed)


def _save_departures(request: Request, person: Person, form: FormData) -> None:
    context, words = state_of(request).context, frame_of(request).words
    typed = []
    for n in range(ROUTES_SHOWN):
        stops = tuple(stop for k in range(STOPS_OF_A_ROUTE) if (stop := _text(form, f"route_{n}_{k}")))
        typed.append(TypedRoute(stops=stops, day_type=_text(form, f"kind_{n}"), times=_text(form, f"times_{n}")))
    first = parse_date(_text(form, "first")) if _text(form, "first") else context.today()
    accepted = [str(code)[:60] for code in form.getlist("accepted")]
    name = words.say("start.first_timetable")
    first_steps.publish_departures(context, person, typed, name, first, accepted)


def _save_poster(request: Request, person: Person, form: FormData) -> None:
    """Stores nothing: the step leads to the poster and the invitations."""


_SAVES: Mapping[FirstStep, Callable[[Request, Person, FormData], None]] = {
    FirstStep.NAME: _save_name,
    FirstStep.STOPS: _save_stops,
    FirstStep.TIMES: _save_times,
    FirstStep.WEEK: _save_week,
    FirstStep.HOURS: _save_hours,
    FirstStep.DEPARTURES: _save_departures,
    FirstStep.POSTER: _save_poster,
}


def _stops(schedule: Schedule) -> list[tuple[str, str]]:
    return [(stop.id, stop.name) for stop in schedule.network.stops]


def _kinds(schedule: Schedule) -> list[str]:
    """Day types on which something may run, as the week uses them."""
    used = {*schedule.calendar.week, *(special.day_type for special in schedule.calendar.special_days)}
    return [kind.id for kind in schedule.calendar.day_types if kind.id in used and kind.id != RESTS]


def _pair_name(pair: tuple[str, str]) -> str:
    return f"minutes_{pair[0]}_{pair[1]}"


def _stored(request: Request, schedule: Schedule) -> dict[str, str]:
    """Stored values by name of the input."""
    words = frame_of(request).words
    details = schedule.details
    inputs = {"name": details.name(words.language), "agency": details.agency_name}
    for n, stop in enumerate(schedule.network.stops[:MOST_STOPS]):
        inputs[f"stop_{n}"] = stop.name
        inputs[f"lat_{n}"] = "" if stop.lat is None else str(stop.lat)
        inputs[f"lon_{n}"] = "" if stop.lon is None else str(stop.lon)
    for pair, (minutes, _, _) in first_steps.proposals(schedule).items():
        inputs[_pair_name(pair)] = str(minutes)
    inputs |= dict(zip(WEEKDAYS, schedule.calendar.week, strict=True))
    holidays = [special.day_type for special in schedule.calendar.special_days if special.day_type]
    inputs["holidays"] = holidays[0] if holidays else schedule.calendar.week[6]
    for hours in schedule.opening_times.regular:
        windows = (f"{time_of_day_text(a)}-{time_of_day_text(b)}".replace(":", ".") for a, b in hours.windows)
        inputs[f"hours_{hours.stop}_{hours.day_type}"] = ", ".join(windows) or "-"
    inputs["country"] = NORWAY
    inputs["first"] = words.date_typed(state_of(request).context.today())
    return inputs


def _finding(fault: Fault, words: Words) -> str:
    """A finding of the first timetable: its trips are not stored yet, and are named by their time, the end of their ids."""
    key, subject = f"planner.finding.{fault.given}", fault.where
    if re.fullmatch(r".*-[0-9]{4}", subject):
        subject = words.clock_text(parse_time_of_day(subject[-4:]))
    return words.say(key, subject=subject) if words.knows(key) else fault.what


def _page(
    request: Request,
    person: Person,
    step: FirstStep,
    form: FormData | None = None,
    error: ShuttleError | None = None,
) -> Response:
    schedule = state_of(request).context.schedule()
    frame = frame_of(request, person)
    language = frame.words.language
    typed = {name: str(value)[:400] for name, value in form.items()} if form else {}
    findings = (
        [(each.given, _finding(each, frame.words)) for each in error.faults] if isinstance(error, Refused) else []
    )
    faults: tuple[FieldFault, ...] = (fault_of(error, frame.words),) if error and not findings else ()
    done = done_steps(schedule)
    return show(
        request,
        frame,
        "admin/first_steps.html",
        status=422 if error else 200,
        step=step,
        steps=list(FirstStep),
        done=done,
        following=next_step(schedule, step),
        given={**_stored(request, schedule), **typed},
        stops=_stops(schedule),
        pairs=[
            (
                _pair_name(pair),
                schedule.network.stop_name(pair[0], state_of(request).context.today()),
                schedule.network.stop_name(pair[1], state_of(request).context.today()),
                km,
            )
            for pair, (_, km, _) in first_steps.proposals(schedule).items()
        ],
        kinds=[(kind.id, kind.names.of(language)) for kind in (schedule.calendar.day_types or DAY_TYPES)],
        running=[(kind, schedule.calendar.names_of(kind).of(language)) for kind in _kinds(schedule)],
        weekdays=WEEKDAYS,
        most_stops=range(MOST_STOPS),
        routes=range(ROUTES_SHOWN),
        calls=range(STOPS_OF_A_ROUTE),
        findings=findings,
        faults=faults,
    )
