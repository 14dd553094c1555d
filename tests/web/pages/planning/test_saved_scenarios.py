"""Saved scenarios: revisions, opening any of them, queueing, and downloading."""

import html
import re

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from shuttle.store.planning import plans
from shuttle.store.planning.scenarios import revisions
from tests.web.api.test_plans import SMALL
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def planner(signed_in: SignIn) -> TestClient:
    return signed_in(Role.PLANNER)


def typed(page: str) -> str:
    area = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert area is not None
    return html.unescape(area[1])


def test_each_saving_is_a_revision_and_older_ones_stay_as_they_were(planner: TestClient, context: AppContext) -> None:
    planner.post("/plan/scenario/save", data={"scenario": SMALL})
    page = planner.post("/plan/scenario/save", data={"scenario": SMALL.replace("max = 6", "max = 7")}).text
    assert "Scenarioet er lagret." in page and "Utgave 2" in page and "max = 7" in typed(page)
    older = planner.get("/plan/scenario?saved=small&revision=1").text
    assert typed(older) == SMALL.lstrip("\n") or typed(older) == SMALL
    assert "Dette er utgave 1. Den nyeste er 2." in older
    assert "utgave 2, kari-planner" in planner.get("/plan").text
    planner.post("/plan/scenario/save", data={"scenario": SMALL.replace("max = 6", "max = 7")})
    with context.reading() as session:
        assert [row.revision for row in revisions(session, "small")] == [2, 1], "the same text is not saved twice"


@on_sqlite
def test_a_scenario_with_faults_is_saved_and_says_so(planner: TestClient) -> None:
    wrong = SMALL.replace("grid_minutes = 30", "grid_minutes = 99")
    page = planner.post("/plan/scenario/save", data={"scenario": wrong}).text
    assert "ble lagret med feil" in page and "grid_minutes = 99" in typed(page)


@on_sqlite
def test_a_text_without_id_or_name_is_not_saved_and_not_lost(planner: TestClient) -> None:
    for wrong in ("id = ", 'name = "Uten id"', 'id = "Ikke et navn"\nname = "x"', "id = 3\nname = 4"):
        page = planner.post("/plan/scenario/save", data={"scenario": wrong})
        assert page.status_code == 422 and typed(page.text).strip() == wrong.strip()
    assert "Lagret av planleggere" not in planner.get("/plan").text


@on_sqlite
def test_a_saved_scenario_is_run_and_downloaded(planner: TestClient, context: AppContext) -> None:
    planner.post("/plan/scenario/save", data={"scenario": SMALL})
    answer = planner.post("/plan/runs", data={"saved": "small"}, follow_redirects=False)
    run = answer.headers["location"].rpartition("/")[2]
    with context.reading() as session:
        assert plans.plan(session, run).scenario == SMALL
    planner.post(f"/plan/runs/{run}/cancel")
    file = planner.get("/plan/scenarios/small.toml?revision=1")
    assert file.text == SMALL and file.headers["content-disposition"].endswith('"small.toml"')


@on_sqlite
def test_unknown_scenarios_are_not_found_and_staff_open_none(signed_in: SignIn) -> None:
    addresses = ("/plan/scenario?saved=none", "/plan/scenarios/none.toml", "/plan/scenario?saved=small&revision=9")
    for role, status in ((Role.PLANNER, 404), (Role.STAFF, 403)):
        client = signed_in(role)
        assert [client.get(address).status_code for address in addresses] == [status] * 3
