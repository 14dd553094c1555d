"""The host of a request: one that a client made up is refused where the operator set the address, and never kept elsewhere."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app

PAGES = ("/", "/timetable", "/data", "/login", "/api/v1/stops", "/feeds/departures.ics", "/timetable.pdf", "/no-page")


@pytest.fixture
def at_an_address(context: AppContext) -> Iterator[TestClient]:
    app = create_app(context, Settings(public_address="https://buss.example.no"))
    with TestClient(app, base_url="https://buss.example.no", raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_another_host_is_refused_by_name(at_an_address: TestClient, path: str) -> None:
    answer = at_an_address.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:shuttle:unknown-host"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "buss.example.no.evil.example", "evil.buss.example.no", "", "buss.example.no:80:80", "[::1"],
)
def test_only_the_whole_name_counts(at_an_address: TestClient, host: str) -> None:
    assert at_an_address.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "host", ["buss.example.no", "BUSS.example.no:8443", "buss.example.no.", "localhost:8000", "127.0.0.1"]
)
def test_its_own_host_and_this_machine_are_served(at_an_address: TestClient, host: str) -> None:
    assert at_an_address.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told_to_any_host(at_an_address: TestClient, path: str) -> None:
    assert at_an_address.get(path, headers={"Host": "10.0.0.7"}).status_code == 200


def test_metrics_are_refused_for_their_token_and_not_for_the_host(at_an_address: TestClient) -> None:
    assert at_an_address.get("/metrics", headers={"Host": "10.0.0.7"}).status_code != 400


def test_a_host_with_other_letters_is_known_as_it_is_sent(context: AppContext) -> None:
    with TestClient(create_app(context, Settings(public_address="https://bø.example.no"))) as client:
        assert client.get("/", headers={"Host": "xn--b-5ga.example.no"}).status_code == 200


def test_links_have_the_public_address_also_on_this_machine(at_an_address: TestClient) -> None:
    page = at_an_address.get("/data", headers={"Host": "127.0.0.1:8000"}).text
    assert "https://buss.example.no/data" in page
    assert "127.0.0.1" not in page


@pytest.mark.parametrize("path", ["/", "/timetable", "/data", "/timetable.pdf", "/sitemap.xml", "/no-page"])
def test_no_shared_cache_keeps_a_host_that_was_made_up(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code in (200, 404)
    kept = answer.headers["cache-control"]
    assert "private" in kept or "no-store" in kept


@pytest.mark.parametrize(
    "path", ["/feeds/departures.ics", "/feeds/gtfs.zip", "/robots.txt", "/api/v1/stops", "/openapi.json"]
)
def test_what_a_shared_cache_may_keep_names_no_host(client: TestClient, path: str) -> None:
    assert b"evil.example" not in client.get(path, headers={"Host": "evil.example"}).content
