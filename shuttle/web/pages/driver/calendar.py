"""The driver's calendar subscription: a secret address of the driver's own duties, shown once when made.

A new address replaces the old one, which then answers 404.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import ShuttleError
from shuttle.services.duties import duty_calendars
from shuttle.store.duties.duty_calendars import calendar_of
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.public import feed_links
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/driver/calendar", include_in_schema=False)


@router.api_route("", methods=["GET", "HEAD"])
def calendar(request: Request, asking: Asking) -> Response:
    """The page: whether an address exists, since when, and when it was last fetched."""
    return _page(request, allow(asking, Action.DRIVE))


@router.post("")
def make(request: Request, asking: Asking) -> Response:
    """Make a new address, shown once; an older one stops working."""
    return _act(
        request, asking, lambda session: duty_calendars.make_calendar(session, asking, state_of(request).context.now())
    )


@router.post("/delete")
def delete(request: Request, asking: Asking) -> Response:
    """Delete the address."""
    return _act(
        request, asking, lambda session: duty_calendars.end_calendar(session, asking, state_of(request).context.now())
    )


def _act(request: Request, asking: Person | None, act: Callable[[Session], str | None]) -> Response:
    person = allow(asking, Action.DRIVE)
    try:
        with state_of(request).context.transaction() as session:
            secret = act(session)
    except ShuttleError as error:
        return _page(request, person, fault=fault_of(error, frame_of(request).words))
    return _page(request, person, secret) if secret else RedirectResponse("/driver/calendar?done=deleted", 303)


def _page(request: Request, person: Person, secret: str = "", fault: FieldFault | None = None) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    with context.reading() as session:
        calendar = calendar_of(session, person.id)
        session.expunge_all()
    return show(
        request,
        frame,
        "driver/calendar.html",
        status=422 if fault else 200,
        calendar=calendar,
        feed=feed_links(frame, f"/feeds/duties/{secret}.ics") if secret else None,
        zone=context.zone,
        faults=(fault,) if fault else (),
        deleted=request.query_params.get("done") == "deleted" and calendar is None,
    )
