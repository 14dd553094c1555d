"""Pages about the service that every page links to at its foot: contact, help for each role, and accessibility.

A text of the town stands before the built-in one. They need no sign-in, and readers are not recorded.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import NotFound
from shuttle.domain.timetable.service_details import is_address
from shuttle.web.pages.frame import Frame, frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)

READERS = ("passenger", *(role.value for role in Role))
"""Who the help is for: a page for passengers, and one for each role."""


@router.api_route("/contact", methods=["GET", "HEAD"])
def contact(request: Request, asking: Asking) -> Response:
    """Whom to ask: the town's text, telephone and e-mail address."""
    frame, state = frame_of(request, asking), state_of(request)
    publisher = state.settings.publisher_for(state.context.schedule().details)
    return _show(request, frame, "contact", agency=publisher, telephone=state.settings.telephone)


@router.api_route("/accessibility", methods=["GET", "HEAD"])
def accessibility(request: Request, asking: Asking) -> Response:
    """Page of the accessibility statement."""
    return _show(request, frame_of(request, asking), "accessibility")


@router.api_route("/help", methods=["GET", "HEAD"])
def help_overview(request: Request, asking: Asking) -> Response:
    """Help for the role of the signed-in person, else for passengers."""
    return _help(request, frame_of(request, asking), asking.role.value if asking else "passenger")


@router.api_route("/help/{reader}", methods=["GET", "HEAD"])
def help_for(request: Request, reader: str, asking: Asking) -> Response:
    """The help for passengers or a role. Raises NotFound (`unknown-help`)."""
    if reader not in READERS:
        name = reader[:40]
        raise NotFound("unknown-help", f"there is no help for {name!r}", given=name, allowed=", ".join(READERS))
    return _help(request, frame_of(request, asking), reader)


def _help(request: Request, frame: Frame, reader: str) -> Response:
    steps = frame.words.say(f"help.{reader}").split("\n")
    return _show(request, frame, "help", reader=reader, readers=READERS, steps=steps)


def _show(request: Request, frame: Frame, page: str, **values: object) -> Response:
    text = state_of(request).context.schedule().details.about.get(page, "")
    paragraphs = [] if is_address(text) else [part for part in text.splitlines() if part.strip()]
    return show(request, frame, f"about/{page}.html", 200, own=paragraphs, **values)
