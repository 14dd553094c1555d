"""Sheet of all assumed facts for print, with space for answers, and the address of the page that confirms each."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, allow
from shuttle.services.timetable.assumed_facts import AssumedFact, assumed_facts, kinds
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/places", include_in_schema=False)


@router.api_route("/sheet", methods=["GET", "HEAD"])
def sheet(request: Request, asking: Asking) -> Response:
    """Every assumed fact with its value, a link to confirm it, and on paper space for the answer."""
    person = allow(asking, Action.EDIT_FACTS)
    state, frame = state_of(request), frame_of(request, person)
    facts = assumed_facts(state.context.schedule(), state.context.today(), frame.words)
    return show(
        request,
        frame,
        "places/sheet.html",
        groups=[(kind, [(fact, confirm_address(fact)) for fact in several]) for kind, several in kinds(facts)],
        number=len(facts),
        today=state.context.today(),
        entered_in=state.settings.language,
    )


def confirm_address(fact: AssumedFact) -> str:
    """Address of the page that confirms a fact; empty for a timetable: publishing another confirms its trips."""
    pages = {
        "stop": f"/plan/places/{fact.key}#stop",
        "opening_hours": f"/plan/places/{fact.key}#hours",
        "running_time": "/plan/places/network#running-times",
        "vehicle": "/plan/places/network#vehicles",
        "costs": "/plan/places/network#costs",
        "pattern": "/plan/places/network#patterns",
    }
    return pages.get(fact.kind, "")
