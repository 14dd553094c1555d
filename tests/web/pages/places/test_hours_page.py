"""Pages of opening hours: typed, shown before saved, saved, shown everywhere, undone."""

import re
from datetime import date

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from shuttle.store.planning import scenarios
from tests.web.pages.conftest import SignIn

PAGE = "/plan/places/mo-nesttun"
EVENING = {
    "weekday.opens": ["09:00", ""],
    "weekday.closes": ["21.00", ""],
    "holiday.opens": [""],
    "holiday.closes": [""],
    "from": "2026-11-24",
    "source": "Vedtak 1. november",
}


def test_hours_to_the_evening_show_for_everybody_and_are_undone(signed_in: SignIn, context: AppContext) -> None:
    planner = signed_in(Role.PLANNER)
    page = planner.post(f"{PAGE}/hours", data=EVENING | {"act": "save"}).text
    assert "Åpningstidene er lagret." in page and "Vedtak 1. november" in page
    front = planner.get("/?date=2026-11-24").text
    assert re.search(r"MO Nesttun.{0,200}09.00–21.00", front, re.DOTALL)
    assert "T210000" in planner.get("/feeds/opening-hours/mo-nesttun.ics").text
    act = re.search(r'name="act" value="(fact-\w+)"', page)
    assert act
    page = planner.post("/plan/places/undo", data={"act": act[1]}).text
    assert "Alt er som det var." in page and "angret av kari-planner" in page
    assert context.schedule().windows("mo-nesttun", date(2026, 11, 24)) == ((540, 900),)


def test_typed_hours_are_shown_before_they_are_saved(signed_in: SignIn, context: AppContext) -> None:
    typed = EVENING | {"weekday.closes": ["10:05", ""], "weekday.opens": ["08:00", ""], "act": "show"}
    page = signed_in(Role.PLANNER).post("/plan/places/mo-gyldenpris/hours", data=typed).text
    assert "Ikke lagret ennå" in page and 'value="10:05"' in page
    row = re.search(r'<tr>\s*<th scope="row">Hverdag.*?</tr>', page, re.DOTALL)
    assert row and "misses" in row[0] and "12.00 (fram 12.10)" in row[0]
    assert context.schedule().windows("mo-gyldenpris", date(2026, 11, 24)) == ((480, 1320),)


def test_a_timetable_is_looked_for_with_exactly_these_hours(signed_in: SignIn, context: AppContext) -> None:
    answer = signed_in(Role.PLANNER).post(f"{PAGE}/hours", data=EVENING | {"act": "scenario"})
    assert answer.status_code == 200 and "MO Nesttun: nye åpningstider fra" in answer.text
    assert answer.url.path == "/plan/form"
    with context.reading() as session:
        text = scenarios.revision(session, "hours-mo-nesttun-2026-11-24").text
    assert '[opening_hours.mo-nesttun]\nweekday = [["09:00", "21:00"]]' in text
    assert 'day_types = ["weekday"]' in text and 'base_timetable = "2024-10"' in text and "assumed = true" in text
    assert "aria-invalid" not in answer.text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"from": ""}, "Skriv datoen det gjelder fra."),
        ({"from": "2026-11-01"}, "2026-11-01 er passert"),
        ({"source": " "}, "Skriv hvor det kommer fra."),
        ({"weekday.closes": ["", ""]}, "Skriv både når det åpner og når det stenger"),
        ({"weekday.closes": ["08:00", ""]}, "går ikke opp"),
        ({"weekday.closes": ["9 pm", ""]}, "Klokkeslettet «9 pm» kan ikke leses."),
    ],
)
def test_a_refusal_keeps_what_was_typed(signed_in: SignIn, change: dict[str, object], text: str) -> None:
    answer = signed_in(Role.PLANNER).post(f"{PAGE}/hours", data=EVENING | change | {"act": "save"})
    assert answer.status_code == 422 or answer.status_code == 409
    assert text in answer.text
    assert 'value="09:00"' in answer.text


def test_days_closed_for_a_course_are_entered_and_taken_back(signed_in: SignIn) -> None:
    planner = signed_in(Role.PLANNER)
    days = {"first": "2026-12-02", "last": "2026-12-03", "reason": "Stengt for kurs", "special.opens": [""]}
    page = planner.post(f"{PAGE}/special", data=days | {"special.closes": [""], "act": "save"}).text
    assert page.count("Stengt for kurs") >= 2
    assert re.search(r"MO Nesttun.{0,200}[Ss]tengt", planner.get("/?date=2026-12-02").text, re.DOTALL)
    page = planner.post(f"{PAGE}/special", data={"first": "2026-12-02", "act": "withdraw"}).text
    assert "De vanlige åpningstidene gjelder igjen." in page and "3. desember" in page
    refused = planner.post(f"{PAGE}/special", data=days | {"reason": " ", "special.closes": ["9"], "act": "save"})
    assert refused.status_code == 422 and 'value="2026-12-03"' in refused.text


@pytest.mark.parametrize("language", ["nn", "en"])
def test_the_pages_stand_in_the_other_languages(signed_in: SignIn, language: str) -> None:
    planner = signed_in(Role.PLANNER)
    for path in ("/plan/places", PAGE):
        assert planner.get(f"{path}?lang={language}").status_code == 200


def test_nobody_else_may_and_unknown_places_are_not_there(signed_in: SignIn) -> None:
    assert signed_in(Role.PLANNER).get("/plan/places/nowhere").status_code == 404
    assert signed_in(Role.STAFF).post(f"{PAGE}/hours", data=EVENING | {"act": "save"}).status_code == 403
