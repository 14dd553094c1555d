"""Feeds: built cold in this process, in ms of processor time; over HTTP against a FastAPI hello on the same server.

Cold means a schedule that has resolved no day yet, as after a change. The year feed has 8 departures a day (2,920 events).
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from scripts.benchmarks.load import Order, Result, get, ratios, send
from scripts.benchmarks.rows import Row, at_least, at_most, in_turn, measured
from scripts.benchmarks.servers import Server, hello, product
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.service_details import NO_DETAILS
from shuttle.domain.timetable.trips import Trip
from shuttle.feeds.gtfs.schedule import gtfs_zip
from shuttle.feeds.ical.calendars import departures_calendar
from shuttle.feeds.netex import netex_zip
from shuttle.feeds.printed.poster import poster_pdf
from shuttle.feeds.schedule_files.folder import read_schedules
from shuttle.settings import SCHEDULES, Settings

NAME = "feeds"
SECONDS = 1.5
CONNECTIONS = 32
OSLO = ZoneInfo("Europe/Oslo")
TODAY = date(2026, 11, 23)
YEAR = dates(date(2026, 1, 1), date(2026, 12, 31))
PUBLISHER = Settings().publisher_for(NO_DETAILS)
CALENDAR = "/feeds/departures.ics"


def eight_a_day(schedule: Schedule) -> Schedule:
    """The same service with eight departures on every day."""
    minutes = (480, 540, 600, 720, 780, 900, 1020, 1110)
    trips = tuple(Trip("gyldenpris", day_type, at) for day_type in ("weekday", "holiday") for at in minutes)
    return replace(schedule, timetables=(replace(schedule.timetables[0], trips=trips),))


def cold(schedule: Schedule, build: Callable[[Schedule], object]) -> float:
    """Milliseconds of processor time of one building on a schedule that has resolved nothing yet."""
    fresh = replace(schedule, network=replace(schedule.network), calendar=replace(schedule.calendar))
    began = time.process_time()
    build(fresh)
    return 1000 * (time.process_time() - began)


def closed(server: Server, request: str, *allowed: int) -> Result:
    return send(Order(server.port, [request], CONNECTIONS, SECONDS)).only(*allowed)


def run(rounds: int) -> list[Row]:
    real = read_schedules(SCHEDULES)
    year = eight_a_day(real)
    departures_calendar(real, TODAY, OSLO, "nb")  # catalogues are read once in a process's life
    resolved, feed, gtfs, netex, poster = in_turn(
        rounds,
        lambda: cold(year, lambda schedule: [schedule.departures_on(day) for day in YEAR]),
        lambda: cold(year, lambda schedule: departures_calendar(schedule, TODAY, OSLO, "nb", YEAR)),
        lambda: cold(real, lambda schedule: gtfs_zip(schedule, TODAY, publisher=PUBLISHER)),
        lambda: cold(real, lambda schedule: netex_zip(schedule, TODAY, publisher=PUBLISHER)),
        lambda: cold(real, lambda schedule: poster_pdf(schedule, TODAY, "nb", "a4", "https://example.no/")),
    )
    return [
        at_most("a year of departures resolved", resolved, "ms", 50),
        at_most("a year feed built cold", feed, "ms", 150),
        measured("GTFS of 400 days built cold", gtfs, "ms"),
        measured("NeTEx of 400 days built cold", netex, "ms"),
        measured("a poster set", poster, "ms"),
        *over_http(rounds),
    ]


def over_http(rounds: int) -> list[Row]:
    with hello() as baseline, product() as server:
        _, headers = server.read(CALENDAR)
        known = get(CALENDAR, If_None_Match=headers["etag"])
        zipped = get(CALENDAR, Accept_Encoding="gzip")
        base, same, whole = in_turn(
            rounds,
            lambda: closed(baseline, get("/"), 200),
            lambda: closed(server, known, 304),
            lambda: closed(server, zipped, 200),
        )
    return [
        measured("hello", [found.rate for found in base], "requests/s"),
        at_least("304 of a feed, to hello", ratios(same, base), "", 0.70),
        measured("a feed compressed, to hello", ratios(whole, base), ""),
    ]
