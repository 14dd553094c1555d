"""What calendars tell of today's departures, beside the page, the API of today and GTFS Realtime."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from fastapi.testclient import TestClient
from google.transit.gtfs_realtime_pb2 import FeedMessage

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.incidents import IncidentKind
from shuttle.domain.ridership.passings import PassingKind
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.incidents import IncidentReport, record_incident
from shuttle.services.ridership.live.told import ToldWatch
from shuttle.services.ridership.passings import PassingReport, record_passing
from shuttle.services.timetable.changes import change_departure

OSLO = ZoneInfo("Europe/Oslo")
TODAY = date(2026, 11, 23)
DRIVER = Person("d", "Driver", Role.DRIVER)
PLANNER = Person("p", "Planner", Role.PLANNER)
NOON = f"{TODAY}.gyldenpris-weekday-1200"
THREE = f"{TODAY}.gyldenpris-weekday-1500"
CONNECTIONS = "/feeds/departures.ics?from=vagsbunnen&to=mo-gyldenpris"


def at(context: AppContext, minute: int, seconds: int = 0) -> datetime:
    """Set the clock."""
    moment = instant(TODAY, minute, OSLO) + timedelta(seconds=seconds)
    context.now = lambda: moment
    return moment


def left(context: AppContext, departure: str, minute: int, key: str = "k") -> None:
    moment = instant(TODAY, minute, OSLO)
    record_passing(context, DRIVER, key, PassingReport(departure, "vagsbunnen", PassingKind.LEFT, moment))


def event_of(client: TestClient, departure: str, path: str = "/feeds/departures.ics") -> Any:
    events = icalendar.Calendar.from_ical(client.get(path).content).walk("VEVENT")
    (event,) = [each for each in events if str(each["UID"]).startswith((f"{departure}@", f"{departure}."))]
    return event


def first_line(event: Any) -> str:
    return str(event["DESCRIPTION"]).splitlines()[0]


@pytest.mark.parametrize("path", ["/feeds/departures.ics", CONNECTIONS, "/feeds/stops/vagsbunnen.ics"])
def test_a_calendar_tells_what_page_api_and_realtime_tell(client: TestClient, context: AppContext, path: str) -> None:
    at(context, 12 * 60)
    before = event_of(client, NOON, path)
    at(context, 12 * 60 + 5)
    assert first_line(unreported := event_of(client, NOON, path)) == "Ikke meldt kjørt ennå"
    assert "Ikke meldt kjørt ennå" in client.get("/").text
    at(context, 12 * 60 + 7)
    left(context, NOON, 12 * 60 + 6)
    assert first_line(gone := event_of(client, NOON, path)) == "Kjørte 12.06"
    assert "Kjørte 12.06" in client.get("/").text
    events = {each["departure"]: each for each in client.get("/api/v1/today").json()["events"]}
    assert events[NOON]["at"] == "2026-11-23T12:06:00+01:00"
    assert before["SEQUENCE"] < unreported["SEQUENCE"] < gone["SEQUENCE"]
    assert before["DTSTART"].dt == gone["DTSTART"].dt
    (update,) = FeedMessage.FromString(client.get("/feeds/gtfs-rt/trip-updates.pb").content).entity
    assert update.trip_update.stop_time_update[0].departure.time == int(instant(TODAY, 726, OSLO).timestamp())


def test_a_late_departure_says_so_in_its_title(client: TestClient, context: AppContext) -> None:
    at(context, 11 * 60 + 55)
    before = event_of(client, NOON)
    record_incident(context, DRIVER, "i", IncidentReport(departure=NOON, kind=IncidentKind.DELAYED, minutes=10))
    late = event_of(client, NOON)
    assert str(late["SUMMARY"]) == f"{before['SUMMARY']}, ca. 10 min forsinket, går ca. 12.10"
    assert "Ca. 10 min forsinket, går ca. 12.10" in client.get("/").text
    arriving = event_of(client, f"{NOON}.mo-gyldenpris.arriving", "/feeds/stops/mo-gyldenpris.ics")
    assert first_line(arriving).startswith("Ca. 10 min forsinket, framme ca. 12.")
    (update,) = FeedMessage.FromString(client.get("/feeds/gtfs-rt/trip-updates.pb").content).entity
    assert update.trip_update.stop_time_update[0].departure.time == int(instant(TODAY, 730, OSLO).timestamp())
    withdrawn = IncidentReport(departure=NOON, kind=IncidentKind.DELAYED, withdrawn=True)
    record_incident(context, DRIVER, "j", withdrawn)
    after = event_of(client, NOON)
    assert after["SUMMARY"] == before["SUMMARY"] and after["SEQUENCE"] > late["SEQUENCE"] > before["SEQUENCE"]


def test_a_bus_that_stands_says_so_and_a_cancellation_outranks_it(client: TestClient, context: AppContext) -> None:
    at(context, 14 * 60 + 50)
    record_incident(context, DRIVER, "i", IncidentReport(departure=THREE, kind=IncidentKind.STOPPED))
    stands = event_of(client, THREE)
    assert str(stands["SUMMARY"]).endswith(", bussen står, ny tid er ikke kjent")
    with context.transaction() as session:
        change_departure(session, PLANNER, THREE, ChangeKind.CANCEL, ReasonCode.VEHICLE_FAULT, None, context.now())
    cancelled = event_of(client, THREE)
    assert cancelled["STATUS"] == "CANCELLED" and cancelled["SEQUENCE"] > stands["SEQUENCE"]


def test_a_feed_without_etag_is_told_of_a_report(client: TestClient, context: AppContext) -> None:
    at(context, 12 * 60)
    since = client.get("/feeds/departures.ics").headers.get("last-modified", "")
    at(context, 12 * 60 + 2)
    left(context, NOON, 12 * 60 + 1)
    assert client.get("/feeds/departures.ics", headers={"If-Modified-Since": since}).status_code == 200


def test_a_report_leaves_the_other_days_as_they_were(client: TestClient, context: AppContext) -> None:
    at(context, 12 * 60 + 2)
    tomorrow = f"{TODAY + timedelta(days=1)}.gyldenpris-weekday-1200"
    before = event_of(client, tomorrow)
    left(context, NOON, 12 * 60 + 1)
    assert event_of(client, tomorrow) == before


def a_report(chance: Random, context: AppContext, departure: str, key: str) -> None:
    """Something that somebody says of a departure, or decides about it."""
    moment = context.now() - timedelta(minutes=chance.randint(0, 12))
    act = chance.choice(["left", "arrived", "taken back", "late", "stands", "no incident", "cancel", "retime"])
    if act in ("cancel", "retime"):
        kind = ChangeKind.CANCEL if act == "cancel" else ChangeKind.RETIME
        departs = None if act == "cancel" else 60 * chance.randint(10, 20) + 7
        with context.transaction() as session:
            change_departure(session, PLANNER, departure, kind, ReasonCode.WEATHER, departs, context.now())
    elif act in ("late", "stands", "no incident"):
        kind_of = IncidentKind.DELAYED if act == "late" else IncidentKind.STOPPED
        minutes = chance.choice([5, 10, 20]) if act == "late" else None
        report = IncidentReport(departure=departure, kind=kind_of, minutes=minutes, withdrawn=act == "no incident")
        record_incident(context, DRIVER, key, report)
    else:
        stop, kind_is = ("mo-gyldenpris", PassingKind.ARRIVED) if act == "arrived" else ("vagsbunnen", PassingKind.LEFT)
        when = None if act == "taken back" else moment
        record_passing(context, DRIVER, key, PassingReport(departure, stop, kind_is, when))


@pytest.mark.parametrize("seed", range(6))
def test_whenever_what_is_told_is_another_its_number_has_risen(context: AppContext, seed: int) -> None:
    """A day of reports at random, looked at after each of them and as time passes; nothing is told twice under one number."""
    chance, minute = Random(seed), 9 * 60 + 50
    told: dict[str, tuple[object, int]] = {}
    for step in range(60):
        minute += chance.choice([0, 1, 1, 3, 10, 25])
        at(context, minute, step % 60)
        departures = context.schedule().departures_on(TODAY).departures
        if chance.random() < 0.5:
            near = [each for each in departures if abs(each.departs - minute) < 90]
            with suppress(ShuttleError):
                if near:
                    a_report(chance, context, chance.choice(near).id, f"{seed}-{step}")
        calls = ToldWatch(context, 7).now().calls
        for departure in context.schedule().departures_on(TODAY).departures:
            now = calls.get(departure.id)
            content = (now and (now.calls, now.incident), departure.calls, departure.status)
            number = departure.revision + (now.renewals if now else 0)
            before = told.get(departure.id)
            if before is not None:
                assert number >= before[1], (step, departure.id)
                assert number > before[1] or says(content) == says(before[0]), (step, departure.id)
            told[departure.id] = (content, number)


def says(content: Any) -> Any:
    """What of it is text: a call without any report is the same as none told."""
    today, calls, status = content
    if today is None:
        return (calls, status)
    several, incident = today
    plain = all(
        each.left is None
        and each.reached is None
        and not (each.late_leaving or each.late_arriving or each.is_unreported)
        for each in several
    )
    return (calls, status) if plain and incident is None else (today, calls, status)
