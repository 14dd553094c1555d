"""Today as it goes: events, the board, the public page and realtime tell one delay at the same moment."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from google.transit.gtfs_realtime_pb2 import FeedMessage

from shuttle.domain.access.permissions import Action, Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.passings import PassingKind
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.live.events import Event, Look, look, standing, told_to
from shuttle.services.ridership.passings import PassingReport, record_passing
from shuttle.web import today_watch
from shuttle.web.server.identity import COOKIE
from shuttle.web.today_watch import TodayWatch
from tests.conftest import NOON, OSLO
from tests.web.pages.conftest import session_of

DRIVER = Person("driver", "Kari", Role.DRIVER)
STAFF = Person("staff", "Ola", Role.STAFF)
DAY = NOON.astimezone(OSLO).date()
TWELVE, THREE = f"{DAY}.gyldenpris-weekday-1200", f"{DAY}.gyldenpris-weekday-1500"


def at(text: str) -> datetime:
    hour, minute = text.split(":")
    return datetime(DAY.year, DAY.month, DAY.day, int(hour), int(minute), tzinfo=OSLO)


def left(context: AppContext, departure: str, moment: str, key: str = "a") -> None:
    record_passing(context, DRIVER, key, PassingReport(departure, "vagsbunnen", PassingKind.LEFT, at(moment)))


def test_page_board_and_realtime_tell_a_late_bus_at_the_same_moment(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("12:13")
    left(context, TWELVE, "12:12")
    assert "Kjørte 12.12" in client.get("/").text
    there = client.get("/", params={"stop": "mo-gyldenpris"}).text
    assert "12 min forsinket" in there and "12.22" in there
    assert "Kjørte 12.12" in client.get("/board").text
    message = FeedMessage.FromString(client.get("/feeds/gtfs-rt/trip-updates.pb").content)
    [entity] = [entity for entity in message.entity if entity.id == TWELVE]
    arrival = entity.trip_update.stop_time_update[-1].arrival.time
    assert arrival == at("12:22").timestamp()
    assert message.header.timestamp >= entity.trip_update.timestamp


def test_realtime_is_renewed_by_a_report_within_the_minute(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("12:13")
    before = client.get("/feeds/gtfs-rt/trip-updates.pb")
    context.now = lambda: at("12:13") + timedelta(seconds=20)
    left(context, TWELVE, "12:12")
    after = client.get("/feeds/gtfs-rt/trip-updates.pb")
    assert before.headers["etag"] != after.headers["etag"]
    headers = [FeedMessage.FromString(each.content).header.timestamp for each in (before, after)]
    assert headers[1] > headers[0]


def test_a_late_first_bus_makes_the_next_one_late(client: TestClient, context: AppContext) -> None:
    """Left 14.50, at Gyldenpris 15.00, back in town 15.10 at the earliest."""
    context.now = lambda: at("14:51")
    left(context, TWELVE, "14:50")
    assert "10 min forsinket, går ca. 15.10" in client.get("/").text
    assert "15.10" in client.get("/board", params={"stop": "vagsbunnen"}).text


def test_a_bus_whose_time_has_passed_unreported_is_not_gone(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("18:35")
    page = client.get("/").text
    assert "Det går ingen flere avganger i dag" not in page or "18.30" in page
    assert "Ikke meldt" in page


def test_a_look_without_news_has_no_events_and_a_report_has_one(context: AppContext) -> None:
    context.now = lambda: at("12:01")
    first, none = look(context, Look())
    assert none == [] and look(context, first) == (first, [])
    left(context, TWELVE, "12:00")
    second, events = look(context, first)
    assert [(event.kind, event.departure) for event in events] == [("left", TWELVE)]
    assert [event.kind for event in standing(second)] == ["left"]


def test_counts_are_no_public_events(client: TestClient, context: AppContext) -> None:
    assert {event["event"] for event in client.get("/api/v1/today").json()["events"]} <= {
        "changed",
        "cancelled",
        "late",
    }
    counted = Event("counted", TWELVE, needs=(Action.RECORD_BOARDINGS,))
    assert not counted.is_for(None) and counted.is_for(DRIVER)


async def _first(watch: TodayWatch, number: int) -> list[Event | None]:
    stream: AsyncIterator[Event | None] = watch.listen()
    return [await anext(stream) for _ in range(number)]


def test_two_listeners_share_one_look(context: AppContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today_watch, "EVERY_SECONDS", 0.02)
    monkeypatch.setattr(today_watch, "LONGEST_SECONDS", 60.0)
    context.now = lambda: at("12:01")
    looks: list[Look] = []

    def counted(context: AppContext, before: Look) -> tuple[Look, list[Event]]:
        looks.append(before)
        return look(context, before)

    monkeypatch.setattr(today_watch, "look", counted)

    async def both() -> list[list[Event | None]]:
        watch = TodayWatch(context)
        listeners = [asyncio.create_task(_first(watch, 1)) for _ in range(2)]
        await asyncio.sleep(0.1)
        await asyncio.to_thread(left, context, TWELVE, "12:00")
        received = await asyncio.wait_for(asyncio.gather(*listeners), 5)
        await watch.close()
        return received

    received = asyncio.run(both())
    assert sum(before == Look() for before in looks) == 1, "one of the two began the watch"
    assert [[event.kind for event in each if event] for each in received] == [["left"], ["left"]]


def test_events_come_as_text_with_the_departure(client: TestClient, context: AppContext) -> None:
    from shuttle.web.api.today import _text

    name, data = _text(Event("late", THREE, {"late_minutes": 6})).strip().split("\n")
    assert name == "event: late"
    assert json.loads(data.removeprefix("data: ")) == {"departure": THREE, "late_minutes": 6}


def test_the_board_of_an_unknown_stop_is_not_there(client: TestClient) -> None:
    assert client.get("/board", params={"stop": "nowhere"}).status_code == 404


def counted(context: AppContext, person: Person, boardings: int, key: str, recorded: str = "12:01") -> None:
    count = Count(departure=TWELVE, stop="vagsbunnen", boardings=boardings, recorded_at=at(recorded))
    record_and_wait(context, person, count, key)


def test_a_count_is_told_with_its_role_and_whether_it_is_one_s_own(context: AppContext) -> None:
    context.now = lambda: at("12:05")
    first, _ = look(context, Look())
    counted(context, DRIVER, 4, "a")
    seen, events = look(context, first)
    [event] = [event for event in events if event.kind == "counted"]
    told = event.document(STAFF)
    assert (told["boardings"], told["alightings"], told["role"], told["own"]) == (4, None, "driver", False)
    assert event.document(DRIVER)["own"]
    assert DRIVER.name not in told.values() and told["by"] != DRIVER.id
    assert event in standing(seen), "a phone that was without coverage learns of it when it comes back"


def test_each_observer_s_latest_count_is_told_to_a_page_that_opens(context: AppContext) -> None:
    context.now = lambda: at("12:05")
    counted(context, DRIVER, 3, "a")
    counted(context, DRIVER, 4, "b", "12:02")
    counted(context, STAFF, 2, "c")
    told = [(each["role"], each["boardings"], each["own"]) for each in told_to(context, STAFF)]
    assert sorted(told) == [("driver", 4, False), ("staff", 2, True)]


def test_a_centre_s_tablet_is_told_counts_of_departures_that_call_there(context: AppContext) -> None:
    context.now = lambda: at("12:05")
    counted(context, DRIVER, 4, "a")
    for centre, number in (("mo-gyldenpris", 1), ("mo-nesttun", 0)):
        assert len(told_to(context, Person("tablet", "tablet", Role.STAFF, centre))) == number


def test_the_polled_document_has_counts_for_who_may_know_alone(client: TestClient, context: AppContext) -> None:
    context.now = lambda: at("12:05")
    counted(context, DRIVER, 4, "a")

    def kinds() -> set[str]:
        return {event["event"] for event in client.get("/api/v1/today").json()["events"]}

    assert "counted" not in kinds()
    client.cookies.set(COOKIE, session_of(context, Role.STAFF))
    assert "counted" in kinds()
    assert datetime.fromisoformat(client.get("/api/v1/today").json()["now"]) == at("12:05")
