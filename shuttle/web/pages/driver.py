"""The driver's page and the worker that keeps it on the phone.

The page holds today and the next days, so that a phone without coverage still knows the day. Counting happens in the phone
(`static/driver/`); the server sees finished counts through the same API as everybody else.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.access import Action, allow
from shuttle.web.assets import assets
from shuttle.web.identity import maybe_person
from shuttle.web.pages.driver_view import driver_days
from shuttle.web.pages.frame import frame_of, render, show
from shuttle.web.state import state_of

router = APIRouter(include_in_schema=False)

KEPT_FOLDERS = ("driver/", "vendor/inter")
KEPT_FILES = ("shuttle.css", "icon.svg", "vendor/designsystemet.css", "vendor/designsystemet-theme.css")
"""What the page is made of: the worker fetches it once, while there is coverage."""


@router.api_route("/driver", methods=["GET", "HEAD"])
async def driver(request: Request) -> Response:
    """The day as one list."""
    person = allow(await maybe_person(request), Action.DRIVE)
    frame = frame_of(request, person)
    house = state_of(request).house
    days = driver_days(house.schedule(), house.today(), house.zone, frame.words)
    return show(
        request,
        frame,
        "driver/day.html",
        days=days,
        texts=frame.words.texts("driver."),
        count_wheelchairs=state_of(request).settings.count_wheelchairs,
    )


@router.api_route("/driver-worker.js", methods=["GET", "HEAD"])
async def worker(request: Request) -> Response:
    """The service worker: its text names every file of this build, so that a new build is a new worker."""
    kept = [
        path for folder in KEPT_FOLDERS for path in assets().paths(folder) if path.endswith((".js", ".css", ".woff2"))
    ]
    files = [assets().url(path) for path in (*KEPT_FILES, *kept)]
    text = render("driver/worker.js", frame_of(request), build=assets().build, files=files)
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})
