"""Ridership over HTTP, on both databases: sums of valid counts beside the departures that ran and were counted."""

from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.skipped_stops import record_skipped_stop
from shuttle.services.timetable.changes import change_departure

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
STAFF = Person("s", "Door", Role.STAFF)
MONDAY = date(2026, 11, 23)
PATH = "/api/v1/ridership"


def count(context: AppContext, departure: str, stop: str, boardings: int, person: Person = DRIVER, **more: Any) -> None:
    record_and_wait(
        context,
        person,
        Count(departure=departure, stop=stop, boardings=boardings, **more),
        f"{departure} {stop} {person.id} {boardings}",
    )


@pytest.fixture
def counted(client: TestClient, context: AppContext) -> TestClient:
    """Monday: 10.00 counted at both stops and disputed, 12.00 an explicit 0, the rest not; Friday before: 10.00 counted."""
    count(context, f"{MONDAY}.gyldenpris-weekday-1000", "vagsbunnen", 4, left_behind=1, full=True)
    count(context, f"{MONDAY}.gyldenpris-weekday-1000", "vagsbunnen", 6, STAFF)
    count(context, f"{MONDAY}.gyldenpris-weekday-1000", "mo-gyldenpris", 0, alightings=4)
    count(context, f"{MONDAY}.gyldenpris-weekday-1200", "vagsbunnen", 0)
    count(context, f"{MONDAY - timedelta(3)}.gyldenpris-weekday-1000", "vagsbunnen", 7)
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.STAFF, "staff", context.now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def ask(client: TestClient, first: date = MONDAY, last: date = MONDAY, by: str = "day") -> dict[str, Any]:
    answer = client.get(PATH, params={"from": first.isoformat(), "to": last.isoformat(), "by": by})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_day_has_sums_and_departures_run_due_and_counted(counted: TestClient) -> None:
    document = ask(counted)
    assert document["rows"] == [
        {
            "day": "2026-11-23",
            "boardings": 4,
            "alightings": 4,
            "left_behind": 1,
            "full": 1,
            "counts": 3,
            "departures_run": 5,
            "departures_due": 2,
            "departures_counted": 2,
            "departures_partly_counted": 0,
            "departures_unserved": 0,
        }
    ]


def test_by_stop_a_departure_counts_where_it_was_counted(counted: TestClient) -> None:
    rows = {row["stop"]: row for row in ask(counted, by="stop")["rows"]}
    assert rows["vagsbunnen"]["departures_counted"] == 2
    assert rows["mo-gyldenpris"]["departures_counted"] == 1
    assert {row["departures_run"] for row in rows.values()} == {5}


def test_an_hour_without_a_count_has_a_row_that_says_so(counted: TestClient) -> None:
    rows = {(row["stop"], row["hour"]): row for row in ask(counted, by="stop,hour")["rows"]}
    assert rows["vagsbunnen", 15]["departures_run"] == 1
    assert (rows["vagsbunnen", 15]["counts"], rows["vagsbunnen", 15]["departures_counted"]) == (0, 0)
    assert (rows["vagsbunnen", 12]["counts"], rows["vagsbunnen", 12]["boardings"]) == (1, 0)


def test_a_cancelled_departure_does_not_run_and_one_that_was_counted_did(
    counted: TestClient, context: AppContext
) -> None:
    for trip in ("gyldenpris-weekday-1000", "gyldenpris-weekday-1830"):
        with context.transaction() as session:
            change_departure(
                session,
                ADMIN,
                f"{MONDAY}.{trip}",
                ChangeKind.CANCEL,
                ReasonCode.OTHER,
                None,
                context.now(),
                despite_counts=True,
            )
    rows = {row["trip"]: row for row in ask(counted, by="trip")["rows"]}
    assert "gyldenpris-weekday-1830" not in rows
    assert rows["gyldenpris-weekday-1000"]["departures_counted"] == 1
    assert ask(counted)["departures_run"] == 4


ROAD = ReasonCode.ROAD_CLOSED
TEN, NOON = (f"{MONDAY}.gyldenpris-weekday-{at}" for at in ("1000", "1200"))


def departures(line: dict[str, Any]) -> tuple[int, ...]:
    """Run, counted, partly counted and passed by; and those that have left and that nobody counted."""
    names = ("run", "counted", "partly_counted", "unserved", "due")
    run, whole, partly, unserved, due = (line[f"departures_{name}"] for name in names)
    return run, whole, partly, unserved, due - whole - partly


def test_a_departure_with_alightings_alone_is_not_without_passengers(client: TestClient, context: AppContext) -> None:
    count(context, TEN, "vagsbunnen", 6)
    count(context, NOON, "mo-gyldenpris", 0, alightings=4)
    with context.transaction() as session:
        client.headers["Authorization"] = f"Bearer {create_token(session, ADMIN, Role.STAFF, 'staff', context.now())}"
    assert departures(ask(client)) == (5, 1, 1, 0, 0)
    assert [departures(row) for row in ask(client, by="trip")["rows"]][:2] == [(1, 1, 0, 0, 0), (1, 0, 1, 0, 0)]
    assert {row["stop"]: row["departures_counted"] for row in ask(client, by="stop")["rows"]} == {
        "vagsbunnen": 1,
        "mo-gyldenpris": 1,
    }


@pytest.mark.parametrize("zero", [False, True], ids=["not counted", "counted as 0 all the same"])
def test_a_stop_that_was_passed_by_is_not_a_stop_that_nobody_counted(
    client: TestClient, context: AppContext, zero: bool
) -> None:
    count(context, TEN, "vagsbunnen", 6)
    if zero:
        count(context, NOON, "vagsbunnen", 0)
    record_skipped_stop(context, DRIVER, NOON, "vagsbunnen", ROAD)
    with context.transaction() as session:
        client.headers["Authorization"] = f"Bearer {create_token(session, ADMIN, Role.STAFF, 'staff', context.now())}"
    assert departures(ask(client)) == (4, 1, 0, 1, 0)
    assert departures({row["stop"]: row for row in ask(client, by="stop")["rows"]}["vagsbunnen"]) == (4, 1, 0, 1, 0)
    assert departures(ask(client, by="hour,trip")["rows"][1]) == (0, 0, 0, 1, 0)
    record_skipped_stop(context, DRIVER, NOON, "vagsbunnen", None)
    assert departures(ask(client)) == (5, 1 + zero, 0, 0, not zero)


def test_where_somebody_got_on_the_bus_has_stopped(counted: TestClient, context: AppContext) -> None:
    record_skipped_stop(context, DRIVER, TEN, "vagsbunnen", ROAD)
    assert departures(ask(counted)) == (5, 2, 0, 0, 0)


GROUPINGS = ("day", "weekday", "stop", "hour", "trip")


@pytest.mark.parametrize("size", range(len(GROUPINGS) + 1))
def test_every_way_of_asking_adds_up_to_the_same(counted: TestClient, size: int) -> None:
    whole = {"boardings": 11, "alightings": 4, "left_behind": 1, "full": 1, "counts": 4}
    for by in combinations(GROUPINGS, size):
        document = ask(counted, MONDAY - timedelta(13), MONDAY, ",".join(by))
        for name, amount in whole.items():
            assert sum(row[name] for row in document["rows"]) == amount, by
            assert document[name] == amount
        assert [set(by) <= row.keys() for row in document["rows"]].count(False) == 0
        assert all(row["departures_counted"] <= row["departures_run"] for row in document["rows"]), by


def test_the_weekdays_are_numbered_from_monday(counted: TestClient) -> None:
    rows = ask(counted, MONDAY - timedelta(13), MONDAY, "weekday")["rows"]
    assert {row["weekday"]: row["boardings"] for row in rows} == {1: 4, 2: 0, 3: 0, 4: 0, 5: 7, 6: 0, 7: 0}


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"from": "2026-11-24", "to": "2026-11-23"}, "bad-span"),
        ({"from": "2026-11-31", "to": "2026-12-23"}, "bad-date"),
        ({"from": "2000-11-23", "to": "2026-12-23"}, "span-too-long"),
        ({"from": "2026-11-23", "to": "2026-12-23", "by": "rider"}, "unknown-grouping"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_what_is_allowed(
    counted: TestClient, query: dict[str, str], problem: str
) -> None:
    answer = counted.get(PATH, params=query)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:shuttle:{problem}")


def test_nobody_and_a_driver_learn_nothing(client: TestClient, context: AppContext) -> None:
    asked = {"from": "2026-11-23", "to": "2026-11-23"}
    assert client.get(PATH, params=asked).status_code == 401
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.DRIVER, "bus", context.now())
    assert client.get(PATH, params=asked, headers={"Authorization": f"Bearer {token}"}).status_code == 403
