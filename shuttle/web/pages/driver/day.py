"""The driver's page and the service worker that stores it on the phone.

The page holds today and the next days with the driver's duties, so that it works without coverage. Counting happens on the phone
(`static/driver/`); finished counts come through the same API as all others.
"""

import gzip
from datetime import timedelta

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.duties.roster import DutyOnDate, duties_of_driver
from shuttle.domain.timetable.network import Stop
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.day import live_day
from shuttle.services.ridership.live.events import told_to
from shuttle.store.duties.roster import assignments_of_driver
from shuttle.web.pages.closings import closing_notes
from shuttle.web.pages.driver.day_view import driver_days
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of
from shuttle.web.static_files import assets

router = APIRouter(include_in_schema=False)

WORKER = "driver/worker.js"
KEPT_FOLDERS = ("driver/", "vendor/inter")
KEPT_FILES = ("shuttle.css", "icon.svg", "vendor/designsystemet.css", "vendor/designsystemet-theme.css")
"""Files of the page, which the service worker fetches once, while there is coverage."""

DUTIES_AHEAD = timedelta(days=14)
"""How far ahead the page names the driver's duties: the notice of a roster that the law requires at least."""


@router.api_route("/driver", methods=["GET", "HEAD"])
def driver(request: Request, asking: Asking) -> Response:
    """The day as one list."""
    person = allow(asking, Action.DRIVE)
    frame = frame_of(request, person)
    context = state_of(request).context
    duties = _own_duties(context, person)
    days = driver_days(context.schedule(), context.now(), context.zone, frame.words, duties)
    response = show(
        request,
        frame,
        "driver/day.html",
        days=days,
        incidents=live_day(context, context.schedule(), context.now()).incidents,
        duty_telephone=state_of(request).settings.duty_telephone,
        closings=closing_notes(context.schedule(), [day.day for day in days]),
        sun=_sun_at(context),
        coming=[duty for duty in duties if duty.date > context.today()],
        texts=frame.words.texts("driver."),
        theirs=told_to(context, person),
        build=assets().build,
        count_wheelchairs=state_of(request).settings.count_wheelchairs,
    )
    return _compressed(request, response)


def _compressed(request: Request, response: Response) -> Response:
    """The page with gzip where the phone takes it: it is long, alike in its parts, and fetched with bad coverage. It holds no secret whose
    length could be told from its size."""
    response.headers.append("vary", "accept-encoding")
    if "gzip" in request.headers.get("accept-encoding", ""):
        response.body = gzip.compress(bytes(response.body), 6, mtime=0)
        response.headers["content-encoding"] = "gzip"
        response.headers["content-length"] = str(len(response.body))
    return response


def _sun_at(context: AppContext) -> Stop | None:
    """The base stop, by whose position the phone knows when the sun is up; None where it has none."""
    network = context.schedule().network
    base = network.on(context.today()).stops.get(network.base_stop)
    return base if base is not None and base.lat is not None and base.lon is not None else None


def _own_duties(context: AppContext, person: Person) -> tuple[DutyOnDate, ...]:
    """The current duty and those of the next two weeks, withdrawn ones too; a token has none."""
    first, today = context.schedule().days_in_service(context.now(), context.zone)[0], context.today()
    with context.reading() as session:
        assignments = assignments_of_driver(session, person.id, first, today + DUTIES_AHEAD)
    return duties_of_driver(context.schedule(), assignments)


@router.api_route("/driver-worker.js", methods=["GET", "HEAD"])
async def worker() -> Response:
    """The service worker. Its text names each file of this build with its digest, so that a new build is a new worker."""
    folders = [path for folder in KEPT_FOLDERS for path in assets().paths(folder)]
    paths = (*KEPT_FILES, *(path for path in folders if path.endswith((".js", ".css", ".woff2")) and path != WORKER))
    files = [(assets().url(path), assets().find(path).integrity) for path in paths]
    kept = orjson.dumps({"build": assets().build, "files": files})
    text = b"self.kept = " + kept + b";\n" + assets().find(WORKER).body
    return Response(text, media_type="text/javascript", headers={"cache-control": "no-cache"})
