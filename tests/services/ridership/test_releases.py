"""Releases: one per fortnight, never changed, and later counts reveal nothing."""

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed, Refused
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import ANCHOR, fortnight_of
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import GRACE, freeze_due, release_document, release_of, released
from shuttle.settings import Settings
from shuttle.store.ridership.releases import StoredRelease, Supplement
from shuttle.web.app import create_app

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
STAFF = Person("s", "Door", Role.STAFF)
READER = Person("r", "Reader", Role.READER)
MONDAY = date(2026, 10, 26)


def ride(context: AppContext, day: date, boardings: int, trip: str = "gyldenpris-weekday-1000") -> None:
    record_and_wait(
        context,
        DRIVER,
        Count(departure=f"{day}.{trip}", stop="vagsbunnen", boardings=boardings),
        f"{day} {trip} {boardings}",
    )


def ride_thrice(context: AppContext, day: date, boardings: int) -> None:
    """Three weekday departures of a day, the least that a released number rests on."""
    for trip in ("1000", "1200", "1500"):
        ride(context, day, boardings, f"gyldenpris-weekday-{trip}")


def at(context: AppContext, day: date) -> None:
    moment = datetime(day.year, day.month, day.day, 11, tzinfo=UTC)
    context.now = lambda: moment


def test_a_fortnight_is_released_after_its_grace_period(context: AppContext) -> None:
    fortnight = fortnight_of(MONDAY)
    ride_thrice(context, fortnight.first, 4)
    at(context, fortnight.last + GRACE)
    assert freeze_due(context, ADMIN, 5) == []
    at(context, fortnight.last + GRACE + timedelta(1))
    made = freeze_due(context, ADMIN, 5)
    assert [frozen.fortnight for frozen in made] == [fortnight]
    assert made[0].release.total == 12
    assert made[0].release.breakdowns == {
        "stop": {"vagsbunnen": 12},
        "day_type": {"weekday": 12},
        "destination": {"mo-gyldenpris": 12},
    }
    assert made[0].release.not_counted == {"day_type": ("holiday",)}
    assert (made[0].run.counted, made[0].run.run) == (3, 62)
    assert freeze_due(context, ADMIN, 5) == []


def test_a_late_count_changes_no_release(context: AppContext) -> None:
    fortnight = fortnight_of(MONDAY)
    ride_thrice(context, fortnight.first, 4)
    at(context, fortnight.last + GRACE + timedelta(1))
    freeze_due(context, ADMIN, 5)
    before = released(context, READER)
    ride(context, fortnight.first, 1, "gyldenpris-weekday-1700")
    freeze_due(context, ADMIN, 5)
    assert released(context, READER) == before


def test_fortnights_follow_the_anchor_which_no_release_lets_move(context: AppContext) -> None:
    ride(context, MONDAY, 12)
    other = ANCHOR + timedelta(7)
    at(context, MONDAY + timedelta(40))
    assert {made.fortnight for made in freeze_due(context, ADMIN, 5, other)} >= {fortnight_of(MONDAY, other)}
    at(context, MONDAY + timedelta(80))
    with pytest.raises(Refused, match="overlap"):
        freeze_due(context, ADMIN, 5)
    assert freeze_due(context, ADMIN, 5, other + timedelta(28)) != []


def test_two_releases_never_overlap_so_that_they_cannot_be_subtracted(context: AppContext) -> None:
    for back in range(0, 84, 5):
        day = MONDAY - timedelta(back)
        trip = context.schedule().departures_on(day).departures[0].trip
        ride(context, day, 3, trip)
    freeze_due(context, ADMIN, 5)
    releases = released(context, READER)
    assert len(releases) > 5
    for one, following in itertools.pairwise(releases):
        assert one.fortnight.last + timedelta(1) == following.fortnight.first


def test_a_reader_sees_released_figures_only_and_never_a_small_one(context: AppContext) -> None:
    fortnight = fortnight_of(MONDAY)
    ride_thrice(context, fortnight.first, 4)
    ride(context, fortnight.first + timedelta(5), 3, "gyldenpris-holiday-1100")
    at(context, fortnight.last + GRACE + timedelta(1))
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.READER, "reader", context.now())
    with TestClient(create_app(context, Settings())) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        query = f"/api/v1/ridership?from={fortnight.first}&to={fortnight.last}&by="
        assert client.get(query + "day").json()["rows"] == []
        freeze_due(context, ADMIN, 5)
        answer = client.get(query + "day").json()
        assert (answer["suppressed"], answer["boardings"], answer["by"]) == (True, 15, ["fortnight", "day_type"])
        assert {row["day_type"]: row["boardings"] for row in answer["rows"]} == {"weekday": None, "holiday": None}
        assert {row["stop"]: row["boardings"] for row in client.get(query + "stop,hour").json()["rows"]} == {
            "vagsbunnen": 15
        }
        assert client.get("/api/v1/releases").json()["releases"][0]["boardings"] == 15
        half = f"/api/v1/ridership?from={fortnight.first}&to={fortnight.first + timedelta(6)}"
        assert client.get(half).json()["rows"] == []


def test_so_few_that_the_sum_would_tell_are_hidden_as_a_whole(context: AppContext) -> None:
    fortnight = fortnight_of(MONDAY)
    ride(context, fortnight.first, 4)
    at(context, fortnight.last + GRACE + timedelta(1))
    freeze_due(context, ADMIN, 5)
    shown = released(context, READER)[0].release
    assert shown.total is None
    assert {value for parts in shown.breakdowns.values() for value in parts.values()} == {None}


def test_a_number_on_two_departures_or_nearly_all_on_one_is_hidden(context: AppContext) -> None:
    fortnight = fortnight_of(MONDAY)
    ride(context, MONDAY, 6)
    ride(context, MONDAY, 7, "gyldenpris-weekday-1200")
    assert release_of(context, fortnight, 5).release.total is None, "who counted one knows the other"
    ride(context, MONDAY, 0, "gyldenpris-weekday-1500")
    assert release_of(context, fortnight, 5).release.total == 13
    ride(context, MONDAY, 40, "gyldenpris-weekday-1700")
    ride(context, MONDAY, 0, "gyldenpris-weekday-1200")
    ride(context, MONDAY, 0)
    assert release_of(context, fortnight, 5).release.total is None, "it is the number of one departure"


def test_counts_after_a_release_are_stated_once_as_a_sum_large_enough(context: AppContext) -> None:
    first = fortnight_of(MONDAY).first

    def pass_fortnight(number: int) -> StoredRelease:
        """Count on three departures of a fortnight, and release it when it is due."""
        start = first + timedelta(14 * number)
        at(context, start + timedelta(1))
        ride_thrice(context, start, 4)
        at(context, start + timedelta(13) + GRACE + timedelta(1))
        (made,) = freeze_due(context, ADMIN, 5)
        at(context, start + timedelta(13) + GRACE + timedelta(2))
        return made

    pass_fortnight(0)
    for trip in ("1700", "1830"):
        ride(context, first, 5, f"gyldenpris-weekday-{trip}")
    assert pass_fortnight(1).supplement is None, "ten boardings, but on two departures: they wait"
    ride(context, first + timedelta(1), 2)
    assert pass_fortnight(2).supplement == Supplement(12, 3)
    assert pass_fortnight(3).supplement is None, "no count is stated twice"
    stored = released(context, READER)
    assert [each.release.total for each in stored] == [12, 12, 12, 12]
    assert release_document(stored[2])["late_supplement"] == {"boardings": 12, "departures": 3}


def test_a_zero_is_told_from_what_nobody_counted(context: AppContext) -> None:
    fortnight = fortnight_of(MONDAY)
    record_and_wait(
        context,
        STAFF,
        Count(departure=f"{MONDAY}.gyldenpris-weekday-1000", stop="mo-gyldenpris", boardings=0, alightings=7),
        "who got off",
    )
    before = release_of(context, fortnight, 5)
    assert (before.is_counted, before.release.breakdowns) == (
        False,
        {"stop": {}, "day_type": {}, "destination": {}},
    )
    ride(context, MONDAY, 0)
    at(context, fortnight.last + GRACE + timedelta(1))
    freeze_due(context, ADMIN, 5)
    (frozen,) = released(context, READER)
    assert frozen.is_counted
    assert frozen.release.breakdowns == {"stop": {"vagsbunnen": 0}, "day_type": {"weekday": 0}, "destination": {}}
    document = release_document(frozen)
    assert (document["boardings"], document["state"]) == (0, "zero")
    assert document["not_counted"] == {
        "by_stop": [],
        "by_day_type": ["holiday"],
        "by_destination": ["mo-gyldenpris"],
    }, "seven left where nobody had boarded: the destination is not told"


def test_drivers_see_no_releases_and_only_administrators_release(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        released(context, DRIVER)
    with pytest.raises(NotAllowed):
        freeze_due(context, READER, 5)
