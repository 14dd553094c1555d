"""`/staff/incident`: what can be done for a departure to which something has happened, each by one tap."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Refused, ShuttleError
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.language.headsigns import headsign
from shuttle.services.ridership.live import remedies
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/staff/incident", include_in_schema=False)

Text = Annotated[str, Form(max_length=250)]


@router.api_route("", methods=["GET", "HEAD"])
async def incident(request: Request, departure: str = "") -> Response:
    """What was said of the departure, and what can be done."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    return await run_in_threadpool(_page, request, person, departure)


@router.post("")
async def act(request: Request, departure: Text = "", remedy: Text = "", at: Text = "", driver: Text = "") -> Response:
    """Carry one remedy out, or show the page again with what forbids it."""
    person = allow(await maybe_person(request), Action.CHANGE_DEPARTURES)
    state = state_of(request)
    context, schedules = state.context, state.settings.schedules
    acts: dict[str, Callable[[], None]] = {
        "withdraw": lambda: remedies.take_back(context, person, departure),
        "cancel": lambda: remedies.cancel_rest(context, person, departure, schedules),
        "later": lambda: remedies.add_later(context, person, departure, parse_time_of_day(at), schedules),
        "duty": lambda: remedies.hand_over(context, person, departure, driver, schedules),
        "taxi": lambda: remedies.say_outcome(context, person, departure, IncidentKind.TAXI),
        "another_vehicle": lambda: remedies.say_outcome(context, person, departure, IncidentKind.ANOTHER_VEHICLE),
    }

    def run() -> Response:
        try:
            if remedy not in acts:
                raise Refused("no-such-remedy", f"{remedy!r} is no remedy", given=remedy, allowed=", ".join(acts))
            acts[remedy]()
        except ShuttleError as error:
            status = 409 if isinstance(error, Refused) else 422
            return _page(request, person, departure, (fault_of(error, frame_of(request).words),), status)
        return RedirectResponse(f"/staff/incident?departure={departure}&done=yes", 303)

    return await run_in_threadpool(run)


def _page(
    request: Request, person: Person, departure_id: str, faults: tuple[FieldFault, ...] = (), status: int = 200
) -> Response:
    state, frame = state_of(request), frame_of(request, person)
    context, words = state.context, frame.words
    schedule = context.schedule()
    found = remedies.remedies_for(context, person, departure_id, state.settings.schedules)
    departure = found.departure
    stop = departure.calls[0].stop
    names = [schedule.network.stop_name(call.stop, departure.date, words.language) for call in departure.calls]
    return show(
        request,
        frame,
        "staff/remedies.html",
        status=status,
        found=found,
        departure=departure,
        headsign=headsign(schedule.network, departure, words),
        stop=schedule.network.stop_name(stop, departure.date, words.language),
        stops=" – ".join(names),
        times=words.listed([words.clock_text(each.departs) for each in found.rest]),
        zone=context.zone,
        faults=faults,
        done=request.query_params.get("done") == "yes" and not faults,
    )
