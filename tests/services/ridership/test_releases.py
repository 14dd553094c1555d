"""Figures for those outside: a fortnight at a time, decided once, and nothing to be learnt from what comes later."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed, Refused
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import ANCHOR, fortnight_of
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import House
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import GRACE, freeze_due, frozen_now, release_document, released
from shuttle.settings import Settings
from shuttle.web.app import create_app

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
STAFF = Person("s", "Door", Role.STAFF)
READER = Person("r", "Reader", Role.READER)
MONDAY = date(2026, 10, 26)


def ride(house: House, day: date, boardings: int, trip: str = "gyldenpris-weekday-1000") -> None:
    record_and_wait(house, DRIVER, Count(f"{day}.{trip}", "vagsbunnen", boardings), f"{day} {trip} {boardings}")


def at(house: House, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    house.now = lambda: moment


def test_a_fortnight_is_released_when_it_is_over_and_late_counts_were_waited_for(house: House) -> None:
    fortnight = fortnight_of(MONDAY)
    ride(house, fortnight.first, 12)
    at(house, fortnight.last + GRACE)
    assert freeze_due(house, ADMIN, 5) == []
    at(house, fortnight.last + GRACE + timedelta(1))
    made = freeze_due(house, ADMIN, 5)
    assert [frozen.fortnight for frozen in made] == [fortnight]
    assert made[0].release.total == 12
    assert made[0].release.breakdowns == {"stop": {"vagsbunnen": 12}, "day_type": {"weekday": 12}}
    assert made[0].release.not_counted == {"day_type": ("holiday",)}
    assert (made[0].run.counted, made[0].run.run) == (1, 62)
    assert freeze_due(house, ADMIN, 5) == []


def test_a_late_count_changes_no_release(house: House) -> None:
    fortnight = fortnight_of(MONDAY)
    ride(house, fortnight.first, 12)
    at(house, fortnight.last + GRACE + timedelta(1))
    freeze_due(house, ADMIN, 5)
    before = released(house, READER)
    ride(house, fortnight.first, 1, "gyldenpris-weekday-1200")
    freeze_due(house, ADMIN, 5)
    assert released(house, READER) == before


def test_fortnights_follow_the_chosen_monday_and_after_the_first_release_no_other(house: House) -> None:
    ride(house, MONDAY, 12)
    other = ANCHOR + timedelta(7)
    at(house, MONDAY + timedelta(40))
    assert {made.fortnight for made in freeze_due(house, ADMIN, 5, other)} >= {fortnight_of(MONDAY, other)}
    at(house, MONDAY + timedelta(80))
    with pytest.raises(Refused, match="overlap"):
        freeze_due(house, ADMIN, 5)
    assert freeze_due(house, ADMIN, 5, other + timedelta(28)) != []


def test_two_releases_never_overlap_so_that_they_cannot_be_subtracted(house: House) -> None:
    for back in range(0, 84, 5):
        day = MONDAY - timedelta(back)
        trip = house.schedule().departures_on(day).departures[0].trip
        ride(house, day, 3, trip)
    freeze_due(house, ADMIN, 5)
    found = released(house, READER)
    assert len(found) > 5
    for one, following in itertools.pairwise(found):
        assert one.fortnight.last + timedelta(1) == following.fortnight.first


def test_a_reader_sees_released_figures_only_and_never_a_small_one(house: House) -> None:
    fortnight = fortnight_of(MONDAY)
    ride(house, fortnight.first, 12)
    ride(house, fortnight.first + timedelta(5), 3, "gyldenpris-holiday-1100")
    at(house, fortnight.last + GRACE + timedelta(1))
    with house.transaction() as session:
        token = create_token(session, ADMIN, Role.READER, "reader", house.now())
    with TestClient(create_app(house, Settings())) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        query = f"/api/v1/ridership?from={fortnight.first}&to={fortnight.last}&by="
        assert client.get(query + "day").json()["rows"] == []
        freeze_due(house, ADMIN, 5)
        found = client.get(query + "day").json()
        assert (found["suppressed"], found["boardings"], found["by"]) == (True, 15, ["fortnight", "day_type"])
        assert {row["day_type"]: row["boardings"] for row in found["rows"]} == {"weekday": None, "holiday": None}
        assert {row["stop"]: row["boardings"] for row in client.get(query + "stop,hour").json()["rows"]} == {
            "vagsbunnen": 15
        }
        assert client.get("/api/v1/releases").json()["releases"][0]["boardings"] == 15
        half = f"/api/v1/ridership?from={fortnight.first}&to={fortnight.first + timedelta(6)}"
        assert client.get(half).json()["rows"] == []


def test_so_few_that_the_sum_would_tell_are_hidden_as_a_whole(house: House) -> None:
    fortnight = fortnight_of(MONDAY)
    ride(house, fortnight.first, 4)
    at(house, fortnight.last + GRACE + timedelta(1))
    freeze_due(house, ADMIN, 5)
    shown = released(house, READER)[0].release
    assert shown.total is None
    assert {value for parts in shown.breakdowns.values() for value in parts.values()} == {None}


def test_a_zero_is_told_from_what_nobody_counted(house: House) -> None:
    fortnight = fortnight_of(MONDAY)
    record_and_wait(house, STAFF, Count(f"{MONDAY}.gyldenpris-weekday-1000", "mo-gyldenpris", 0, 7), "who got off")
    before = frozen_now(house, fortnight, 5)
    assert (before.is_counted, before.release.breakdowns) == (False, {"stop": {}, "day_type": {}})
    ride(house, MONDAY, 0)
    at(house, fortnight.last + GRACE + timedelta(1))
    freeze_due(house, ADMIN, 5)
    (frozen,) = released(house, READER)
    assert frozen.is_counted
    assert frozen.release.breakdowns == {"stop": {"vagsbunnen": 0}, "day_type": {"weekday": 0}}
    document = release_document(frozen)
    assert (document["boardings"], document["state"]) == (0, "zero")
    assert document["not_counted"] == {"by_stop": [], "by_day_type": ["holiday"]}


def test_a_driver_is_not_shown_released_figures_and_only_the_house_releases(house: House) -> None:
    with pytest.raises(NotAllowed):
        released(house, DRIVER)
    with pytest.raises(NotAllowed):
        freeze_due(house, READER, 5)
