"""Page of the network: running times by leg and time band, vehicles, and patterns made by choosing stops in order."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import MOST_NOK, Costs, Pattern, RunningTime, Supplement, Vehicle
from shuttle.services.timetable import network_facts
from shuttle.services.timetable.facts import Moment
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.places.acts import fact_acts
from shuttle.web.pages.places.inputs import Inputs, identifier
from shuttle.web.pages.places.network_view import network_view
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/places/network", include_in_schema=False)

DONE = ("running_time", "vehicle", "pattern", "costs")
MOST_SUPPLEMENTS = 50


@dataclass(frozen=True)
class Typed:
    """A form that was sent: which one (`running_time:a b`, `vehicle:id`, `pattern`), its inputs, and its faults."""

    form: str = ""
    inputs: Inputs | None = None
    faults: tuple[FieldFault, ...] = ()
    stops: list[str] = field(default_factory=list)


@router.api_route("", methods=["GET", "HEAD"])
async def network(request: Request) -> Response:
    """Running times, vehicles and patterns as they hold today."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    return await run_in_threadpool(_page, request, person, Typed())


@router.post("/running-time")
async def running_time(request: Request) -> Response:
    """The running times of a link, from a date."""

    def act(session: Session, person: Person, inputs: Inputs, moment: Moment) -> None:
        basis = inputs.basis()
        link = RunningTime(
            origin=inputs.text("origin"),
            destination=inputs.text("destination"),
            bands=_bands(inputs),
            km=_number(inputs.text("km")),
            provenance=basis.provenance,
        )
        network_facts.change_running_time(session, person, link, basis.first, moment)

    return await _acted(request, "running_time", ("origin", "destination"), act)


@router.post("/vehicle")
async def vehicle(request: Request) -> Response:
    """A new vehicle, or new values of one, from a date."""

    def act(session: Session, person: Person, inputs: Inputs, moment: Moment) -> None:
        basis = inputs.basis()
        bus = Vehicle(
            id=inputs.text("vehicle") or identifier(inputs.text("name")),
            seats=_whole(inputs.text("seats")),
            wheelchair_places=_whole(inputs.text("wheelchair_places") or "0"),
            provenance=basis.provenance,
        )
        network_facts.change_vehicle(session, person, bus, basis.first, moment)

    return await _acted(request, "vehicle", ("vehicle",), act)


@router.post("/costs")
async def costs(request: Request) -> Response:
    """The cost rates and supplements, from a date."""

    def act(session: Session, person: Person, inputs: Inputs, moment: Moment) -> None:
        basis = inputs.basis()
        rates = Costs(
            nok_per_driver_hour=_nok(inputs.text("hour")),
            nok_per_km=_nok(inputs.text("km")),
            supplements=tuple(_supplements(inputs, basis.provenance)),
            provenance=basis.provenance,
        )
        network_facts.change_costs(session, person, rates, basis.first, moment)

    return await _acted(request, "costs", (), act)


@router.post("/pattern")
async def pattern(request: Request) -> Response:
    """A pattern of the stops that were chosen in order; the other buttons add a stop, or take the last one away."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs = Inputs(await request.form())
    stops, action = inputs.texts("stops")[:40], inputs.text("act")
    if action.startswith("add:") or action == "remove":
        stops = stops[:-1] if action == "remove" else [*stops, action.removeprefix("add:")[:80]]
        typed = Typed(form="pattern", inputs=inputs, stops=stops)
        return await run_in_threadpool(_page, request, person, typed)

    def act(session: Session, person: Person, inputs: Inputs, moment: Moment) -> None:
        schedule = state_of(request).context.schedule()
        names = [schedule.network.stop_name(stop, moment.today) for stop in stops]
        new = Pattern(
            id=inputs.text("pattern") or _new_pattern_id(schedule, stops),
            stops=tuple(stops),
            headsign=inputs.text("headsign")[:120] or (names[-1] if names else ""),
            direction=0 if stops[:1] == [schedule.network.base_stop] else 1,
            provenance=inputs.basis().provenance,
        )
        network_facts.change_pattern(session, person, new, moment)

    return await _acted(request, "pattern", (), act, stops)


async def _acted(
    request: Request,
    form: str,
    keys: tuple[str, ...],
    act: Callable[[Session, Person, Inputs, Moment], None],
    stops: list[str] | None = None,
) -> Response:
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs, context = Inputs(await request.form()), state_of(request).context
    name = ":".join(filter(None, (form, " ".join(inputs.text(key) for key in keys))))

    def run() -> Response:
        try:
            with context.transaction() as session:
                act(session, person, inputs, Moment(context.now(), context.today()))
        except ShuttleError as error:
            fault = fault_of(error, frame_of(request).words, f"{form}-form")
            return _page(request, person, Typed(name, inputs, (fault,), stops or []))
        return RedirectResponse(f"/plan/places/network?done={form}", 303)

    return await run_in_threadpool(run)


def _page(request: Request, person: Person, typed: Typed) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    schedule, today = context.schedule(), context.today()
    with context.reading() as session:
        acts = [act for act in fact_acts(session, schedule, today, frame.words) if not act.stop]
    done = request.query_params.get("done", "")
    return show(
        request,
        frame,
        "places/network.html",
        status=422 if typed.faults else 200,
        view=network_view(schedule, today, frame.words),
        typed=typed,
        given=typed.inputs,
        faults=typed.faults,
        errors={},
        today=today,
        acts=acts,
        zone=context.zone,
        done=done if done in DONE and not typed.form else "",
    )


def _bands(inputs: Inputs) -> tuple[tuple[Minute, int], ...]:
    """Bands of typed times and minutes; the first begins at 00:00, and a line without minutes is none."""
    lines = zip(inputs.texts("starts"), inputs.texts("minutes"), strict=False)
    bands = [(parse_time_of_day(starts or "00:00"), _whole(minutes)) for starts, minutes in lines if minutes]
    return tuple(sorted(bands))


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        raise Invalid("bad-number", f"{text!r} is no whole number", given=text, allowed="0 to 9999")
    return int(text)


def _number(text: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1000:
        raise Invalid("bad-number", f"{text!r} is no length in kilometres", given=text, allowed="0 to 1000")
    return number


def _nok(text: str) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST_NOK:
        raise Invalid("bad-number", f"{text!r} is no price", given=text, allowed=f"0 to {MOST_NOK}")
    return number


def _supplements(inputs: Inputs, provenance: Provenance) -> Iterator[Supplement]:
    """The supplements that have a name; the inputs of each carry its number."""
    for n in range(MOST_SUPPLEMENTS):
        if name := inputs.text(f"supplement.{n}.name")[:120]:
            starts, ends = (parse_time_of_day(inputs.text(f"supplement.{n}.{key}")) for key in ("starts", "ends"))
            yield Supplement(
                name=name,
                day_types=tuple(inputs.texts(f"supplement.{n}.day_types")),
                starts=starts,
                ends=ends,
                nok_per_hour=_nok(inputs.text(f"supplement.{n}.nok")),
                provenance=provenance,
            )


def _new_pattern_id(schedule: Schedule, stops: list[str]) -> str:
    taken: Mapping[str, Pattern] = schedule.network.pattern_by_id
    name = "-".join(stops)[:70].strip("-") or "pattern"
    return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 100))) if each not in taken)
