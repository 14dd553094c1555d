"""Riders by destination over HTTP, on both databases: computed by hand for round trips to two centres and one-way trips."""

from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from tests.builders import two_centres, with_hours

ADMIN, DRIVER = Person("a", "Admin", Role.ADMIN), Person("d", "Bus", Role.DRIVER)
MONDAY = date(2026, 11, 23)
TOWN, GYLDENPRIS, NESTTUN = "vagsbunnen", "mo-gyldenpris", "mo-nesttun"
Counts = dict[str, tuple[int, int | None]]
"""Stop -> boardings, alightings."""


def both_centres() -> Schedule:
    return with_hours(with_hours(two_centres(), GYLDENPRIS, 540, 1260), NESTTUN, 540, 1260)


@pytest.fixture
def staff(client: TestClient, context: AppContext, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Monday: round trips at 10.00 and 12.00 have left; 15.00 and 17.00 have not."""
    schedule = both_centres()
    monkeypatch.setattr(context, "schedule", lambda: schedule)
    with context.transaction() as session:
        client.headers["Authorization"] = f"Bearer {create_token(session, ADMIN, Role.STAFF, 'staff', context.now())}"
    return client


def count(context: AppContext, trip: str, counts: Counts) -> None:
    for stop, (on, off) in counts.items():
        made = Count(departure=f"{MONDAY}.{trip}", stop=stop, boardings=on, alightings=off)
        record_and_wait(context, DRIVER, made, f"{trip} {stop}")


def ask(client: TestClient, by: str = "destination") -> dict[str, dict[str, Any]]:
    answer = client.get("/api/v1/ridership", params={"from": f"{MONDAY}", "to": f"{MONDAY}", "by": by})
    assert answer.status_code == 200, answer.text
    return {row["destination"]: row for row in answer.json()["rows"]}


def test_alightings_that_were_counted_are_the_riders(staff: TestClient, context: AppContext) -> None:
    count(context, "round-weekday-1000", {TOWN: (5, 3), GYLDENPRIS: (2, 1), NESTTUN: (1, 4)})
    rows = ask(staff)
    assert {stop: row["riders"] for stop, row in rows.items()} == {GYLDENPRIS: 1, NESTTUN: 4, TOWN: 3}
    assert rows[NESTTUN] == {
        "destination": NESTTUN,
        "riders": 4,
        "riders_at_least": 4,
        "riders_at_most": 4,
        "departures_run": 4,
        "departures_due": 2,
        "departures_counted": 1,
        "departures_exact": 1,
    }


def test_boardings_alone_give_bounds_where_two_centres_lie_ahead(staff: TestClient, context: AppContext) -> None:
    count(context, "round-weekday-1000", {TOWN: (5, None), GYLDENPRIS: (0, None), NESTTUN: (2, None)})
    rows = ask(staff)
    bounds = {stop: (row["riders"], row["riders_at_least"], row["riders_at_most"]) for stop, row in rows.items()}
    assert bounds == {GYLDENPRIS: (None, 0, 5), NESTTUN: (None, 0, 5), TOWN: (2, 2, 2)}


def test_what_nobody_counted_has_no_figure(staff: TestClient) -> None:
    assert {(row["riders"], row["riders_at_least"], row["departures_counted"]) for row in ask(staff).values()} == {
        (None, None, 0)
    }


def test_two_departures_add_up_by_day_and_destination(staff: TestClient, context: AppContext) -> None:
    count(context, "round-weekday-1000", {TOWN: (5, 0), GYLDENPRIS: (0, 2), NESTTUN: (0, 3)})
    count(context, "other-way-weekday-1200", {TOWN: (4, None), NESTTUN: (0, 4), GYLDENPRIS: (1, None)})
    rows = ask(staff, "day,destination")
    assert {stop: (row["riders"], row["departures_exact"]) for stop, row in rows.items()} == {
        GYLDENPRIS: (2, 2),
        NESTTUN: (7, 2),
        TOWN: (1, 2),
    }


def test_who_went_from_where_to_where_is_refused(staff: TestClient) -> None:
    answer = staff.get("/api/v1/ridership", params={"from": f"{MONDAY}", "to": f"{MONDAY}", "by": "stop,destination"})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:shuttle:unknown-grouping")
