"""What everyone may read: the day's departures and the timetable to print. Nobody who reads is recorded."""

from datetime import date, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.clock import LAST_DATE, parse_date
from shuttle.domain.errors import Invalid, NotFound
from shuttle.feeds.timetable_view import timetable_view
from shuttle.web.identity import Asking
from shuttle.web.pages.day_view import DayView, day_view
from shuttle.web.pages.faults import FieldFault
from shuttle.web.pages.frame import Frame, frame_of, show
from shuttle.web.pages.qr import public_qr_svg
from shuttle.web.state import state_of

router = APIRouter(include_in_schema=False)

FIRST, LAST = date(2020, 1, 1), LAST_DATE
"""Dates for which the calendar knows the public holidays."""


def feed_links(frame: Frame, path: str) -> dict[str, str]:
    """The addresses of a calendar: to follow (webcal), to copy (https), and as a QR code."""
    feed_path = f"{path}?lang={frame.words.language}"
    url = f"{frame.base_url}{feed_path}"
    return {"path": feed_path, "url": url, "webcal": "webcal://" + url.partition("://")[2], "qr": public_qr_svg(url)}


@router.api_route("/", methods=["GET", "HEAD"])
def day(request: Request, asking: Asking) -> Response:
    """The departures of today or of `?date=`, everywhere or at `?stop=`."""
    frame = frame_of(request, asking)
    faults: list[FieldFault] = []
    asked = request.query_params.get("date", "").strip()
    stop = request.query_params.get("stop") or None
    wanted = _asked_day(request, frame, asked, faults)
    view = _view(request, frame, wanted, stop, faults)
    path = f"/feeds/stops/{view.stop}.ics" if view.stop else "/feeds/departures.ics"
    return show(
        request,
        frame,
        "public/day.html",
        status=422 if faults else 200,
        view=view,
        now=state_of(request).house.now(),
        faults=faults,
        feed=feed_links(frame, path),
        before=wanted - timedelta(days=1) if wanted > FIRST else None,
        after=wanted + timedelta(days=1) if wanted < LAST else None,
        asked_date=asked if faults else wanted.isoformat(),
        date_error=next((fault.message for fault in faults if fault.field == "date"), ""),
    )


def _asked_day(request: Request, frame: Frame, asked: str, faults: list[FieldFault]) -> date:
    today = state_of(request).house.today()
    try:
        wanted = parse_date(asked) if asked else today
        if FIRST <= wanted <= LAST:
            return wanted
    except Invalid:
        pass
    faults.append(FieldFault("date", frame.words.say("public.bad_date", given=asked)))
    return today


def _view(request: Request, frame: Frame, wanted: date, stop: str | None, faults: list[FieldFault]) -> DayView:
    house = state_of(request).house
    schedule = house.schedule()
    try:
        return day_view(schedule, wanted, stop, house.now(), house.zone, frame.words)
    except NotFound as error:
        names = ", ".join(place.name for place in schedule.network.on(wanted).stops.values())
        faults.append(FieldFault("", frame.words.say("public.bad_stop", given=error.given, allowed=names)))
        return day_view(schedule, wanted, None, house.now(), house.zone, frame.words)


@router.api_route("/timetable", methods=["GET", "HEAD"])
def timetable(request: Request, asking: Asking) -> Response:
    """The timetable that applies today (or on `?date=`), made to be printed and hung up."""
    frame = frame_of(request, asking)
    state = state_of(request)
    faults: list[FieldFault] = []
    wanted = _asked_day(request, frame, request.query_params.get("date", "").strip(), faults)
    view = timetable_view(state.house.schedule(), wanted, frame.words)
    return show(
        request,
        frame,
        "public/timetable.html",
        status=422 if faults else 200,
        view=view,
        faults=faults,
        feed=feed_links(frame, "/feeds/departures.ics"),
        poster=f"/timetable.pdf?lang={frame.words.language}",
        home_qr=public_qr_svg(f"{frame.base_url}/"),
    )
