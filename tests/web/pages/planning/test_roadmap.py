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
from tests.cli.test_roadmap import written
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
