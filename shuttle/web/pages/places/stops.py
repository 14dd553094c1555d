"""Pages of stops: a new one, new values of one from a date, and one that closes."""

from collections.abc import Callable
from datetime import date

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, ShuttleError
from shuttle.domain.timetable.network import Stop
from shuttle.services.timetable import network_facts
from shuttle.services.timetable.facts import Moment
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.places.hours import FIELD_OF, Shown, place_page
from shuttle.web.pages.places.inputs import Inputs, identifier
from shuttle.web.pages.stop_details import drawing
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/places", include_in_schema=False)

STOP_FIELD_OF = {
    **{code: f"stop-{field}" for code, field in FIELD_OF.items()},
    "bad-stop": "stop-name",
    "bad-id": "stop-name",
    "bad-position": "stop-lat",
}
"""Where a fault of the form of a stop stands, by its code."""


@router.api_route("/new", methods=["GET", "HEAD"])
async def new(request: Request) -> Response:
    """The form of a new stop."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    return _new_page(request, person, None, None)


@router.post("/new")
async def add(request: Request) -> Response:
    """A new stop, from a date."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs = Inputs(await request.form())

    def act() -> Response:
        taken = {stop.id for stop in state_of(request).context.schedule().network.stops}
        name = identifier(inputs.text("name"))
        stop_id = next(each for each in (name, *(f"{name}-{n}" for n in range(2, 100))) if each not in taken)
        try:
            _store(request, person, stop_id, inputs)
        except ShuttleError as error:
            return _new_page(request, person, inputs, error)
        return RedirectResponse(f"/plan/places/{stop_id}?done=stop", 303)

    return await run_in_threadpool(act)


@router.post("/{stop}/stop")
async def change(request: Request, stop: str) -> Response:
    """New values of a stop, from a date."""
    return await _acted(request, stop, lambda person, inputs: _store(request, person, stop, inputs), "stop")


@router.post("/{stop}/close")
async def close(request: Request, stop: str) -> Response:
    """A stop that is no more from a date on."""

    def act(person: Person, inputs: Inputs) -> None:
        first = inputs.date("from")
        if first is None:
            raise Invalid("no-date", "the date is missing", given="no date", allowed="a date from today on")
        _in_transaction(request, lambda session, m: network_facts.close_stop(session, person, stop, first, m))

    return await _acted(request, stop, act, "closed")


async def _acted(request: Request, stop: str, act: Callable[[Person, Inputs], None], done: str) -> Response:
    person = allow(await maybe_person(request), Action.EDIT_FACTS)
    inputs = Inputs(await request.form())

    def run() -> Response:
        try:
            act(person, inputs)
        except NotFound:
            raise
        except ShuttleError as error:
            field = "close-from" if done == "closed" else STOP_FIELD_OF.get(error.code, "")
            fault = fault_of(error, frame_of(request).words, field)
            return place_page(request, person, stop, Shown(stop=inputs, faults=(fault,), status=422))
        return RedirectResponse(f"/plan/places/{stop}?done={done}", 303)

    return await run_in_threadpool(run)


def _store(request: Request, person: Person, stop_id: str, inputs: Inputs) -> None:
    basis = inputs.basis()
    lat, lon = (_degrees(inputs.text(name)) for name in ("lat", "lon"))
    stop = Stop(
        id=stop_id,
        name=inputs.text("name")[:120],
        lat=lat,
        lon=lon,
        name_nn=inputs.text("name_nn")[:120],
        name_en=inputs.text("name_en")[:120],
        address=inputs.text("address")[:200],
        way=inputs.text("way")[:400],
        wheelchair={"yes": True, "no": False}.get(inputs.text("wheelchair")),
        quay=inputs.text("quay")[:20],
        mark=int(mark) if (mark := inputs.text("mark")).isascii() and mark.isdigit() and len(mark) == 1 else 0,
        provenance=basis.provenance,
    )
    _in_transaction(request, lambda session, m: network_facts.change_stop(session, person, stop, basis.first, m))


def _degrees(text: str) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        allowed = "60.3945"
        raise Invalid("bad-position", f"{text!r} is no number of degrees", given=text, allowed=allowed) from None


def _in_transaction(request: Request, act: Callable[[Session, Moment], object]) -> None:
    context = state_of(request).context
    with context.transaction() as session:
        act(session, Moment(context.now(), context.today()))


def _new_page(request: Request, person: Person, inputs: Inputs | None, error: ShuttleError | None) -> Response:
    frame = frame_of(request, person)
    fault = fault_of(error, frame.words, STOP_FIELD_OF.get(error.code, "")) if error else None
    today: date = state_of(request).context.today()
    return show(
        request,
        frame,
        "places/new.html",
        status=422 if fault else 200,
        given=inputs,
        stop=None,
        drawing=drawing(state_of(request).context.schedule(), today, frame.words.language),
        today=today,
        faults=(fault,) if fault else (),
        errors={fault.field: fault.message} if fault else {},
    )
