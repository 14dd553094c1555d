"""A scenario as a form: opened, filled in, sent row by row without a script, saved as the TOML that it stands for, and run."""

import html
import re
import tomllib
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import LANGUAGES, words
from shuttle.services.app_context import AppContext
from shuttle.store.planning import plans
from shuttle.store.planning.scenarios import revision
from shuttle.web.pages.planning.form.pages import identifier
from tests.builders import SCHEDULES
from tests.web.api.test_plans import SMALL
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

EVENING = (SCHEDULES / "scenarios/nesttun-evening.toml").read_text("utf-8")


@pytest.fixture
def planner(signed_in: SignIn) -> TestClient:
    return signed_in(Role.PLANNER)


class Inputs(HTMLParser):
    """What a browser would send of the form whose action is /plan/form."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.inside = False
        self.choosing: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = attributes.get("action", "").partition("?")[0] == "/plan/form"
        if not self.inside:
            return
        if tag == "input" and (attributes.get("type") != "checkbox" or "checked" in attributes):
            self.found.setdefault(attributes["name"], []).append(attributes.get("value", ""))
        elif tag == "select":
            self.choosing = self.found.setdefault(attributes["name"], [])
            self.choosing.append("")
            self.first = True
        elif tag == "option" and self.choosing is not None:
            if self.first or "selected" in attributes:
                self.choosing[-1] = attributes["value"]
            self.first = False


def inputs(page: str) -> dict[str, list[str]]:
    parser = Inputs()
    parser.feed(page)
    return parser.found


def send(planner: TestClient, form: dict[str, list[str]], act: str, **changed: Any) -> Any:
    return planner.post("/plan/form", data={**form, **changed, "act": act})


def typed(page: str) -> str:
    textarea = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert textarea is not None
    return html.unescape(textarea[1])


def test_a_scenario_means_the_same_after_it_was_shown_as_a_form(planner: TestClient, context: AppContext) -> None:
    schedule, today = context.schedule(), context.today()
    for text in (EVENING, SMALL):
        page = planner.post("/plan/form/open", data={"scenario": text}).text
        again = typed(send(planner, inputs(page), "text").text)
        assert read_scenario(again, schedule, today) == read_scenario(text, schedule, today)


def test_a_form_is_saved_as_the_toml_that_it_stands_for_and_opened_again(
    planner: TestClient, context: AppContext
) -> None:
    form = inputs(planner.get("/plan/form?file=nesttun-evening").text)
    changes = {"id": ["sent"], "fleet.seats": ["16"], "demand.profile.0.passengers": ["2,5 3"]}
    page = send(planner, form | changes, "save").text
    assert "Scenarioet er lagret." in page and inputs(page)["fleet.seats"] == ["16"]
    assert inputs(page)["demand.profile.0.passengers"] == ["2,5 3"]
    with context.reading() as session:
        saved = tomllib.loads(revision(session, "sent").text)
    assert saved["fleet"]["seats"] == 16 and saved["demand"]["profile"][0]["passengers"] == [2.5, 3]


def test_who_saves_after_another_is_told_and_neither_is_lost(planner: TestClient, context: AppContext) -> None:
    planner.post("/plan/scenario/save", data={"scenario": SMALL})
    mine, theirs = (inputs(planner.get("/plan/form?saved=small").text) for _ in range(2))
    assert "i mellomtiden" not in send(planner, theirs, "save", name="Theirs").text
    page = send(planner, mine, "save", name="Mine").text
    assert "i mellomtiden" in page and inputs(page)["name"] == ["Mine"]
    with context.reading() as session:
        assert [revision(session, "small", n).name for n in (1, 2, 3)] == ["A small question", "Theirs", "Mine"]


def test_faults_stand_at_their_inputs_and_nothing_typed_is_lost(planner: TestClient) -> None:
    form = inputs(planner.get("/plan/form?file=nesttun-evening").text)
    wrong = {
        "grid_minutes": ["ofte"],
        "requirements.1.minutes": [""],
        "opening_hours.mo-nesttun.weekday": ["21:00", "09:00"],
    }
    answer = send(planner, form | wrong, "run")
    assert answer.status_code == 422
    for name in wrong:
        assert f'id="{name}-error"' in answer.text and f'href="#{name}"' in answer.text
    assert "Avganger på hvert … minutt: «ofte» er ikke et helt tall." in answer.text
    assert "Nesttun minst hver andre time så lenge det er åpent, Høyst … minutter: Dette må fylles ut." in answer.text
    sent = inputs(answer.text)
    assert sent["grid_minutes"] == ["ofte"] and sent["opening_hours.mo-nesttun.weekday"][:2] == ["21:00", "09:00"]


def test_a_scenario_saved_with_faults_opens_with_them_at_their_inputs(planner: TestClient) -> None:
    form = inputs(planner.get("/plan/form?file=nesttun-evening").text) | {"fleet.vehicles": ["to"]}
    page = send(planner, form, "save").text
    assert "Scenarioet er lagret." in page and 'id="fleet.vehicles-error"' in page
    assert inputs(page)["fleet.vehicles"] == ["to"]


def test_who_has_comments_in_the_text_is_told_that_the_form_writes_none(planner: TestClient) -> None:
    assert "Kommentarene i teksten" in planner.get("/plan/form?file=nesttun-evening").text
    assert "Kommentarene i teksten" not in planner.get("/plan/form").text


def test_rows_come_and_go_by_buttons_and_the_rest_of_the_form_stays(planner: TestClient) -> None:
    form = inputs(planner.get("/plan/form?file=nesttun-evening").text) | {"name": ["Halvferdig"]}
    page = send(planner, form, "add:requirements", kind="coverage").text
    grown = inputs(page)
    assert grown["requirements.4.kind"] == ["coverage"] and grown["requirements.4.min_share"] == [""]
    grown = inputs(send(planner, grown, "add:demand.profile").text)
    assert "demand.profile.6.starts" in grown and grown["name"] == ["Halvferdig"]
    grown = inputs(send(planner, grown, "remove:requirements.0").text)
    assert grown["requirements.0.kind"] == ["max_gap"] and "requirements.4.kind" not in grown
    ways = [name for name in grown if name.startswith("patterns.")]
    grown = inputs(send(planner, grown, "add:patterns").text)
    assert len([name for name in grown if name.startswith("patterns.")]) == len(ways) + 1


def test_opening_hours_are_drawn_where_they_are_the_scenarios_own(planner: TestClient) -> None:
    page = planner.get("/plan/form?file=nesttun-evening").text
    assert '<rect x="540" y="0" width="720" height="20"/>' in page, "nine to nine"
    form = inputs(page)
    del form["opening_hours.mo-nesttun.own"]
    assert "opening_hours" not in tomllib.loads(typed(send(planner, form, "text").text))
    form["opening_hours.mo-gyldenpris.own"] = ["own"]
    form["opening_hours.mo-gyldenpris.weekday"] = ["08:00", "12:00", "16:00", "24:30", "", ""]
    hours = tomllib.loads(typed(send(planner, form, "text").text))["opening_hours"]["mo-gyldenpris"]
    assert hours["weekday"] == [["08:00", "12:00"], ["16:00", "24:30"]]


def test_running_times_are_the_schedule_s_until_the_scenario_has_its_own(planner: TestClient) -> None:
    leg = "running_times.vagsbunnen~mo-nesttun"
    form = inputs(planner.get("/plan/form?file=nesttun-evening").text)
    assert form[leg] == ["00:00", "20", "", ""] and f"{leg}.own" not in form
    assert "running_times" not in tomllib.loads(typed(send(planner, form, "text").text))
    bands = {leg: ["00:00", "20", "15:00", "26"], f"{leg}.own": "own"}
    text = typed(send(planner, form, "text", **bands).text)
    assert tomllib.loads(text)["running_times"] == {"vagsbunnen mo-nesttun": {"00:00": 20, "15:00": 26}}
    again = inputs(planner.post("/plan/form/open", data={"scenario": text}).text)
    assert again[leg] == ["00:00", "20", "15:00", "26", "", ""] and again[f"{leg}.own"] == ["own"]
    refused = send(planner, form, "check", **{**bands, leg: ["00:00", "tjue"]})
    assert refused.status_code == 422 and f'href="#{leg}"' in refused.text and 'value="tjue"' in refused.text
    assert "Vågsbunnen – MO Nesttun: Skriv kjøretiden i hele minutter" in refused.text


def test_a_new_scenario_begins_with_the_real_stops_and_no_passenger(planner: TestClient) -> None:
    form = inputs(planner.get("/plan/form").text)
    assert form["base_stop"] == ["vagsbunnen"] and form["demand.profile.0.passengers"] == [""]
    answer = send(planner, form, "check", name="Åpent på lørdag")
    assert answer.status_code == 422 and 'id="demand.profile.0.passengers-error"' in answer.text
    assert inputs(answer.text)["id"] == [identifier("Åpent på lørdag")] == ["apent-pa-lordag"]
    filled = {"demand.profile.0.passengers": ["1 2 3"], "demand.profile.1.passengers": ["1"], "name": ["Prøve"]}
    assert "uten feil" in send(planner, form | filled, "check").text


def test_a_form_is_run(planner: TestClient, context: AppContext) -> None:
    page = planner.post("/plan/form/open", data={"scenario": SMALL}).text
    form = inputs(page) | {"act": ["run"], "minutes": ["0,5"], "seed": ["3"]}
    answer = planner.post("/plan/form", data=form, follow_redirects=False)
    run = answer.headers["location"].rpartition("/")[2]
    with context.reading() as session:
        row = plans.plan(session, run)
    assert row.scenario_id == "small" and row.options == {"time_limit": 30.0, "workers": 1, "seed": 3}
    planner.post(f"/plan/runs/{run}/cancel")
    wrong = send(planner, inputs(page), "run", minutes="mange")
    assert wrong.status_code == 422 and 'id="minutes-error"' in wrong.text


def test_what_has_no_input_is_carried_along(planner: TestClient) -> None:
    for more in ("extra = 3\n", 'extra = {a = "b"}\n'):
        page = planner.post("/plan/form/open", data={"scenario": more + SMALL}).text
        again = tomllib.loads(typed(send(planner, inputs(page), "text").text))
        assert again["extra"] == tomllib.loads(more)["extra"]


def test_a_text_that_the_form_would_lose_something_of_is_shown_as_text(planner: TestClient) -> None:
    text = SMALL + "penalty = 5\n"
    page = planner.post("/plan/form/open", data={"scenario": text}).text
    assert "vises derfor som tekst" in page and typed(page) == text
    broken = planner.post("/plan/form/open", data={"scenario": "id = "})
    assert broken.status_code == 422 and "Linje 1:" in broken.text


def test_the_form_speaks_the_reader_s_language(planner: TestClient) -> None:
    for language in LANGUAGES:
        page = planner.get(f"/plan/form?file=nesttun-evening&lang={language}").text
        assert f'<html lang="{language}"' in page and words(language).say("form.requirements") in page


def test_staff_have_no_form(signed_in: SignIn) -> None:
    staff = signed_in(Role.STAFF)
    assert staff.get("/plan/form").status_code == staff.post("/plan/form").status_code == 403


def test_nonsense_in_a_form_is_refused_and_never_a_fault_of_ours(planner: TestClient) -> None:
    nonsense = {"requirements.x.name": "a", "patterns.9999999.stops": "b", "opening_hours..own": "own", "rest": "= ="}
    for act in ("check", "save", "run", "text", "add:", "remove:requirements", "add:nothing", "fly"):
        assert planner.post("/plan/form", data={**nonsense, "act": act}).status_code in (200, 422)
