"""The driver's page without scripts, and its service worker."""

import json
import re
from base64 import b64encode
from hashlib import sha256

from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.web.static_files import FOLDER, assets
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
    first, program = worker.text.split("\n", 1)
    assert program == (FOLDER / "driver" / "worker.js").read_text()
    named = json.loads(first.removeprefix("self.kept = ").removesuffix(";"))
    kept = dict(named["files"])
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
            body = client.get(path).content
            assert kept[path] == f"sha256-{b64encode(sha256(body).digest()).decode()}", path


def test_the_page_carries_the_mark_by_which_the_worker_knows_it(signed_in: SignIn) -> None:
    driver = signed_in(Role.DRIVER)
    page = driver.get("/driver")
    mark = f'<meta name="shuttle-page" content="driver {assets().build}">'
    assert page.text.count(mark) == 1
    assert page.text.endswith("</html>")
    for script in ("worker.js", "news.js"):
        assert mark.removesuffix(f' {assets().build}">') in assets().find(f"driver/{script}").body.decode()
    assert "shuttle-page" not in driver.get("/").text


def test_the_page_says_when_counting_opens(signed_in: SignIn) -> None:
    page = signed_in(Role.DRIVER).get("/driver")
    trip = re.search(r'<details[^>]*gyldenpris-weekday-1500"[^>]*>', page.text)
    assert trip
    assert 'data-opens="2026-11-23T14:30:00+01:00"' in trip[0]
