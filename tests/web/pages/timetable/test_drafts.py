"""Page of a timetable: edits with undo and redo, figures, changes from today's, and copies."""

import re

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Trip
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import timetables as acts
from tests.web.api.test_plans import SMALL
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

PLANNER = Person("p", "Petra", Role.PLANNER)
HERE = "/plan/timetables/next"
TEN = "gyldenpris-weekday-1000"


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def planner(signed_in: SignIn, context: AppContext) -> TestClient:
    """Signed in, with a draft `next` that is a copy of today's timetable."""
    with context.transaction() as session:
        acts.copy_timetable(session, PLANNER, "2024-10", "next", "Neste", context.now())
    return signed_in(Role.PLANNER)


def times(context: AppContext) -> list[int]:
    return [trip.departs for trip in context.schedule().timetable_by_id["next"].trips_on("weekday")]


@pytest.mark.parametrize(
    ("act", "form", "after"),
    [
        ("move", {"trip": TEN, "departs": "1010"}, 610),
        ("add", {"pattern": "gyldenpris", "day_type": "weekday", "departs": "13.30"}, 810),
        ("delete", {"trip": TEN}, None),
    ],
)
def test_an_edit_can_be_undone_and_redone(
    planner: TestClient, context: AppContext, act: str, form: dict[str, str], after: int | None
) -> None:
    before = times(context)
    page = planner.post(f"{HERE}/{act}", data=form).text
    edited = times(context)
    assert edited != before and (after in edited if after else 600 not in edited)
    assert f"{HERE}/undo" in page and f"{HERE}/redo" not in page
    page = planner.post(f"{HERE}/undo").text
    assert times(context) == before
    assert f"{HERE}/redo" in page and f"{HERE}/undo" not in page
    planner.post(f"{HERE}/redo")
    assert times(context) == edited


def test_several_edits_are_undone_one_after_the_other(planner: TestClient, context: AppContext) -> None:
    seen = [times(context)]
    for act, form in (
        ("move", {"trip": TEN, "departs": "10.20"}),
        ("add", {"pattern": "gyldenpris", "day_type": "weekday", "departs": "13.30"}),
        ("delete", {"trip": "gyldenpris-weekday-1500"}),
    ):
        page = planner.post(f"{HERE}/{act}", data=form).text
        seen.append(times(context))
    for before, step in zip(seen[-2::-1], ("15.00 fjernet", "13.30 lagt til", "10.00 flyttet til 10.20"), strict=True):
        assert f"Angre: {step}" in page
        page = planner.post(f"{HERE}/undo").text
        assert times(context) == before
    refused = planner.post(f"{HERE}/undo")
    assert refused.status_code == 422 and "ingen endring å angre" in refused.text
    planner.post(f"{HERE}/redo")
    page = planner.post(f"{HERE}/move", data={"trip": "gyldenpris-weekday-1200", "departs": "12.05"}).text
    assert f"{HERE}/redo" not in page, "a new edit ends what could be done again"


def test_an_unreadable_time_is_refused_at_its_field_and_kept(planner: TestClient, context: AppContext) -> None:
    page = planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "halv ti"})
    assert page.status_code == 422 and 'value="halv ti"' in page.text and f'href="#{TEN}"' in page.text
    assert 600 in times(context)


def test_a_second_departure_at_a_time_is_refused(planner: TestClient) -> None:
    page = planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "12.00"})
    assert page.status_code == 422 and "Den avgangen finnes alt." in page.text


def test_times_set_by_hand_move_along_and_come_back_by_undo(planner: TestClient, context: AppContext) -> None:
    calls = (Call("vagsbunnen", 1, 540, 540), Call("mo-gyldenpris", 2, 553, 553))
    with context.transaction() as session:
        acts.add_trip(session, PLANNER, "next", Trip("gyldenpris", "weekday", 540, calls), context.now())
    planner.post(f"{HERE}/move", data={"trip": "gyldenpris-weekday-0900", "departs": "09:05"})
    moved = next(t for t in context.schedule().timetable_by_id["next"].trips if t.departs == 545)
    assert moved.calls == (Call("vagsbunnen", 1, 545, 545), Call("mo-gyldenpris", 2, 558, 558))
    planner.post(f"{HERE}/undo")
    assert next(t for t in context.schedule().timetable_by_id["next"].trips if t.departs == 540).calls == calls


def test_figures_and_broken_rules_follow_an_edit_at_once(planner: TestClient) -> None:
    page = planner.get(f"{HERE}?scenario=nesttun-evening").text
    assert "regnet ut for scenarioet «MO Nesttun åpent om kvelden»" in page
    kept = r"dagens avganger til Gyldenpris består</span><span class=\"ds-tag\" data-color=\"(\w+)\""
    assert re.findall(kept, page)[0] == "success"
    planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "10.20"})
    assert re.findall(kept, planner.get(f"{HERE}?scenario=nesttun-evening").text)[0] == "danger"


@on_sqlite
def test_a_draft_is_drawn_over_today_with_moves_and_recorded_boardings(planner: TestClient) -> None:
    planner.post(f"{HERE}/move", data={"trip": TEN, "departs": "10.20"})
    planner.post(f"{HERE}/delete", data={"trip": "gyldenpris-weekday-1830"})
    page = planner.get(f"{HERE}?scenario=nesttun-evening").text
    assert "10.00 → 10.20 (20 min senere)" in page and "Mot rutetabellen i dag" in page
    weekday = page.partition('id="day-weekday"')[2].partition('id="day-holiday"')[0]
    assert weekday.count('class="trip kept"') == 4 and weekday.count('class="trip today"') == 5
    assert "10.00: ikke registrert; 18.30: ikke registrert" in weekday
    assert "Mot rutetabellen i dag" not in planner.get("/plan/timetables/2024-10").text, "it is today's"


@on_sqlite
def test_a_draft_is_measured_by_a_scenario_that_was_saved(planner: TestClient) -> None:
    planner.post("/plan/scenario/save", data={"scenario": SMALL})
    page = planner.get(f"{HERE}?scenario=saved.small").text
    assert "regnet ut for scenarioet «A small question»" in page


@on_sqlite
def test_the_chosen_scenario_stays_chosen_after_an_edit(planner: TestClient) -> None:
    page = planner.post(f"{HERE}/move?scenario=nesttun-evening", data={"trip": TEN, "departs": "10.20"}).text
    assert "regnet ut for scenarioet «MO Nesttun åpent om kvelden»" in page
    assert f'action="{HERE}/delete?scenario=nesttun-evening"' in page


def test_a_published_timetable_offers_a_copy_and_no_edit(planner: TestClient, context: AppContext) -> None:
    page = planner.get("/plan/timetables/2024-10").text
    assert "/move" not in page and "/delete" not in page and "Lag en kopi" in page
    refused = planner.post("/plan/timetables/2024-10/delete", data={"trip": TEN})
    assert refused.status_code == 422 and "endres ikke" in refused.text
    planner.post("/plan/timetables/2024-10/copy", data={"id": "kopi", "name": "Kopi"})
    assert context.schedule().timetable_by_id["kopi"].status.value == "draft"


def test_an_unknown_timetable_is_not_found(planner: TestClient) -> None:
    assert planner.get("/plan/timetables/none").status_code == 404
    assert planner.post("/plan/timetables/none/delete", data={"trip": TEN}).status_code == 404


@on_sqlite
def test_a_copied_draft_shows_figures_and_says_which_buses_clash(planner: TestClient) -> None:
    page = planner.get(HERE).text
    assert "regnet ut for scenarioet «Dagens åpningstider og etterspørsel»" in page and "én buss" in page
    assert "er ute samtidig" not in page
    planner.post(f"{HERE}/add", data={"pattern": "gyldenpris", "day_type": "weekday", "departs": "10.20"})
    page = planner.get(HERE).text
    assert "10.00 og 10.20 er ute samtidig, men det er bare én buss. Den er tilbake 10.25." in page


@on_sqlite
def test_figures_follow_a_time_while_it_is_typed(planner: TestClient, context: AppContext) -> None:
    before = context.schedule().timetable_by_id["next"]
    noon = "gyldenpris-weekday-1200"
    typed = planner.post(f"{HERE}/tried", data={"trip": noon, "departs": "1020"})
    assert "10.00 og 10.20 er ute samtidig" in typed.text and "<html" not in typed.text and "ikke oppfylt" in typed.text
    more = {"pattern": "gyldenpris", "day_type": "weekday", "departs": "10.20"}
    assert "10.00 og 10.20 er ute samtidig" in planner.post(f"{HERE}/tried", data=more).text
    free = planner.post(f"{HERE}/tried?scenario=nesttun-evening", data={"trip": noon, "departs": "12:30"}).text
    assert "er ute samtidig" not in free and "dagens avganger til Gyldenpris består" in free
    for wrong in (
        {"trip": noon, "departs": "tolv"},
        {"trip": "none", "departs": "12:00"},
        {"trip": noon, "departs": "10:00"},
    ):
        answer = planner.post(f"{HERE}/tried", data=wrong)
        assert answer.status_code == 200 and "ds-validation-message" in answer.text
    assert context.schedule().timetable_by_id["next"].trips == before.trips
    assert planner.post("/plan/timetables/none/tried", data={"departs": "12:00"}).status_code == 404
