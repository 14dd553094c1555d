"""GTFS and GTFS Realtime over HTTP: one static feed that both name, times that are renewed, the operator's own settings."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.skipped_stops import record_skipped_stop
from shuttle.services.timetable.changes import change_departure, override_day, withdraw_override
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.conftest import OSLO
from tests.feeds.gtfs.gtfs_readers import lines
from tests.feeds.gtfs.realtime_client import STOP, applied, read

PLANNER = Person("p", "Planner", Role.PLANNER)
DRIVER = Person("d", "Driver", Role.DRIVER)
UPDATES, ALERTS = "/feeds/gtfs-rt/trip-updates.pb", "/feeds/gtfs-rt/alerts.pb"


def cancel(context: AppContext, departure: str) -> None:
    with context.transaction() as session:
        change_departure(session, PLANNER, departure, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now())


def test_realtime_names_the_version_of_the_static_feed(client: TestClient, context: AppContext) -> None:
    for _ in range(2):
        (info,) = lines(client.get("/feeds/gtfs.zip").content, "feed_info.txt")
        for path in (UPDATES, ALERTS):
            assert read(client.get(path).content).header.feed_version == info["feed_version"]
        cancel(context, f"{context.today() + timedelta(days=21)}.gyldenpris-weekday-1000")


def test_a_change_within_a_minute_renews_the_timestamp(client: TestClient, context: AppContext) -> None:
    minute = context.now().replace(second=0, microsecond=0)
    context.now = lambda: minute + timedelta(seconds=10)
    before = client.get(UPDATES)
    context.now = lambda: minute + timedelta(seconds=20)
    cancel(context, f"{context.today()}.gyldenpris-weekday-1000")
    context.now = lambda: minute + timedelta(seconds=40)
    after = client.get(UPDATES, headers={"If-Modified-Since": before.headers["last-modified"]})
    old, new = read(before.content), read(after.content)
    assert new.header.timestamp == int((minute + timedelta(seconds=20)).timestamp()) > old.header.timestamp
    assert [entity.trip_update.timestamp for entity in new.entity] == [new.header.timestamp]


def test_two_changes_within_a_second_have_two_timestamps(client: TestClient, context: AppContext) -> None:
    moment = context.now() + timedelta(seconds=10)
    context.now = lambda: moment
    timestamps = []
    for time_of_day in ("1500", "1700"):
        cancel(context, f"{context.today()}.gyldenpris-weekday-{time_of_day}")
        timestamps.append(read(client.get(UPDATES).content).header.timestamp)
    assert timestamps[0] < timestamps[1]


def test_a_stop_not_served_is_skipped_in_the_next_minute(client: TestClient, context: AppContext) -> None:
    departure = f"{context.today()}.gyldenpris-weekday-1000"
    record_skipped_stop(context, DRIVER, departure, "mo-gyldenpris", ReasonCode.ROAD_CLOSED)
    now = context.now() + timedelta(minutes=1)
    context.now = lambda: now
    (entity,) = read(client.get(UPDATES).content).entity
    assert [each.schedule_relationship for each in entity.trip_update.stop_time_update] == [
        STOP.SCHEDULED,
        STOP.SKIPPED,
    ]


def test_another_day_type_taken_back_is_told_by_realtime(client: TestClient, context: AppContext) -> None:
    tomorrow = context.today() + timedelta(days=1)
    static = client.get("/feeds/gtfs.zip").content
    usual = applied(static, client.get(UPDATES).content, tomorrow, OSLO)
    with context.transaction() as session:
        override_day(session, PLANNER, tomorrow, "holiday", "Snø", context.now())
    assert len(applied(static, client.get(UPDATES).content, tomorrow, OSLO)) == 3
    with context.transaction() as session:
        withdraw_override(session, PLANNER, tomorrow, context.now())
    assert applied(static, client.get(UPDATES).content, tomorrow, OSLO) == usual


def test_an_override_with_notice_stays_in_the_static_feed_when_withdrawn(
    client: TestClient, context: AppContext
) -> None:
    day, made_at = context.today() + timedelta(days=2), context.now() - timedelta(days=30)
    with context.transaction() as session:
        override_day(session, PLANNER, day, "holiday", "Bestemt", made_at)
    early = client.get("/feeds/gtfs.zip").content
    with context.transaction() as session:
        withdraw_override(session, PLANNER, day, context.now())
    late, updates = client.get("/feeds/gtfs.zip").content, client.get(UPDATES).content
    assert applied(early, updates, day, OSLO) == applied(late, updates, day, OSLO)
    assert len(applied(late, updates, day, OSLO)) == 5


def test_agency_publisher_zone_and_language_are_the_operators(context: AppContext) -> None:
    helsinki = ZoneInfo("Europe/Helsinki")
    context.zone = helsinki
    settings = Settings(
        timezone="Europe/Helsinki",
        language="en",
        agency_id="town",
        agency_name="Town",
        agency_url="https://town.example",
        publisher="Data office",
        contact_email="data@town.example",
        telephone="55 55 55 55",
    )
    with TestClient(create_app(context, settings)) as client:
        content = client.get("/feeds/gtfs.zip").content
    (agency,), (info,) = lines(content, "agency.txt"), lines(content, "feed_info.txt")
    assert agency == {
        "agency_id": "town",
        "agency_name": "Town",
        "agency_url": "https://town.example",
        "agency_timezone": "Europe/Helsinki",
        "agency_lang": "en",
        "agency_phone": "55 55 55 55",
        "agency_email": "data@town.example",
    }
    assert (info["feed_publisher_name"], info["feed_contact_email"]) == ("Data office", "data@town.example")
    assert {row["agency_id"] for row in lines(content, "routes.txt")} == {"town"}


def test_the_static_feed_begins_with_yesterday_while_it_runs(client: TestClient, context: AppContext) -> None:
    tuesday = date(2026, 11, 24)

    def first_date(hour: int, minute: int) -> str:
        moment = datetime(2026, 11, 25, hour, minute, tzinfo=OSLO).astimezone(UTC)
        context.now = lambda: moment
        return lines(client.get("/feeds/gtfs.zip").content, "feed_info.txt")[0]["feed_start_date"]

    assert first_date(0, 20) == "20261125"
    context.now = lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)
    with context.transaction() as session:
        change_departure(
            session,
            PLANNER,
            f"{tuesday}.gyldenpris-weekday-1830",
            ChangeKind.RETIME,
            ReasonCode.OTHER,
            1510,
            context.now(),
        )
    assert [first_date(0, 20), first_date(1, 50), first_date(4, 0)] == ["20261124", "20261124", "20261125"]
