"""Open data: the page that lists every feed and the API, and the description for search engines.

A feed is named with its address, format, an example and how often to ask. The list is made from the schedule, so that a stop or
centre that is added has its calendars there at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.timetable.departures import Schedule
from shuttle.language import LANGUAGES, Words
from shuttle.web.pages.frame import address_of_pages, frame_of, render, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of
from shuttle.web.static_files import assets

router = APIRouter(include_in_schema=False)

PUBLIC_PAGES = ("/", "/timetable", "/data", "/personvern")
"""Pages for everybody, as the sitemap lists them."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A feed, or a route of the API. `key`: the last words of its text keys. `addresses`: what each has, and its path."""

    key: str
    format: str
    every: str
    addresses: tuple[tuple[str, str], ...]


def sources(schedule: Schedule, today: date, words: Words) -> Iterator[Source]:
    """Every feed and the public API, with addresses of the stops and centres of today."""
    stops = list(schedule.network.on(today).stops.values())
    lang = f"lang={words.language}"
    others = [stop for stop in stops if stop.id != schedule.network.base_stop]
    calendars = [(words.say("data.all_departures"), f"/feeds/departures.ics?{lang}")]
    calendars += [(words.say("data.at_stop", stop=stop.name), f"/feeds/stops/{stop.id}.ics?{lang}") for stop in stops]
    base = next((stop for stop in stops if stop.id == schedule.network.base_stop), None)
    for stop in others if base is not None else ():
        assert base is not None
        title = words.say("data.between", origin=base.name, destination=stop.name)
        calendars.append((title, f"/feeds/departures.ics?from={base.id}&to={stop.id}&{lang}"))
    yield Source(key="calendars", format="iCalendar (RFC 5545)", every="hourly", addresses=tuple(calendars))
    centres = [stop for stop in stops if stop.id in schedule.opening_times.stops]
    hours = tuple((stop.name, f"/feeds/opening-hours/{stop.id}.ics?{lang}") for stop in centres)
    if hours:
        yield Source(key="hours", format="iCalendar (RFC 5545)", every="hourly", addresses=hours)
    yield Source(key="gtfs", format="GTFS Schedule", every="daily", addresses=(("gtfs.zip", "/feeds/gtfs.zip"),))
    realtime = tuple((words.say(f"data.{name}"), f"/feeds/gtfs-rt/{name}.pb") for name in ("trip-updates", "alerts"))
    yield Source(key="realtime", format="GTFS Realtime 2.0 (protobuf)", every="half_minute", addresses=realtime)
    netex = (("netex.zip", "/feeds/netex.zip"),)
    yield Source(key="netex", format="NeTEx Nordic Profile", every="daily", addresses=netex)
    poster = ((words.say("data.poster_file"), f"/timetable.pdf?{lang}"),)
    yield Source(key="poster", format="PDF/UA", every="daily", addresses=poster)
    days = f"from={today.isoformat()}&to={today.isoformat()}"
    there = f"from={schedule.network.base_stop}&to={others[0].id}" if base and others else ""
    connections = [("connections", f"/api/v1/departures?date={today.isoformat()}&{there}")] if there else []
    routes = (
        ("departures", f"/api/v1/departures?date={today.isoformat()}"),
        *connections,
        ("calendar", f"/api/v1/calendar?{days}"),
        ("stops", "/api/v1/stops"),
        ("opening-hours", f"/api/v1/opening-hours?date={today.isoformat()}"),
        ("timetables", "/api/v1/timetables"),
        ("description", "/openapi.json"),
    )
    named = tuple((words.say(f"data.api.{name}"), path) for name, path in routes)
    yield Source(key="api", format="JSON, OpenAPI 3.1", every="minute", addresses=named)


@router.api_route("/data", methods=["GET", "HEAD"])
def data(request: Request, asking: Asking) -> Response:
    """Page of every feed and the API, for developers."""
    frame, state = frame_of(request, asking), state_of(request)
    today = state.context.today()
    return show(
        request,
        frame,
        "public/data.html",
        sources=list(sources(state.context.schedule(), today, frame.words)),
        publisher=state.settings.publisher_for(state.context.schedule().details),
    )


@router.api_route("/sitemap.xml", methods=["GET", "HEAD"])
def sitemap(request: Request) -> Response:
    """The public pages in each language (sitemaps.org, with hreflang)."""
    frame = frame_of(request)
    body = render("public/sitemap.xml", frame, pages=PUBLIC_PAGES, languages=LANGUAGES, base=address_of_pages(request))
    return Response(body, headers={"cache-control": kept(request)}, media_type="application/xml")


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
def favicon() -> Response:
    """The picture that browsers ask for unasked, at the one address where they look."""
    asset = assets().find("favicon.ico")
    return Response(asset.body, headers={"cache-control": "public, max-age=86400"}, media_type="image/x-icon")


def kept(request: Request) -> str:
    """Cache-Control of what carries the address of the pages: no shared cache keeps a host that a client made up."""
    return "public, max-age=86400" if state_of(request).settings.public_address else "private, no-cache"
