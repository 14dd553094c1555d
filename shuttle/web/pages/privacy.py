"""Privacy: the page `/personvern` states the stored data of passengers, drivers and staff, its purpose, its duration and a contact.

The periods are those of the settings, and the contact is the operator's, so that the page never promises what the program does not do.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)

SECTIONS = {"passengers": 3, "drivers": 4, "staff": 3, "rights": 3}
"""Sections in order, by whom they concern, with their numbers of paragraphs."""


@router.api_route("/personvern", methods=["GET", "HEAD"])
def privacy(request: Request, asking: Asking) -> Response:
    """Page of stored data by kind of person; public."""
    frame, state = frame_of(request, asking), state_of(request)
    settings = state.settings
    words = frame.words
    periods = {
        "observers": words.number(settings.keep_observers_days),
        "sign_ins": words.number(settings.keep_sign_ins_days),
        "duties": words.number(settings.keep_duties_days),
        "threshold": words.number(settings.suppression_threshold),
    }
    return show(
        request,
        frame,
        "public/privacy.html",
        sections=[
            (words.say(f"privacy.{name}"), [words.say(f"privacy.{name}.{n}", **periods) for n in range(1, number + 1)])
            for name, number in SECTIONS.items()
        ],
        publisher=settings.publisher_for(state.context.schedule().details),
    )
