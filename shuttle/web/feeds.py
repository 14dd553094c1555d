"""Feeds and print: iCalendar, GTFS, GTFS Realtime, NeTEx and the poster, without sign-in, cookie or content negotiation.

Clients poll; most answers are 304. A response's cache key holds what decides its content (schedule version, date, language) and no
time of day, so that an ETag stays valid as long as the content does.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import parse_iso_date
from shuttle.domain.duties.roster import duties_of_driver
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.gtfs.alerts import alerts
from shuttle.feeds.gtfs.realtime import realtime_dates, trip_updates
from shuttle.feeds.gtfs.schedule import published_feed, published_span
from shuttle.feeds.gtfs.tables import zipped
from shuttle.feeds.ical.calendars import (
    connections_calendar,
    departures_calendar,
    duties_calendar,
    opening_hours_calendar,
    rolling_window,
    stop_calendar,
)
from shuttle.feeds.ical.components import Site
from shuttle.feeds.netex import NetexSettings, netex_zip
from shuttle.feeds.printed.poster import Paper, poster_pdf
from shuttle.services.app_context import AppContext
from shuttle.services.duties.duty_calendars import subscribed_assignments
from shuttle.services.ridership.live.day import last_report, live_day
from shuttle.services.ridership.live.told import ToldNow
from shuttle.services.ridership.skipped_stops import skipped_stops_between
from shuttle.settings import PRINT_FONTS
from shuttle.store.ridership.incidents import last_incident_at
from shuttle.store.ridership.passings import last_passing_at
from shuttle.web.api.queries import ConnectionQuery
from shuttle.web.api.schedule import pair_of_stops
from shuttle.web.pages.frame import address_of_pages
from shuttle.web.pages.qr import LONGEST
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import State, state_of

router = APIRouter(tags=["feeds"], responses=ANY_PROBLEM, include_in_schema=False)

CALENDAR = "text/calendar; charset=utf-8"
PUBLIC = "public, max-age=300"
"""Five minutes: far less than the polling interval of calendar programs."""

PRIVATE = "private, no-cache"
"""Cached by the client alone and revalidated each time: a deleted address answers 404 at once."""

Language = Annotated[str | None, Query(alias="lang", description="nb, nn or en", pattern="^(nb|nn|en)$")]
CalendarWriter = Callable[[Schedule, Date, str], bytes]
RealtimeWriter = Callable[[Schedule, datetime, Publisher, datetime], bytes]
"""Of the schedule at a moment, for a publisher, with the time at which the content was renewed."""

Reports = tuple[int, datetime | None]
"""Number and moment of the newest report of a driver."""

ROBOTS = """\
User-agent: *
Allow: /$
Allow: /feeds/
Allow: /timetable
Allow: /data
Disallow: /feeds/duties/
Disallow: /admin
Disallow: /api/
Disallow: /driver
Disallow: /login
Disallow: /plan
Disallow: /ridership
Disallow: /staff
"""


@router.api_route("/robots.txt", methods=["GET", "HEAD"])
async def robots(request: Request) -> Response:
    """Rules for robots (robots.txt): public feeds are allowed by name, since calendar programs follow these rules."""
    address = state_of(request).settings.public_address
    text = f"{ROBOTS}Sitemap: {address}/sitemap.xml\n" if address else ROBOTS
    return PlainTextResponse(text, headers={"cache-control": "public, max-age=86400"})


@router.api_route("/feeds/departures.ics", methods=["GET", "HEAD"])
async def departures(request: Request) -> Response:
    """All departures from a week back to ninety days ahead, or those that go from one stop to another."""
    state, query = state_of(request), ConnectionQuery.of(request)
    origin, destination = query.origin, query.destination
    zone = state.context.zone

    told = await _told(state)

    def write(schedule: Schedule, today: Date, language: str) -> bytes:
        if pair := pair_of_stops(schedule, origin, destination):
            return connections_calendar(schedule, pair, today, zone, language, site=_site(state), told=told.calls)
        return departures_calendar(schedule, today, zone, language, site=_site(state), told=told.calls)

    name = ("departures", origin, destination) if origin is not None or destination is not None else ("departures",)
    return await _calendar(request, name, query.lang, write, told)


@router.api_route("/feeds/stops/{stop}.ics", methods=["GET", "HEAD"])
async def at_stop(request: Request, stop: str, lang: Language = None) -> Response:
    """Departures from and arrivals at one stop. Raises NotFound (`unknown-stop`)."""
    state = state_of(request)
    zone = state.context.zone
    told = await _told(state)
    return await _calendar(
        request,
        ("stop", stop),
        lang,
        lambda schedule, today, language: stop_calendar(
            schedule, stop, today, zone, language, site=_site(state), told=told.calls
        ),
        told,
    )


@router.api_route("/feeds/opening-hours/{stop}.ics", methods=["GET", "HEAD"])
async def opening_hours(request: Request, stop: str, lang: Language = None) -> Response:
    """Opening hours of a centre."""
    state = state_of(request)
    zone = state.context.zone
    return await _calendar(
        request,
        ("hours", stop),
        lang,
        lambda schedule, today, language: opening_hours_calendar(
            schedule, stop, today, zone, language, site=_site(state)
        ),
    )


@router.api_route("/feeds/duties/{token}.ics", methods=["GET", "HEAD"])
async def duties(request: Request, token: str, lang: Language = None) -> Response:
    """The duties of the driver whose secret address it is; the assignments are read from the database each time."""
    state = state_of(request)
    context, today, language = state.context, state.context.today(), lang or state.settings.language
    window = rolling_window(today)
    assignments = await run_in_threadpool(subscribed_assignments, context, token, window[0], window[-1])
    return await state.answers.give(
        request,
        ("duties", assignments, today, language),
        lambda schedule: duties_calendar(
            schedule, duties_of_driver(schedule, assignments), today, context.zone, language, _site(state)
        ),
        CALENDAR,
        PRIVATE,
        modified=lambda schedule: max(
            [last_modified(schedule, state, today), *(each.latest_moment for each in assignments)]
        ),
        content_disposition='inline; filename="duties.ics"',
        x_robots_tag="noindex",
    )


def _site(state: State) -> Site:
    """The installation's name, and its public address where one is set; a request's Host header is not trusted."""
    return Site(f"{state.context.installation()}.shuttle", state.settings.public_address)


async def _told(state: State) -> ToldNow:
    """What is told of the departures of today and the days behind."""
    unchanged = state.told.unchanged()
    return unchanged if unchanged is not None else await run_in_threadpool(state.told.now)


async def _calendar(
    request: Request, name: tuple[str | None, ...], lang: str | None, write: CalendarWriter, told: ToldNow | None = None
) -> Response:
    """A public calendar; `name` is its part of the cache key and of the file name. `told`: what drivers reported of its departures."""
    state = state_of(request)
    today, language = state.context.today(), lang or state.settings.language
    moments = [each.renewed_at for each in told.calls.values()] if told is not None else []
    return await state.answers.give(
        request,
        ("ics", *name, today, language, told.number if told is not None else 0),
        lambda schedule: write(schedule, today, language),
        CALENDAR,
        PUBLIC,
        modified=lambda schedule: max([last_modified(schedule, state, today), *moments]),
        takes_long=True,
        content_disposition=f'inline; filename="{"-".join(word or "" for word in name)}.ics"',
    )


@router.api_route("/feeds/gtfs.zip", methods=["GET", "HEAD"])
async def gtfs(request: Request) -> Response:
    """The next 400 days for journey planners. Yesterday's service day is in it while it runs; this is checked each hour."""
    state = state_of(request)
    hour = state.context.now().replace(minute=0, second=0, microsecond=0)

    return await state.answers.give(
        request,
        ("gtfs", hour),
        lambda schedule: zipped(published_feed(schedule, hour, state.settings.publisher_for(schedule.details)).files),
        "application/zip",
        PUBLIC,
        modified=lambda schedule: max(hour, last_modified(schedule, state, state.context.today())),
        takes_long=True,
        content_disposition='attachment; filename="gtfs.zip"',
    )


@router.api_route("/feeds/netex.zip", methods=["GET", "HEAD"])
async def netex(request: Request) -> Response:
    """The same dates as in gtfs.zip, in the Nordic profile."""
    state = state_of(request)
    settings = state.settings
    hour = state.context.now().replace(minute=0, second=0, microsecond=0)
    assigned = NetexSettings(settings.netex_codespace, settings.netex_quays_of, settings.netex_company)

    def write(schedule: Schedule) -> bytes:
        publisher = settings.publisher_for(schedule.details)
        first, last = published_span(schedule, hour, publisher)
        return netex_zip(schedule, first, last, assigned, publisher=publisher)

    return await state.answers.give(
        request,
        ("netex", hour),
        write,
        "application/zip",
        PUBLIC,
        modified=lambda schedule: max(hour, last_modified(schedule, state, state.context.today())),
        takes_long=True,
        content_disposition='attachment; filename="netex.zip"',
    )


@router.api_route("/feeds/gtfs-rt/trip-updates.pb", methods=["GET", "HEAD"])
async def realtime_trip_updates(request: Request) -> Response:
    """Differences of the coming days from the static feed, and delays of today's departures."""
    context = state_of(request).context
    reports = await run_in_threadpool(_reports, context)

    def write(schedule: Schedule, now: datetime, publisher: Publisher, timestamp: datetime) -> bytes:
        days = realtime_dates(schedule, now, publisher.zone)
        skipped = skipped_stops_between(context, days[0], days[-1])
        live = live_day(context, schedule, context.now())
        return trip_updates(schedule, now, publisher, timestamp, skipped, live.expectations)

    return await _realtime(request, "trip-updates", write, reports)


def _reports(context: AppContext) -> Reports:
    """Number and moment of the newest passing or incident: reports do not raise the schedule's version."""
    with context.reading() as session:
        moments = [moment for moment in (last_passing_at(session), last_incident_at(session)) if moment is not None]
        return last_report(session), max(moments, default=None)


@router.api_route("/feeds/gtfs-rt/alerts.pb", methods=["GET", "HEAD"])
async def realtime_alerts(request: Request) -> Response:
    """Cancelled, moved and extra departures with their reasons."""
    return await _realtime(request, "alerts", alerts)


async def _realtime(request: Request, which: str, write: RealtimeWriter, reports: Reports = (0, None)) -> Response:
    """A realtime feed: renewed once a minute, and at once when the schedule changes or a driver reports (`reports`).

    Its timestamp is that of the schedule's version, which has a second of its own and is the same in every process, or that of a later
    report. It is never more than two minutes ahead, whatever clock the version was written by.
    """
    state = state_of(request)
    minute = state.context.now().replace(second=0, microsecond=0)

    def renewed(schedule: Schedule) -> datetime:
        moments = [moment for moment in (minute, schedule.changed_at, reports[1]) if moment is not None]
        return min(max(moments), minute + timedelta(minutes=2))

    return await state.answers.give(
        request,
        ("gtfs-rt", which, minute, reports),
        lambda schedule: write(schedule, minute, state.settings.publisher_for(schedule.details), renewed(schedule)),
        "application/x-protobuf",
        "public, max-age=30",
        modified=renewed,
    )


@router.api_route("/timetable.pdf", methods=["GET", "HEAD"])
async def poster(
    request: Request, lang: Language = None, date: str | None = None, paper: Paper = "a4", stop: str | None = None
) -> Response:
    """The timetable to hang on a wall (in town, or at `stop`), with a code that opens this site."""
    state = state_of(request)
    language = lang or state.settings.language
    day = parse_iso_date(date) if date else state.context.today()
    address = f"{address_of_pages(request)}/"
    address = address if len(address) <= LONGEST else ""  # a host that a client made up fits into no code
    telephone = state.settings.telephone
    return await state.answers.give(
        request,
        ("poster", day, language, paper, address, stop),
        lambda schedule: poster_pdf(
            schedule, day, language, paper, address, PRINT_FONTS, stop=stop, telephone=telephone
        ),
        "application/pdf",
        PUBLIC if state.settings.public_address else PRIVATE,  # its code carries the host that was asked for
        modified=lambda schedule: last_modified(schedule, state, state.context.today()),
        takes_long=True,
        content_disposition=f'inline; filename="timetable-{day.isoformat()}-{paper}-{language}.pdf"',
    )


def last_modified(schedule: Schedule, state: State, today: Date) -> datetime:
    """The last moment at which a feed may have become another.

    That is when the schedule changed, when the day began and its window moved on, or when this process started, for then the
    settings or the program may be others.
    """
    moments = (schedule.changed_at, datetime.combine(today, time(), state.context.zone), state.started)
    return max(moment for moment in moments if moment is not None).astimezone(UTC)
