"""The page for reusers, and what search engines read."""

import json
import re
from html import unescape
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from fastapi.testclient import TestClient

from shuttle.services.app_context import AppContext
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.routers import ROUTERS

PUBLIC_PAGES = ("/", "/timetable", "/data", "/personvern")


def test_every_feed_is_listed_and_every_address_answers(client: TestClient) -> None:
    page = client.get("/data").text
    paths = [unescape(path) for path in re.findall(r'href="(/(?:feeds|api|timetable\.pdf|openapi)[^"]*)"', page)]
    feeds = {route.path for router in ROUTERS for route in router.routes if route.path.startswith("/feeds/")}  # type: ignore[attr-defined]
    listed = {re.sub(r"/(stops|opening-hours)/[^/]+\.ics", r"/\1/{stop}.ics", path.partition("?")[0]) for path in paths}
    assert feeds - listed == {"/feeds/duties/{token}.ics"}
    assert {path: status for path in paths if (status := client.get(path).status_code) != 200} == {}


def test_agency_licence_and_contact_are_the_operators(context: AppContext) -> None:
    settings = Settings(
        agency_name="Askøy kommune",
        agency_url="https://askoy.example.no",
        licence="CC BY 4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
        contact_email="data@askoy.example.no",
    )
    with TestClient(create_app(context, settings)) as client:
        page = client.get("/data").text
    for text in ("Askøy kommune", "CC BY 4.0", "mailto:data@askoy.example.no", "https://askoy.example.no"):
        assert text in page
    assert "NLOD" not in page and "Bergen kommune" not in page


@pytest.mark.parametrize(("language", "title"), [("nb", "Åpne data"), ("nn", "Opne data"), ("en", "Open data")])
def test_the_page_is_in_the_readers_language(client: TestClient, language: str, title: str) -> None:
    page = client.get(f"/data?lang={language}").text
    assert f">{title}</h1>" in page
    assert f"/feeds/departures.ics?lang={language}" in page


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_a_public_page_says_what_it_is(client: TestClient, path: str) -> None:
    page = client.get(path).text
    for part in ('name="description"', 'rel="canonical"', 'property="og:title"', 'property="og:description"'):
        assert part in page
    assert re.findall(r'rel="alternate" hreflang="(\w+)"', page) == ["nb", "nn", "en"]
    assert 'href="/data"' in page


@pytest.mark.parametrize("path", ["/", "/timetable", "/?from=vagsbunnen&to=mo-gyldenpris"])
def test_a_page_of_departures_links_its_calendar(client: TestClient, path: str) -> None:
    address = re.search(r'type="text/calendar" href="([^"]+)"', client.get(path).text)
    assert address is not None
    assert client.get(unescape(address[1])).text.startswith("BEGIN:VCALENDAR")


def graph(client: TestClient, path: str) -> list[dict[str, Any]]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', client.get(path).text, re.DOTALL)
    nodes: list[dict[str, Any]] = json.loads(text)["@graph"]
    return nodes


def test_linked_data_has_the_departures_of_the_api(client: TestClient) -> None:
    told = [node for node in graph(client, "/?date=2026-11-24") if node["@type"] == "BusTrip"]
    departures = client.get("/api/v1/departures?date=2026-11-24").json()["departures"]
    assert [(node["identifier"], node["departureTime"], node["arrivalTime"]) for node in told] == [
        (each["id"], each["calls"][0]["departs_at"], each["calls"][-1]["arrives_at"]) for each in departures
    ]
    assert told


def test_linked_data_has_the_hours_of_the_date(client: TestClient) -> None:
    (place,) = [node for node in graph(client, "/?date=2026-11-24") if node.get("name") == "MO Gyldenpris"]
    (hours,) = place["openingHoursSpecification"]
    api = client.get("/api/v1/opening-hours?date=2026-11-24").json()
    text = json.dumps(api)
    assert hours["validFrom"] == hours["validThrough"] == "2026-11-24"
    assert hours["opens"] in text and hours["closes"] in text


def test_the_sitemap_lists_pages_that_answer(client: TestClient) -> None:
    root = fromstring(client.get("/sitemap.xml").content)
    addresses = [element.text or "" for element in root.iter() if element.tag.endswith("}loc")]
    assert [address.removeprefix("http://testserver") for address in addresses] == list(PUBLIC_PAGES)
    assert {client.get(address).status_code for address in addresses} == {200}


def test_robots_name_the_sitemap_where_the_address_is_set(context: AppContext) -> None:
    app = create_app(context, Settings(public_address="https://buss.example.no"))
    text = TestClient(app, base_url="https://buss.example.no").get("/robots.txt").text
    assert "Sitemap: https://buss.example.no/sitemap.xml\n" in text
    assert "Allow: /data\n" in text


def test_there_is_an_icon_where_browsers_look(client: TestClient) -> None:
    answer = client.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/x-icon"
    assert answer.content.startswith(b"\x00\x00\x01\x00")
