"""A planner prints the poster of a draft; nobody else sees it, and nothing of it is public."""

import io
from datetime import date

import pytest
from fastapi.testclient import TestClient
from pypdf import PdfReader

from shuttle.domain.access.permissions import Role
from tests.web.pages.conftest import SignIn

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def a_draft(client: TestClient) -> None:
    answer = client.post("/plan/timetables/2024-10/copy", data={"id": "spring", "name": "Vår"}, follow_redirects=False)
    assert answer.status_code == 303
    client.post(
        "/plan/timetables/spring/add", data={"pattern": "gyldenpris", "day_type": "weekday", "departs": "20:45"}
    )


def test_a_planner_prints_the_poster_of_a_draft_before_it_starts(signed_in: SignIn) -> None:
    client = signed_in(Role.PLANNER)
    a_draft(client)
    assert "/plan/timetables/spring/poster.pdf?paper=a4" in client.get("/plan/timetables/spring").text
    answer = client.get("/plan/timetables/spring/poster.pdf?from=2027-03-01&lang=nb")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "no-store"
    text = PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()
    assert "20.45" in text and "Gjelder fra 1. mars 2027" in text
    public = PdfReader(io.BytesIO(client.get("/timetable.pdf?date=2027-03-01").content)).pages[0].extract_text()
    assert "20.45" not in public


def test_a_draft_poster_that_cannot_be_made_says_why(signed_in: SignIn) -> None:
    client = signed_in(Role.PLANNER)
    for path, status in (
        ("nothing/poster.pdf", 404),
        ("2024-10/poster.pdf?from=soon", 422),
        ("2024-10/poster.pdf?paper=a5", 422),
    ):
        assert client.get(f"/plan/timetables/{path}").status_code == status, path


def test_staff_see_no_draft(signed_in: SignIn) -> None:
    assert signed_in(Role.STAFF).get("/plan/timetables/2024-10/poster.pdf").status_code == 403


def test_the_coming_table_is_announced_on_the_timetable_page(signed_in: SignIn) -> None:
    client = signed_in(Role.PLANNER)
    a_draft(client)
    first = date(2027, 3, 1).isoformat()
    client.post(
        "/plan/timetables/spring/publish", data={"first": first, "accept": ["outside-opening-hours", "overlap"]}
    )
    page = client.get("/timetable?lang=nb").text
    assert "Fra 1. mars 2027 gjelder en ny tabell." in page and f'href="/timetable?date={first}"' in page
    assert f"date={first}" in client.get(f"/timetable?lang=nb&date={first}").text
