"""Reading by pages elsewhere: public data allows it on every answer, and nothing else does."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shuttle.web.server.cross_origin import is_public_data

README = Path(__file__).parents[3] / "shuttle" / "web" / "api" / "README.md"
ALLOW = "access-control-allow-origin"
NAMES = {"stop": "mo-gyldenpris", "timetable_id": "2024-10", "token": "0" * 43}


def reads() -> list[tuple[str, bool]]:
    """Each GET of the API and the feeds, and whether the README says that everybody may."""
    rows = re.findall(r"^\| `GET (/(?:api|feeds)/\S+)` \| (x?) ?\|", README.read_text("utf-8"), re.MULTILINE)
    return [(path, mark == "x") for path, mark in rows]


def address(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: NAMES.get(name[1], "unknown"), path)


@pytest.mark.parametrize(("path", "is_public"), reads())
def test_data_for_everybody_and_no_other_is_read_elsewhere(path: str, is_public: bool) -> None:
    by_token = path.startswith("/feeds/duties/")
    assert is_public_data(address(path)) == (is_public and not by_token)


@pytest.mark.parametrize(
    "path", ["/feeds/gtfs.zip", "/feeds/stops/bryggen.ics", "/api/v1/departures?date=nonsense", "/openapi.json"]
)
@pytest.mark.parametrize("origin", [{}, {"Origin": "https://www.example.no"}])
def test_an_answer_says_so_also_when_it_is_a_fault(client: TestClient, path: str, origin: dict[str, str]) -> None:
    answer = client.get(path, headers=origin)
    assert answer.headers[ALLOW] == "*"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/boardings", "/api/v1/changes", "/metrics", "/data"])
def test_pages_and_private_data_are_not_read_elsewhere(client: TestClient, path: str) -> None:
    assert ALLOW not in client.get(path, headers={"Origin": "https://www.example.no"}).headers


def test_a_page_elsewhere_may_send_an_etag_and_only_read(client: TestClient) -> None:
    asked = {
        "Origin": "https://www.example.no",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    answer = client.options("/feeds/departures.ics", headers=asked)
    assert (answer.status_code, answer.headers[ALLOW]) == (204, "*")
    assert "If-None-Match" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    writing = client.options("/api/v1/departures/x/change", headers={**asked, "Access-Control-Request-Method": "PUT"})
    assert ALLOW not in writing.headers
