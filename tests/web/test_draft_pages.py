"""A draft edited by typing times, measured at once, published, withdrawn, and rolled back."""

import html
import re
from datetime import date

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access import Person, Role
from shuttle.domain.network import Call
from shuttle.domain.timetable import Trip
from shuttle.services import timetables as acts
from shuttle.services.house import House
from shuttle.web.pages.plan_drafts import read_written, written
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

PLANNER = Person("p", "Petra", Role.PLANNER)
HERE = "/plan/timetables/next"
TEN = "gyldenpris-weekday-1000"


@pytest.fixture
def planner(signed_in: SignIn, house: House) -> TestClient:
    """Signed in, with a draft `next` that is a copy of today's timetable."""
    with house.transaction() as session:
        acts.copy_timetable(session, PLANNER, "2024-10", "next", "Neste", house.now())
    return signed_in(Role.PLANNER)


def times(house: House) -> list[int]:
    return [trip.departs for trip in house.schedule().timetable_by_id["next"].trips_on("weekday")]


def undo(planner: TestClient, page: str) -> str:
    """Press the page's undo button."""
    form = re.search(r'action="/plan/timetables/next/undo[^"]*">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    return planner.post(f"{HERE}/undo", data={name: html.unescape(value) for name, value in given.items()}).text


@pytest.mark.parametrize(
    ("act", "given", "after"),
    [
        ("move", {"trip": TEN, "departs": "1010"}, 610),
        ("add", {"pattern": "gyldenpris", "day_type": "weekday", "departs": "13.30"}, 810),
        ("delete", {"trip": TEN}, None),
    ],
)
def test_an_edit_can_be_taken_back_and_that_as_well(
    planner: TestClient, house: House, act: str, given: dict[str, str], after: int | None
) -> None:
    before = times(house)
    page = planner.post(f"{HERE}/{act}", data=given).text
    edited = times(house)
    assert edited != before and (after in edited if after else 600 not in edited)
    page = undo(planner, page)
    assert times(house) == before
    undo(planner, page)
    assert times(house) == edited


def test_a_time_that_cannot_be_read_is_said_at_its_field_and_kept(planner: TestClient, house: House) -> None:
    page = planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "halv ti"})
    assert page.status_code == 422 and 'value="halv ti"' in page.text and f'href="#{TEN}"' in page.text
    assert 600 in times(house)


def test_a_time_that_is_taken_is_refused_in_words(planner: TestClient) -> None:
    page = planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "12.00"})
    assert page.status_code == 422 and "Den avgangen finnes alt." in page.text


def test_times_set_by_hand_move_along_and_come_back_by_undo(planner: TestClient, house: House) -> None:
    calls = (Call("vagsbunnen", 1, 540, 540), Call("mo-gyldenpris", 2, 553, 553))
    with house.transaction() as session:
        acts.add_trip(session, PLANNER, "next", Trip("gyldenpris", "weekday", 540, calls), house.now())
    page = planner.post(f"{HERE}/move", data={"trip": "gyldenpris-weekday-0900", "departs": "09:05"}).text
    moved = next(t for t in house.schedule().timetable_by_id["next"].trips if t.departs == 545)
    assert moved.calls == (Call("vagsbunnen", 1, 545, 545), Call("mo-gyldenpris", 2, 558, 558))
    undo(planner, page)
    assert next(t for t in house.schedule().timetable_by_id["next"].trips if t.departs == 540).calls == calls


def test_a_trip_in_one_line_is_the_same_trip_again() -> None:
    calls = (Call("a", 1, 540, 541), Call("b", 2, 1450, 1450))
    for trip in (Trip("p", "weekday", 600), Trip("p", "weekday", 541, calls)):
        assert read_written(written(trip)) == trip


def test_figures_and_broken_rules_follow_an_edit_at_once(planner: TestClient) -> None:
    page = planner.get(f"{HERE}?scenario=nesttun-evening").text
    assert "regnet ut for scenarioet «MO Nesttun åpent om kvelden»" in page
    kept = r"dagens avganger til Gyldenpris består</span><span class=\"ds-tag\" data-color=\"(\w+)\""
    assert re.findall(kept, page)[0] == "success"
    planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "10.20"})
    assert re.findall(kept, planner.get(f"{HERE}?scenario=nesttun-evening").text)[0] == "danger"


def test_a_draft_is_drawn_upon_today_with_what_moved_in_minutes_and_what_was_counted(planner: TestClient) -> None:
    planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "10.20"})
    planner.post(f"{HERE}/delete", data={"trip": "gyldenpris-weekday-1830"})
    page = planner.get(f"{HERE}?scenario=nesttun-evening").text
    assert "10.00 → 10.20 (20 min senere)" in page and "Mot rutetabellen i dag" in page
    weekday = page.partition('id="day-weekday"')[2].partition('id="day-holiday"')[0]
    assert weekday.count('class="trip kept"') == 4 and weekday.count('class="trip today"') == 5
    assert "10.00: ikke registrert; 18.30: ikke registrert" in weekday
    assert "Mot rutetabellen i dag" not in planner.get("/plan/timetables/2024-10").text, "it is today's"


def test_the_scenario_that_was_chosen_stays_chosen_after_an_edit(planner: TestClient) -> None:
    page = planner.post(f"{HERE}/move?scenario=nesttun-evening", data={"trip": TEN, "departs": "10.20"}).text
    assert "regnet ut for scenarioet «MO Nesttun åpent om kvelden»" in page
    assert f'action="{HERE}/delete?scenario=nesttun-evening"' in page


def test_a_published_timetable_offers_a_copy_and_no_edit(planner: TestClient, house: House) -> None:
    page = planner.get("/plan/timetables/2024-10").text
    assert "/move" not in page and "/delete" not in page and "Lag en kopi" in page
    refused = planner.post("/plan/timetables/2024-10/delete", data={"trip": TEN})
    assert refused.status_code == 422 and "endres ikke" in refused.text
    planner.post("/plan/timetables/2024-10/copy", data={"id": "kopi", "name": "Kopi"})
    assert house.schedule().timetable_by_id["kopi"].status.value == "draft"


def test_a_draft_is_published_withdrawn_and_the_old_one_published_again(planner: TestClient, house: House) -> None:
    day = date(2027, 3, 1)
    page = planner.post(f"{HERE}/publish", data={"first": "2027-03-01"}).text
    assert "Rutetabellen er publisert." in page
    assert house.schedule().departures_on(day).timetable == "next"
    assert "Rutetabellen er trukket tilbake." in planner.post(f"{HERE}/withdraw").text
    back = planner.post("/plan/timetables/2024-10/publish", data={"first": "2027-03-01"})
    assert back.status_code == 200, back.text
    assert house.schedule().departures_on(day).timetable == "2024-10"


def test_what_stands_against_publishing_is_named_and_the_dates_are_kept(planner: TestClient, house: House) -> None:
    page = planner.post(f"{HERE}/publish", data={"first": "2026-01-01"})
    assert page.status_code == 409
    assert "2026-01-01 er passert." in page.text and 'value="2026-01-01"' in page.text
    unread = planner.post(f"{HERE}/publish", data={"first": "snart"})
    assert unread.status_code == 422 and 'id="first-error"' in unread.text
    assert house.schedule().timetable_by_id["next"].status.value == "draft"


def test_an_arrival_while_closed_is_published_only_when_it_is_accepted(planner: TestClient, house: House) -> None:
    planner.post(f"{HERE}/add", data={"pattern": "gyldenpris", "day_type": "weekday", "departs": "05.00"})
    refused = planner.post(f"{HERE}/publish", data={"first": "2027-03-01"})
    assert refused.status_code == 409 and "Avgangen 05.00 kommer fram mens senteret er stengt." in refused.text
    given = {"first": "2027-03-01", "accept": "outside-opening-hours"}
    assert "Rutetabellen er publisert." in planner.post(f"{HERE}/publish", data=given).text


def test_an_unknown_timetable_is_not_found(planner: TestClient) -> None:
    assert planner.get("/plan/timetables/none").status_code == 404
    assert planner.post("/plan/timetables/none/delete", data={"trip": TEN}).status_code == 404
