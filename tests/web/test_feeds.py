"""Feeds over HTTP, as calendar programs request them."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.timetable.changes import change_departure, override_day, withdraw_override
from shuttle.services.timetable.publishing import withdraw
from shuttle.services.timetable.reference_data import import_reference_data
from shuttle.settings import Settings, read_settings
from shuttle.web.app import create_app

PLANNER = Person("p", "Planner", Role.PLANNER)
CALENDARS = (
    "/feeds/departures.ics",
    "/feeds/departures.ics?from=vagsbunnen&to=mo-gyldenpris",
    "/feeds/stops/vagsbunnen.ics",
    "/feeds/stops/mo-gyldenpris.ics",
    "/feeds/opening-hours/mo-gyldenpris.ics",
)
FEEDS = (
    *CALENDARS,
    "/feeds/gtfs.zip",
    "/feeds/netex.zip",
    "/feeds/gtfs-rt/trip-updates.pb",
    "/feeds/gtfs-rt/alerts.pb",
    "/timetable.pdf?lang=nn&paper=a3",
)
each_feed = pytest.mark.parametrize("path", FEEDS)


@pytest.mark.parametrize("path", CALENDARS)
def test_a_calendar_is_a_calendar_for_everyone(client: TestClient, path: str) -> None:
    client.headers.pop("accept", None)
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert "set-cookie" not in answer.headers


@each_feed
def test_an_unchanged_feed_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    for tag in (first.headers["etag"], f"W/{first.headers['etag']}", f'"other", {first.headers["etag"]}'):
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]


@each_feed
def test_a_reader_that_knows_no_etag_is_told_by_the_date(client: TestClient, path: str) -> None:
    modified = client.get(path).headers["last-modified"]
    assert client.get(path, headers={"If-Modified-Since": modified}).status_code == 304
    assert client.get(path, headers={"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}).status_code == 200


def test_an_etag_is_stronger_than_a_date(client: TestClient) -> None:
    modified = client.get(FEEDS[0]).headers["last-modified"]
    answer = client.get(FEEDS[0], headers={"If-None-Match": '"other"', "If-Modified-Since": modified})
    assert answer.status_code == 200


@each_feed
def test_a_head_gives_the_headers_of_a_get_and_no_body(client: TestClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.content == b""
    same = ("etag", "last-modified", "content-type", "content-length", "cache-control")
    assert {name: head.headers[name] for name in same} == {name: get.headers[name] for name in same}


@pytest.mark.parametrize("path", CALENDARS)
def test_a_calendar_is_compressed_for_who_can_read_it(client: TestClient, path: str) -> None:
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        zipped = b"".join(answer.iter_raw())
    assert gzip.decompress(zipped) == plain.content
    assert answer.headers["etag"] != plain.headers["etag"]


def test_a_cancellation_changes_the_etag_and_the_body(client: TestClient, context: AppContext) -> None:
    before = client.get("/feeds/departures.ics")
    with context.transaction() as session:
        change_departure(
            session,
            PLANNER,
            "2026-11-24.gyldenpris-weekday-1000",
            ChangeKind.CANCEL,
            ReasonCode.WEATHER,
            None,
            context.now(),
        )
    after = client.get("/feeds/departures.ics", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert "AVLYST: Vågsbunnen" in after.text


def test_an_old_date_never_gives_304_for_another_content(client: TestClient, context: AppContext) -> None:
    """All within one second of the clock, where each act undoes or follows another."""
    day, trip = date(2026, 12, 2), "2026-12-02.gyldenpris-weekday-1000"
    network = context.schedule().network
    renamed = replace(network, stops=tuple(replace(stop, name=f"{stop.name} nord") for stop in network.stops))

    def override(session: Session) -> None:
        override_day(session, PLANNER, day, "holiday", "Plandag", context.now())

    acts: list[Callable[[Session], object]] = [
        lambda session: change_departure(
            session, PLANNER, trip, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now()
        ),
        override,
        lambda session: withdraw_override(session, PLANNER, day, context.now()),
        lambda session: import_reference_data(
            session, PLANNER, replace(context.schedule(), network=renamed), context.now(), context.today()
        ),
        lambda session: withdraw(session, PLANNER, "2024-10", context.now(), context.today(), ["no-timetable"]),
    ]
    seen: dict[str, list[tuple[str, bytes]]] = {path: [] for path in FEEDS}
    for act in [lambda session: None, *acts]:
        with context.transaction() as session:
            act(session)
        for path in FEEDS:
            content = client.get(path).content
            for modified, earlier in seen[path]:
                answer = client.get(path, headers={"If-Modified-Since": modified})
                assert answer.status_code != 304 or content == earlier, (path, modified)
            if modified := client.get(path).headers.get("last-modified", ""):
                seen[path].append((modified, content))


def test_the_window_moves_on_with_the_date_and_not_with_the_clock(client: TestClient, context: AppContext) -> None:
    now = context.now() + timedelta(hours=1)  # an hour in which no departure is due, so that none becomes late
    context.now = lambda: now
    etag = client.get("/feeds/departures.ics").headers["etag"]
    context.now = lambda: now + timedelta(minutes=1)
    assert client.get("/feeds/departures.ics").headers["etag"] == etag
    context.now = lambda: now + timedelta(days=1)
    assert client.get("/feeds/departures.ics").headers["etag"] != etag


@pytest.mark.parametrize(("language", "text"), [("nb", "Bussen fra"), ("nn", "Bussen frå"), ("en", "The bus from")])
def test_a_calendar_speaks_the_language_of_its_address(client: TestClient, language: str, text: str) -> None:
    answer = client.get(f"/feeds/departures.ics?lang={language}", headers={"Accept-Language": "de"})
    assert f"NAME:{text}" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/stops/bryggen.ics", 404),
        ("/feeds/opening-hours/vagsbunnen.ics", 404),
        ("/feeds/departures.ics?lang=de", 422),
    ],
)
def test_what_is_not_there_is_a_problem_and_no_calendar(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert "VCALENDAR" not in answer.text


def test_the_poster_is_a_pdf(client: TestClient) -> None:
    answer = client.get("/timetable.pdf?date=2026-05-14")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("query", "status"), [("paper=a5", 422), ("date=tomorrow", 422), ("date=2001-01-01", 404), ("date=1999-01-01", 422)]
)
def test_a_poster_that_cannot_be_is_refused(client: TestClient, query: str, status: int) -> None:
    assert client.get(f"/timetable.pdf?{query}").status_code == status


def test_programs_may_fetch_public_feeds(client: TestClient) -> None:
    text = client.get("/robots.txt").text
    assert "Allow: /feeds/\n" in text
    assert "Disallow: /feeds/duties/\n" in text


def test_what_the_national_registers_assign_is_set_by_the_operator(context: AppContext) -> None:
    assigned = Settings(
        netex_codespace="BUS", netex_company="999999999", netex_quays="vagsbunnen=NSR:Quay:1, mo-nesttun=NSR:Quay:2"
    )
    content = TestClient(create_app(context, assigned)).get("/feeds/netex.zip").content
    with zipfile.ZipFile(io.BytesIO(content)) as files:
        assert all(name.startswith(("_BUS_", "BUS_BUS-Line-")) for name in files.namelist())
        shared = files.read("_BUS_shared_data.xml").decode()
    assert 'ref="NSR:Quay:1"' in shared and "<CompanyNumber>999999999</CompanyNumber>" in shared


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CODESPACE", "bus"),
        ("COMPANY", "12"),
        ("QUAYS", "vagsbunnen"),
        ("QUAYS", "vagsbunnen=1"),
        ("QUAYS", "=NSR:Quay:1"),
    ],
)
def test_what_no_register_assigns_is_refused_at_the_start(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"SHUTTLE_NETEX_{name}", value)
    with pytest.raises(Invalid, match=f"SHUTTLE_NETEX_{name}"):
        read_settings()


@pytest.mark.parametrize(
    "query", ["from=vagsbunnen", "to=vagsbunnen", "from=vagsbunnen&to=nowhere", "from=vagsbunnen&to=vagsbunnen"]
)
def test_a_calendar_between_stops_that_are_none_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/feeds/departures.ics?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_uids_carry_the_installation_s_own_name_for_ever(client: TestClient, context: AppContext) -> None:
    """Another host name, another server on the same database: the events stay those that a phone already knows."""
    domain = f"@{context.installation()}.shuttle"
    assert re.fullmatch(r"@[0-9a-f]{32}\.shuttle", domain)
    for path in CALENDARS:
        content = client.get(path, headers={"host": "buss.example.no"}).text.replace("\r\n ", "")
        uids = re.findall(r"^UID:(.*)\r$", content, re.MULTILINE)
        assert uids
        assert all(uid.endswith(domain) for uid in uids), path
    again = open_app_context(context.engine.url.render_as_string(hide_password=False), context.zone)
    assert again.installation() == context.installation()
    again.close()


def test_a_calendar_links_to_the_page_where_its_address_is_known(context: AppContext) -> None:
    app = create_app(context, Settings(public_address="https://buss.example.no/"))
    with TestClient(app, base_url="https://buss.example.no") as client:
        content = client.get("/feeds/stops/mo-gyldenpris.ics").text.replace("\r\n ", "")
        assert "URL:https://buss.example.no/?date=2026-11-23&stop=mo-gyldenpris" in content
    with TestClient(create_app(context, Settings())) as client:
        assert "URL:" not in client.get("/feeds/stops/mo-gyldenpris.ics").text


@pytest.mark.parametrize("address", ["buss.example.no", "ftp://buss.example.no", "https://buss.example.no/sti"])
def test_an_address_that_is_none_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("SHUTTLE_PUBLIC_ADDRESS", address)
    with pytest.raises(Invalid, match="SHUTTLE_PUBLIC_ADDRESS"):
        read_settings()
