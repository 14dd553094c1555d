"""Pages before publishing and withdrawing: timeline, what passengers see, findings to accept, and undo for ten minutes."""

import re
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import timetables as acts
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

PLANNER = Person("p", "Petra", Role.PLANNER)
HERE = "/plan/timetables/next"
FIRST, LAST = date(2027, 6, 21), date(2027, 8, 15)
SUMMER = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
DAY = timedelta(days=1)


@pytest.fixture
def planner(signed_in: SignIn, context: AppContext) -> TestClient:
    """Signed in, with a draft `next` that is a copy of today's timetable."""
    with context.transaction() as session:
        acts.copy_timetable(session, PLANNER, "2024-10", "next", "Sommer", context.now())
    return signed_in(Role.PLANNER)


def applies(context: AppContext, day: date) -> str | None:
    return context.schedule().departures_on(day).timetable


def test_the_page_shows_what_follows_before_anything_is_done(planner: TestClient, context: AppContext) -> None:
    page = planner.get(f"{HERE}/publish", params=SUMMER).text
    assert "Rutetabell fra oktober 2024 gjelder igjen fra 16. august 2027." in page
    assert "Mandag 16. august 2027" in page and "Mandag 21. juni 2027" in page
    bars = re.findall(r'<rect class="table-\d" x="([\d.]+)" y="(\d+)"', page)
    assert [y for _, y in bars] == ["36", "90", "90", "90"], "one bar now, three afterwards"
    assert 'class="change"' in page and "/poster.pdf?paper=a4&amp;from=2027-06-21" in page
    assert applies(context, FIRST) == "2024-10"


def test_a_summer_timetable_gives_way_and_a_mistake_is_undone(planner: TestClient, context: AppContext) -> None:
    page = planner.post(f"{HERE}/publish", data=SUMMER).text
    assert "Rutetabellen er publisert." in page and "Kan angres til" in page
    assert [applies(context, day) for day in (FIRST - DAY, FIRST, LAST, LAST + DAY)] == [
        "2024-10",
        "next",
        "next",
        "2024-10",
    ]
    number = re.findall(r'name="number" value="(\d+)"', page)[0]
    undone = planner.post("/plan/undo", data={"number": number}).text
    assert "Angret. Alt er som før." in undone and "Kan angres til" not in undone
    assert applies(context, FIRST) == "2024-10"
    assert context.schedule().timetable_by_id["next"].status.value == "draft"
    assert planner.post("/plan/undo", data={"number": number}).status_code == 409


def test_after_ten_minutes_nothing_is_offered(planner: TestClient, context: AppContext) -> None:
    planner.post(f"{HERE}/publish", data=SUMMER)
    at = context.now() + timedelta(minutes=11)
    context.now = lambda: at
    assert "Kan angres til" not in planner.get(HERE).text
    assert planner.post("/plan/undo", data={"number": "1"}).status_code == 409


def test_withdrawing_restores_what_ran_before(planner: TestClient, context: AppContext) -> None:
    planner.post(f"{HERE}/publish", data={"first": "2027-03-01"})
    assert applies(context, date(2027, 3, 1)) == "next"
    page = planner.get(f"{HERE}/withdraw").text
    assert "Rutetabell fra oktober 2024 gjelder i stedet fra 1. mars 2027." in page
    assert "Rutetabellen er trukket tilbake." in planner.post(f"{HERE}/withdraw").text
    assert applies(context, date(2027, 3, 1)) == "2024-10"


def test_ending_all_service_asks_by_name_and_opens_at_the_reason(planner: TestClient, context: AppContext) -> None:
    refused = planner.post("/plan/timetables/2024-10/withdraw")
    assert refused.status_code == 409
    assert (
        'href="#findings"' in refused.text
        and f"Ingen buss går fra {words('nb').date_short(context.today())} og framover." in refused.text
    )
    assert 'class="hole"' in refused.text and "Ingen buss går denne dagen." in refused.text
    assert applies(context, context.today()) == "2024-10"
    page = planner.post("/plan/timetables/2024-10/withdraw", data={"accept": "no-timetable"})
    assert page.status_code == 200 and applies(context, context.today()) is None
    number = re.findall(r'name="number" value="(\d+)"', page.text)[0]
    planner.post("/plan/undo", data={"number": number})
    assert applies(context, context.today()) == "2024-10"


def test_before_a_coming_change_the_page_shows_the_way(planner: TestClient, context: AppContext) -> None:
    planner.post(f"{HERE}/publish", data={"first": "2027-03-01"})
    planner.post(f"{HERE}/copy", data={"id": "other", "name": "Annen"})
    refused = planner.post("/plan/timetables/other/publish", data={"first": "2027-01-01"})
    assert refused.status_code == 409
    assert "/publish?first=2027-01-01&amp;last=2027-02-28" in refused.text and "Slutt 28. februar 2027" in refused.text
    given = {"first": "2027-01-01", "accept": "overlap"}
    assert planner.post("/plan/timetables/other/publish", data=given).status_code == 200
    assert applies(context, date(2027, 3, 1)) == "other"


def test_one_bus_at_two_places_is_found_from_the_first_edit(planner: TestClient) -> None:
    ten = {"trip": "gyldenpris-weekday-1200", "departs": "10.20"}
    page = planner.post(f"{HERE}/move", data=ten).text
    assert "Hverdag: avgangene krever 2 busser, og det finnes 1." in page and 'href="#publish"' in page
    assert planner.post(f"{HERE}/publish", data=SUMMER).status_code == 409
    given = {**SUMMER, "accept": "too-few-vehicles"}
    assert planner.post(f"{HERE}/publish", data=given).status_code == 200


def test_dates_that_cannot_be_are_refused_at_their_field_and_kept(planner: TestClient, context: AppContext) -> None:
    past = planner.post(f"{HERE}/publish", data={"first": "2026-01-01"})
    assert past.status_code == 409
    assert "1. januar 2026 er passert." in past.text and 'value="01.01.2026"' in past.text
    unread = planner.post(f"{HERE}/publish", data={"first": "snart"})
    assert unread.status_code == 422 and 'id="first-error"' in unread.text and 'value="snart"' in unread.text
    backwards = planner.get(f"{HERE}/publish", params={"first": "2027-03-01", "last": "2027-02-01"})
    assert backwards.status_code == 422
    assert planner.get("/plan/timetables/none/publish").status_code == 404
    assert context.schedule().timetable_by_id["next"].status.value == "draft"


def test_an_arrival_while_closed_is_published_only_when_it_is_accepted(planner: TestClient) -> None:
    planner.post(f"{HERE}/add", data={"pattern": "gyldenpris", "day_type": "weekday", "departs": "05.00"})
    refused = planner.post(f"{HERE}/publish", data={"first": "2027-03-01"})
    assert refused.status_code == 409 and "Avgangen 05.00 kommer fram mens senteret er stengt." in refused.text
    given = {"first": "2027-03-01", "accept": "outside-opening-hours"}
    assert "Rutetabellen er publisert." in planner.post(f"{HERE}/publish", data=given).text


def test_the_api_names_notes_and_undoes(planner: TestClient, context: AppContext) -> None:
    api = "/api/v1/timetables/next"
    found = planner.get(f"{api}/findings?valid_from=2027-06-21&valid_to=2027-08-15").json()
    assert [(each["code"], each["severity"], each["dates"]) for each in found] == [
        ("gives-way", "note", ["2027-08-16"])
    ]
    body = {"valid_from": "2027-06-21", "valid_to": "2027-08-15"}
    assert planner.post(f"{api}/publish", json=body).json()["findings"][0]["subject"] == "2024-10"
    periods = planner.get("/api/v1/timetables/2024-10").json()["publications"]
    assert [(each["valid_from"], each["valid_to"]) for each in periods] == [
        ("2024-10-01", "2027-06-20"),
        ("2027-08-16", None),
    ]
    assert planner.get("/api/v1/undo").json()["act"] == "publish"
    assert planner.get(f"{api}/withdrawal-findings").json()[0]["code"] == "runs-instead"
    assert planner.post("/api/v1/undo").json()["subject"] == "next"
    assert planner.get("/api/v1/undo").json() is None and planner.post("/api/v1/undo").status_code == 409
    assert applies(context, FIRST) == "2024-10"


def test_rolling_back_is_one_act_that_withdraws_all_above(planner: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        acts.copy_timetable(session, PLANNER, "2024-10", "third", "Vinter", context.now())
    planner.post(f"{HERE}/publish", data={"first": "2027-03-01", "last": "", "accept": ["overlap"]})
    planner.post("/plan/timetables/third/publish", data={"first": "2027-04-01", "last": ""})
    assert [applies(context, day) for day in (date(2027, 3, 2), date(2027, 4, 2))] == ["next", "third"]
    assert "/plan/timetables/2024-10/roll-back" in planner.get(f"{HERE}/publish").text
    assert "/plan/timetables/next/roll-back" in planner.get("/plan/timetables/third").text
    asked = planner.get("/plan/timetables/2024-10/roll-back").text
    assert "Rutetabell fra oktober 2024 gjelder i stedet fra 1. mars 2027." in asked
    done = planner.post("/plan/timetables/2024-10/roll-back").text
    assert "Rullet tilbake." in done
    assert {applies(context, day) for day in (date(2027, 3, 2), date(2027, 4, 2))} == {"2024-10"}
    number = re.findall(r'name="number" value="(\d+)"', done)[0]
    planner.post("/plan/undo", data={"number": number})
    assert [applies(context, day) for day in (date(2027, 3, 2), date(2027, 4, 2))] == ["next", "third"]


def test_what_nothing_hides_cannot_be_rolled_back_to(planner: TestClient) -> None:
    page = planner.get("/plan/timetables/2024-10/roll-back")
    assert page.status_code == 409 and "Ingen annen rutetabell gjelder i stedet for denne." in page.text
    answer = planner.post("/api/v1/timetables/2024-10/roll-back", json={})
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:shuttle:nothing-to-roll-back")


def test_a_program_withdraws_without_a_body_or_names_what_it_accepts(planner: TestClient) -> None:
    api = "/api/v1/timetables/2024-10/withdraw"
    refused = planner.post(api, json={"accept": []})
    assert refused.status_code == 409 and refused.json()["errors"][0]["given"] == "no-timetable"
    answer = planner.post(api)
    assert answer.status_code == 200
    assert "no-timetable" in {each["code"] for each in answer.json()["findings"]}
    assert planner.post("/api/v1/undo").json()["subject"] == "2024-10"
