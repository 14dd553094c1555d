"""Public pages: the day's departures and the timetable for print. Readers are not recorded."""

from datetime import date, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import LAST_DATE, parse_date, time_of_day_text
from shuttle.feeds.printed.timetable_view import timetable_view
from shuttle.services.ridership.live.day import LiveDay, live_day
from shuttle.web.pages.absence import absence_near
from shuttle.web.pages.closings import closing_notes
from shuttle.web.pages.day_view import LOOK_AHEAD, DayView, Reader, day_view
from shuttle.web.pages.faults import FieldFault
from shuttle.web.pages.frame import Frame, frame_of, show
from shuttle.web.pages.linked_data import linked_data
from shuttle.web.pages.qr import public_qr_svg
from shuttle.web.pages.stop_details import drawing, stop_details
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)

FIRST, LAST = date(2020, 1, 1), LAST_DATE
"""Dates for which the calendar knows the public holidays."""


def feed_links(frame: Frame, path: str) -> dict[str, str]:
    """The addresses of a calendar: to follow (webcal), to copy (https), and as a QR code."""
    feed_path = f"{path}{'&' if '?' in path else '?'}lang={frame.words.language}"
    url = f"{frame.base_url}{feed_path}"
    return {"path": feed_path, "url": url, "webcal": "webcal://" + url.partition("://")[2], "qr": public_qr_svg(url)}


def _linked(request: Request, frame: Frame, day: date) -> str:
    state = state_of(request)
    context = state.context
    schedule = context.schedule()
    publisher = state.settings.publisher_for(schedule.details)
    return linked_data(schedule, day, context.zone, frame.words, publisher, frame.base_url)


@router.api_route("/", methods=["GET", "HEAD"])
def day(request: Request, asking: Asking) -> Response:
    """The departures of today or of `?date=`: everywhere, at `?stop=`, or those that go `?from=` one stop `&to=` another."""
    frame = frame_of(request, asking)
    faults: list[FieldFault] = []
    asked = request.query_params.get("date", "").strip()
    wanted = _asked_day(request, frame, asked, faults)
    view = _view(request, frame, wanted, faults)
    schedule = state_of(request).context.schedule()
    return show(
        request,
        frame,
        "public/day.html",
        status=422 if faults else 200,
        view=view,
        now=state_of(request).context.now(),
        faults=faults,
        feed=feed_links(frame, _calendar_of(view)),
        linked=_linked(request, frame, view.day),
        look_ahead=LOOK_AHEAD,
        closings=closing_notes(state_of(request).context.schedule(), [view.day]),
        absence=absence_near(state_of(request).context.schedule(), view.day),
        telephone=state_of(request).settings.telephone,
        stops=stop_details(schedule, view.stops, frame.words.language, state_of(request).settings.map_address),
        drawing=drawing(schedule, view.day, frame.words.language),
        kept=[(name, value) for name, value in frame.query if name in ("from", "to", "stop") and not faults],
        before=wanted - timedelta(days=1) if wanted > FIRST else None,
        after=wanted + timedelta(days=1) if wanted < LAST else None,
        asked_date=asked if faults else wanted.isoformat(),
        date_error=next((fault.message for fault in faults if fault.field == "date"), ""),
    )


def _asked_day(request: Request, frame: Frame, asked: str, faults: list[FieldFault]) -> date:
    today = state_of(request).context.today()
    try:
        wanted = parse_date(asked) if asked else today
        if FIRST <= wanted <= LAST:
            return wanted
    except Invalid:
        pass
    faults.append(FieldFault("date", frame.words.say("public.bad_date", given=asked)))
    return today


def _calendar_of(view: DayView) -> str:
    """The calendar that has what the page shows."""
    if view.origin and view.destination:
        return f"/feeds/departures.ics?from={view.origin.id}&to={view.destination.id}"
    return f"/feeds/stops/{view.origin.id}.ics" if view.origin else "/feeds/departures.ics"


def _view(request: Request, frame: Frame, wanted: date, faults: list[FieldFault]) -> DayView:
    context, query = state_of(request).context, request.query_params
    schedule, now = context.schedule(), context.now()
    origin, destination = query.get("from") or query.get("stop") or None, query.get("to") or None
    live = live_day(context, schedule, now) if wanted == context.today() else LiveDay()
    try:
        return day_view(
            schedule,
            wanted,
            Reader(origin=origin, destination=destination, now=now, zone=context.zone, words=frame.words),
            live,
        )
    except NotFound as error:
        names = ", ".join(place.name for place in schedule.network.on(wanted).stops.values())
        faults.append(FieldFault("", frame.words.say("public.bad_stop", given=error.given, allowed=names)))
    except Invalid as error:
        faults.append(FieldFault("", frame.words.say("public.same_stop", stop=error.given)))
    return day_view(
        schedule, wanted, Reader(origin=None, destination=None, now=now, zone=context.zone, words=frame.words), live
    )


@router.api_route("/timetable", methods=["GET", "HEAD"])
def timetable(request: Request, asking: Asking) -> Response:
    """The timetable that applies today (or on `?date=`), made to be printed and hung up."""
    frame = frame_of(request, asking)
    state = state_of(request)
    faults: list[FieldFault] = []
    wanted = _asked_day(request, frame, request.query_params.get("date", "").strip(), faults)
    view = timetable_view(state.context.schedule(), wanted, frame.words)
    asked = {"lang": frame.words.language} | ({} if wanted == state.context.today() else {"date": wanted.isoformat()})
    return show(
        request,
        frame,
        "public/timetable.html",
        status=422 if faults else 200,
        view=view,
        faults=faults,
        feed=feed_links(frame, "/feeds/departures.ics"),
        linked=_linked(request, frame, wanted),
        clock=time_of_day_text,
        telephone=state.settings.telephone,
        poster=f"/timetable.pdf?{urlencode(asked)}",
        home_qr=public_qr_svg(f"{frame.base_url}/"),
    )
