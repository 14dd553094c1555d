"""A new scenario as one sentence: the same question as the shipped file, checked and kept while it is typed."""

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.domain.planning.scenario import Scenario
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.store.planning import plans
from shuttle.web.server.identity import COOKIE
from tests.builders import SCHEDULES
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SENTENCE = {
    "stop": "mo-nesttun",
    "days": "weekday",
    "closes": "21:00",
    "first": "2027-03-01",
    "hours": "9",
    "gap": "120",
    "keeps": "yes",
    "vehicles": "1",
    "least": "8",
    "most": "11",
    "minutes": "2",
}


@pytest.fixture
def planner(signed_in: SignIn) -> TestClient:
    return signed_in(Role.PLANNER)


def bare(scenario: Scenario) -> Scenario:
    """Without what people read and nothing is computed from."""
    requirements = tuple(replace(each, name="") for each in scenario.requirements)
    return replace(scenario, id="", name="", requirements=requirements)


def asked(planner: TestClient, context: AppContext, **changed: str) -> str:
    """The text of the plan that the sentence queues."""
    answer = planner.post("/plan/change", data={**SENTENCE, **changed, "act": "run"}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    run = answer.headers["location"].rpartition("/")[2]
    planner.post(f"/plan/runs/{run}/cancel")
    with context.reading() as session:
        return plans.plan(session, run).scenario


def values(page: str) -> dict[str, str]:
    inputs = re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', page)
    chosen = re.findall(r'<select[^>]*name="(\w+)".*?value="([^"]*)" selected', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in (*inputs, *chosen)}


@pytest.mark.parametrize(
    ("file", "changed"),
    [
        ("nesttun-evening", {}),
        ("nesttun-as-gyldenpris", {"closes": "22:00", "opens": "08:00"}),
    ],
)
def test_the_sentence_asks_what_the_shipped_file_asks(
    planner: TestClient, context: AppContext, file: str, changed: dict[str, str]
) -> None:
    schedule, today = context.schedule(), context.today()
    shipped = read_scenario((SCHEDULES / f"scenarios/{file}.toml").read_text("utf-8"), schedule, today)
    ours = read_scenario(asked(planner, context, **changed), schedule, today)
    if file == "nesttun-evening":
        assert bare(ours) == bare(shipped)
    else:  # the file opens the weekend too
        assert ours.hours["mo-nesttun"]["weekday"] == shipped.hours["mo-nesttun"]["weekday"]
        assert bare(ours).patterns == shipped.patterns and ours.demand.profiles == shipped.demand.profiles


def test_the_page_begins_with_the_sentence_of_the_evening(planner: TestClient) -> None:
    page = planner.get("/plan/change").text
    first = values(page)
    names = ("stop", "days", "hours", "gap", "vehicles", "least", "most")
    assert {name: first[name] for name in names} == {name: SENTENCE[name] for name in names}
    assert first["closes"] == "21.00"
    assert "MO Nesttun åpent hverdager til 21.00 fra" in page
    assert "Hverdager: åpent 09.00–21.00 (i dag 09.00–15.00)." in page and "Etterspørselen er antatt" in page


def test_another_page_opens_it_with_its_change(planner: TestClient) -> None:
    page = planner.get("/plan/change?stop=mo-gyldenpris&days=holiday&closes=20:00&first=2027-05-01").text
    filled = values(page)
    assert (filled["stop"], filled["days"], filled["closes"]) == ("mo-gyldenpris", "holiday", "20:00")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"closes": "08:00"}, "closes"),
        ({"closes": "sent"}, "closes"),
        ({"hours": "mange"}, "hours"),
        ({"first": "i morgen"}, "first"),
        ({"least": "12"}, "most"),
        ({"days": "never"}, "days"),
        ({"stop": "nowhere"}, "stop"),
        ({"vehicles": "0"}, "vehicles"),
    ],
)
def test_a_wrong_blank_is_told_while_typing_and_at_the_button(
    planner: TestClient, wrong: dict[str, str], field: str
) -> None:
    partial = planner.post("/plan/change/checked", data={**SENTENCE, **wrong})
    assert partial.status_code == 200 and f'href="#{field}"' in partial.text and "<html" not in partial.text
    answer = planner.post("/plan/change", data={**SENTENCE, **wrong, "act": "run"})
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text


def test_language_and_a_new_visit_keep_what_was_typed(planner: TestClient) -> None:
    planner.post("/plan/change/checked", data={**SENTENCE, "hours": "7,5", "closes": "20:00"})
    for language in LANGUAGES:
        page = planner.get(f"/plan/change?lang={language}").text
        assert f'<html lang="{language}"' in page and values(page)["closes"] == "20:00"
        assert words(language).say("change.anew") in page
    assert values(planner.post("/plan/change", data={"act": "forget"}).text)["closes"] == "21:00", "English"


def test_a_form_keeps_what_was_typed_under_its_own_address(planner: TestClient) -> None:
    page = planner.get("/plan/form?file=nesttun-evening").text
    assert "/plan/form/checked?file=nesttun-evening" in html.unescape(page)
    typed = {"grid_minutes": "ofte", "name": "Halvferdig"}
    partial = planner.post("/plan/form/checked?file=nesttun-evening", data=typed)
    assert "«ofte» er ikke et helt tall" in partial.text
    again = planner.get("/plan/form?file=nesttun-evening&lang=nn").text
    assert 'value="Halvferdig"' in again and 'id="grid_minutes-error"' in again
    assert "Halvferdig" not in planner.get("/plan/form").text
    planner.post("/plan/form?file=nesttun-evening", data={"act": "forget"})
    assert "Halvferdig" not in planner.get("/plan/form?file=nesttun-evening").text


def test_all_choices_are_opened_in_the_form(planner: TestClient, context: AppContext) -> None:
    page = planner.post("/plan/change", data={**SENTENCE, "act": "more"}).text
    assert 'name="requirements.1.minutes"' in page and 'value="120"' in page and "/plan/form" in page


def test_what_is_sent_after_the_session_ended_comes_back_whole(signed_in: SignIn, client: TestClient) -> None:
    signed_in(Role.PLANNER)
    client.cookies.delete(COOKIE)
    sent: dict[str, Any] = {**SENTENCE, "act": "run", "hours": "7,5 <b>"}
    for address in ("/plan/change", "/plan/form?file=nesttun-evening"):
        answer = client.post(address, data=sent)
        assert answer.status_code == 401 and f'action="{address}"' in answer.text
        for name, text in sent.items():
            assert f'name="{name}" value="{html.escape(text)}"' in answer.text
        assert client.post(f"{address.partition('?')[0]}/checked", data=sent).status_code == 401


def test_requirements_of_the_form_get_names(planner: TestClient) -> None:
    typed = {"requirements.0.kind": "vehicles", "requirements.1.kind": "vehicles", "name": "Prøve"}
    page = planner.post("/plan/form", data={**typed, "act": "check"}).text
    name = words("nb").say("form.kind.vehicles")
    assert f'value="{name}"' in page and f'value="{name} 2"' in page
    assert 'id="id-error"' not in planner.post("/plan/form", data={"act": "check"}).text


def test_others_have_no_sentence(signed_in: SignIn) -> None:
    staff = signed_in(Role.STAFF)
    for answer in (
        staff.get("/plan/change"),
        staff.post("/plan/change"),
        staff.post("/plan/change/checked"),
        staff.post("/plan/form/checked"),
    ):
        assert answer.status_code == 403
