"""Pages of roadmaps: asking with mistakes, a run by the worker, its page, its PDF and its step as a scenario."""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from shuttle.domain.access.permissions import Role
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from tests.builders import SCHEDULES
from tests.cli.test_roadmap import ROADMAP, written
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["signed_in"]

FORM = {
    "file": "steps",
    "starts": ["2027-01-01", "2028-01-01", ""],
    "budget": ["700 000", "2000000", ""],
    "option": ["evening", "weekend"],
    "grow": "1",
    "minutes": "2",
}


@pytest.fixture
def client(context: AppContext, tmp_path: Path) -> Iterator[TestClient]:
    """A service whose folder of schedules has a small roadmap."""
    written(tmp_path)
    for path in SCHEDULES.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with TestClient(create_app(context, Settings(schedules=tmp_path)), raise_server_exceptions=False) as client:
        yield client


def test_what_cannot_be_read_is_told_at_its_field_and_kept(client: TestClient, signed_in: SignIn) -> None:
    signed_in(Role.PLANNER)
    answer = client.post("/plan/roadmap", data={**FORM, "starts": ["nyttår"], "budget": ["mye"], "max_moved": "-1"})
    assert answer.status_code == 422
    for field in ("starts-0", "budget-0", "max_moved"):
        assert f'href="#{field}"' in answer.text
    assert 'value="nyttår"' in answer.text and 'value="mye"' in answer.text


def test_steps_out_of_order_and_a_long_time_are_refused(client: TestClient, signed_in: SignIn) -> None:
    signed_in(Role.PLANNER)
    order = client.post("/plan/roadmap", data={**FORM, "starts": ["2028-01-01", "2027-01-01"]})
    assert order.status_code == 422 and "Steget fra 2027-01-01" in order.text
    assert client.post("/plan/roadmap", data={**FORM, "minutes": "9999"}).status_code == 422
    assert client.post("/plan/roadmap", data={**FORM, "file": "nowhere"}).status_code == 404
    assert client.get("/plan/roadmap/roadmap-none").status_code == 404


def test_the_api_queues_lists_reads_and_cancels_a_roadmap(client: TestClient, signed_in: SignIn) -> None:
    signed_in(Role.PLANNER)
    asked = client.post("/api/v1/roadmaps", json={"roadmap": ROADMAP, "time_limit": 30})
    assert asked.status_code == 202, asked.text
    run_id = asked.json()["id"]
    assert [each["id"] for each in client.get("/api/v1/roadmaps").json()] == [run_id]
    assert client.post(f"/api/v1/roadmaps/{run_id}/cancel").status_code == 200
    read = client.get(f"/api/v1/roadmaps/{run_id}").json()
    assert (read["roadmap"], read["time_limit"]) == ("steps", 30) and "answer" in read
    late = client.post("/api/v1/roadmaps", json={"roadmap": ROADMAP.replace("2028-01-01", "2026-01-01")})
    assert late.status_code == 422 and "2026-01-01" in late.text
    long = client.post("/api/v1/roadmaps", json={"roadmap": ROADMAP, "time_limit": 1})
    assert long.status_code == 422
    assert client.get("/api/v1/roadmaps/roadmap-none").status_code == 404


def test_only_planners_see_roadmaps(client: TestClient, signed_in: SignIn) -> None:
    assert client.get("/plan/roadmap").status_code == 401
    signed_in(Role.DRIVER)
    assert client.get("/plan/roadmap").status_code == 403


@pytest.mark.slow
def test_a_roadmap_is_made_printed_and_opened_as_a_scenario(client: TestClient, signed_in: SignIn) -> None:
    signed_in(Role.PLANNER)
    page = client.post("/plan/roadmap", data=FORM)
    assert page.status_code == 200, page.text
    address = page.url.path
    until = time.monotonic() + 120
    while 'content="5"' in page.text:
        assert time.monotonic() < until, page.text
        time.sleep(0.3)
        page = client.get(address)
    assert "Fra fredag 1. januar 2027" in page.text and "Fra lørdag 1. januar 2028" in page.text
    assert "Hvor gjør de neste 100 000 kronene mest?" in page.text
    paper = client.get(address + "/paper.pdf", params={"lang": "nn"})
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(paper.content)).pages)
    assert paper.status_code == 200 and "Frå fredag 1. januar 2027" in text
    scenario = client.post(address + "/scenario", data={"step": "1"})
    assert scenario.status_code == 200 and scenario.url.path == "/plan/form"
    assert client.post(address + "/scenario", data={"step": "9"}).status_code == 404
    assert "Kjøretidene i prøven er antatt: 15 % lengre." in page.text
    check_point(client, address, page.text)


def check_point(client: TestClient, address: str, page: str) -> None:
    """A point of the chart is a plan with the figures of the chart, and its timetables can be accepted."""
    run_id = address.rpartition("/")[2]
    answer = client.get(f"/api/v1/roadmaps/{run_id}").json()["answer"]
    best = [node for node in answer["nodes"] if node["efficient"]]
    assert page.count('name="point"') == len(best)
    plan = client.post(f"/api/v1/roadmaps/{run_id}/plans", json={"point": best[-1]["id"]})
    assert plan.status_code == 201, plan.text
    days = answer["steps"][0]["days"]
    proposals = {kind: day["proposals"] for kind, day in plan.json()["answer"]["day_types"].items()}
    assert {kind: [each["id"] for each in several] for kind, several in proposals.items()} == {
        kind: [proposal] for kind, proposal in best[-1]["proposal"].items()
    }
    cost = sum(days[kind] * several[0]["cost"] for kind, several in proposals.items())
    assert cost == pytest.approx(best[-1]["cost_a_year"])
    opened = client.post(address + "/point", data={"point": best[-1]["id"]})
    assert opened.status_code == 200 and opened.url.path.startswith("/plan/runs/plan-")
    kind, [proposal] = next(iter(proposals.items()))
    body = {"timetable": "from-the-chart", "name": "Fra veikartet"}
    accepted = client.post(f"/api/v1/proposals/{plan.json()['id']}.{proposal['id']}/accept", json=body)
    trips = [trip for trip in accepted.json()["trips"] if trip["day_type"] == kind]
    assert accepted.status_code == 201 and len(trips) == proposal["trips_count"]
    assert client.get(opened.url.path + "/" + proposal["id"]).status_code == 200
    assert client.post(address + "/point", data={"point": "none"}).status_code == 404
