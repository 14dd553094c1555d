"""The driver's page before any script has run, and the worker that keeps it."""

import re

from fastapi.testclient import TestClient

from shuttle.domain.access import Role
from tests.web.pages.conftest import SignIn


def test_nobody_sees_the_page_without_signing_in(client: TestClient) -> None:
    page = client.get("/driver")
    assert page.status_code == 401
    assert 'href="/login"' in page.text


def test_the_day_is_readable_before_any_script(signed_in: SignIn) -> None:
    page = signed_in(Role.DRIVER).get("/driver?lang=nn")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert page.text.count('class="trip') == 15, "five departures on each of three weekdays"
    assert "Teljing krev JavaScript" in page.text


def test_the_worker_names_every_file_that_the_page_loads(client: TestClient) -> None:
    worker = client.get("/driver-worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    kept = set(re.findall(r'"(/static/[^"]+)"', worker.text))
    assert {path.rsplit("/", 1)[1] for path in kept} >= {
        "main.js",
        "outbox.js",
        "questions.js",
        "store.js",
        "tallies.js",
        "texts.js",
        "trip.js",
        "night.js",
        "driver.css",
        "shuttle.css",
    }
    for path in kept:
        if "/vendor/" not in path:
            assert client.get(path).status_code == 200, path
