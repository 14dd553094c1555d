"""Pairing of a shared tablet: the link of its QR code opens a page whose button gives the tablet a centre's session."""

from collections.abc import Callable
from typing import TypeVar

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session
from starlette.responses import Response

from shuttle.domain.basics.errors import NotFound, NotSignedIn
from shuttle.services.access import tablets
from shuttle.services.access.accounts import TABLET_LASTS
from shuttle.web.pages.access.signing_in import with_session
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import from_our_own_page
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/login/tablet", include_in_schema=False)

T = TypeVar("T")


@router.api_route("/{secret}", methods=["GET", "HEAD"])
async def link(request: Request, secret: str) -> Response:
    """The page with the centre's name and the button; 404 where the link is used or too old."""
    context = state_of(request).context
    try:
        tablet = await _transact(request, lambda session: tablets.waiting_tablet(session, secret, context.now()))
    except NotFound as error:
        return _dead(request, error)
    centre = context.schedule().network.on(context.today()).stop(tablet.centre)
    response = show(request, frame_of(request), "access/tablet.html", tablet=tablet, centre=centre)
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cache-control"] = "no-store"
    return response


@router.post("/{secret}")
async def pair(request: Request, secret: str) -> Response:
    """Use the link and open the tablet's session in this browser. Raises NotSignedIn (`foreign-form`)."""
    if not from_our_own_page(request):
        raise NotSignedIn("foreign-form", "this form was sent from another site")
    context = state_of(request).context
    try:
        _, cookie = await _transact(request, lambda session: tablets.pair_tablet(session, secret, context.now()))
    except NotFound as error:
        return _dead(request, error)
    return with_session(request, "/staff", cookie, TABLET_LASTS)


async def _transact(request: Request, function: Callable[[Session], T]) -> T:
    context = state_of(request).context

    def run() -> T:
        with context.transaction() as session:
            return function(session)

    return await run_in_threadpool(run)


def _dead(request: Request, error: NotFound) -> Response:
    frame = frame_of(request)
    return show(request, frame, "access/dead_link.html", status=404, message=fault_of(error, frame.words).message)
