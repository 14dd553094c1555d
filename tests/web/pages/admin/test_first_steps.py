"""The checklist of a service that begins with nothing: what is refused, and what each page says before there is any data."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Role
from shuttle.domain.timetable.first_steps import FirstStep, id_of, proposed_minutes
from shuttle.domain.timetable.network import Stop
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.settings import Settings
from shuttle.web.app import create_app
from shuttle.web.server.identity import COOKIE
from tests.conftest import NOON, OSLO
from tests.web.pages.conftest import SignIn, session_of


@pytest.fixture
def admin(tmp_path: Path) -> Iterator[TestClient]:
    """The first administrator of a service without any data."""
    (tmp_path / "schedules").mkdir()
    context = open_app_context(f"sqlite:///{tmp_path / 'shuttle.db'}", OSLO)
    context.now = lambda: NOON
    prepare(context, tmp_path / "schedules")
    with TestClient(create_app(context, Settings()), raise_server_exceptions=False) as client:
        client.cookies.set(COOKIE, session_of(context, Role.ADMIN))
        client.headers["sec-fetch-site"] = "same-origin"
        yield client


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/timetable", "/data", "/driver", "/plan", "/plan/calendar", "/plan/duties", "/plan/form"),
        *(
            "/ridership",
            "/ridership/trials",
            "/ridership/punctuality",
            "/admin",
            "/help",
            "/contact",
            "/api/v1/stops",
            "/feeds/gtfs.zip",
        ),
        *("/feeds/netex.zip", "/feeds/gtfs-rt/alerts.pb", "/feeds/gtfs-rt/trip-updates.pb", "/sitemap.xml"),
    ],
)
def test_every_page_answers_before_there_is_any_data(admin: TestClient, path: str) -> None:
    assert admin.get(path).status_code == 200


def test_a_centre_without_stops_says_what_comes_first(admin: TestClient) -> None:
    answer = admin.get("/staff")
    assert answer.status_code == 409 and "ingen holdeplasser" in answer.text


def test_the_checklist_begins_with_the_first_step_that_is_missing(admin: TestClient) -> None:
    assert admin.get("/admin/start").url.path == "/admin/start/name"
    admin.post("/admin/start/name", data={"name": "Fergebussen", "agency": ""})
    assert admin.get("/admin/start").url.path == "/admin/start/stops"
    assert "Fortsett: Holdeplasser" in admin.get("/admin").text


def test_a_service_with_departures_is_past_the_checklist(signed_in: SignIn) -> None:
    admin = signed_in(Role.ADMIN)
    assert "/admin/start" not in admin.get("/admin").text
    assert admin.get("/admin/start").url.path == "/admin/start/poster"


@pytest.mark.parametrize("step", ["stops", "times", "week", "hours"])
def test_the_checklist_overwrites_nothing_of_a_service_that_runs(signed_in: SignIn, step: str) -> None:
    days = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "weekday")
    form = {"stop_0": "A", "stop_1": "B", "holidays": "weekday", **days}
    answer = signed_in(Role.ADMIN).post(f"/admin/start/{step}", data=form)
    assert answer.status_code == 422 and "Planlegging" in answer.text.partition("errors")[2]


@pytest.mark.parametrize(
    ("step", "form", "said"),
    [
        ("name", {"name": " "}, "kan ikke være et navn"),
        ("stops", {"stop_0": "Kaien"}, "minst to holdeplasser"),
        ("stops", {"stop_0": "Kaien", "stop_1": "kaien"}, "minst to holdeplasser"),
        ("stops", {"stop_0": "Kaien", "stop_1": "By", "lat_0": "nord"}, "«nord» er ingen posisjon"),
        ("week", {"monday": "never"}, "Velg en av dagtypene"),
        ("departures", {}, "minst én avgang"),
    ],
)
def test_a_refused_step_says_why_and_keeps_what_was_typed(
    admin: TestClient, step: str, form: dict[str, str], said: str
) -> None:
    answer = admin.post(f"/admin/start/{step}", data=form)
    assert answer.status_code in (422, 409) and said in answer.text
    if step == "stops":
        assert 'value="Kaien"' in answer.text


def test_times_beyond_ten_hours_and_unknown_steps_are_refused(admin: TestClient) -> None:
    admin.post("/admin/start/stops", data={"stop_0": "Kaien", "stop_1": "By"})
    answer = admin.post("/admin/start/times", data={"minutes_kaien_by": "601"})
    assert answer.status_code == 422 and "1 til 600" in answer.text
    assert admin.get("/admin/start/party").status_code == 404


@pytest.mark.parametrize("step", FirstStep)
def test_every_step_names_the_next_one(admin: TestClient, step: FirstStep) -> None:
    page = admin.get(f"/admin/start/{step}").text
    assert all(f'href="/admin/start/{each}"' in page for each in FirstStep)


@pytest.mark.parametrize(
    ("name", "identifier"), [("Kleppestø kai", "kleppesto-kai"), ("Ålesund", "alesund"), ("車站", "stop")]
)
def test_an_id_is_made_from_a_name(name: str, identifier: str) -> None:
    assert id_of(name) == identifier
    assert id_of(name, {identifier}) == f"{identifier}-2"


def test_minutes_follow_the_distance() -> None:
    town, south = Stop(id="a", name="A", lat=60.39, lon=5.32), Stop(id="b", name="B", lat=60.32, lon=5.35)
    minutes, kilometres = proposed_minutes(town, south)
    assert kilometres is not None and 10 < kilometres < 12 and 25 <= minutes <= 30
    assert proposed_minutes(town, Stop(id="c", name="C")) == (10, None)
