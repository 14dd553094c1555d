"""Dates outside 2000-01-01 to 2100-12-31 are refused at every input, with the given and the allowed value."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Fault, Invalid, ShuttleError
from shuttle.domain.basics.service_time import DATES_ALLOWED, parse_date, service_date
from shuttle.feeds.gtfs.importing import read_gtfs
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.schedule_files.folder import read_schedules
from shuttle.feeds.toml.lines import parse_toml
from shuttle.feeds.toml.schema import read_model
from shuttle.feeds.toml.types import Dated
from shuttle.language import LANGUAGES, words
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.settings import read_settings
from tests.builders import SCHEDULES, the_real_schedule
from tests.cli.conftest import Run, installation, run
from tests.conftest import OSLO
from tests.feeds.counts.test_paper_counts import read as read_paper_counts
from tests.feeds.gtfs.test_importing import edited
from tests.feeds.scenario_files.test_reader import SMALL
from tests.web.pages.conftest import SignIn, signed_in

__all__ = ["installation", "run", "signed_in"]

ADMIN = Person("a", "Admin", Role.ADMIN)
OUTSIDE = ("0001-01-01", "1900-01-01", "1999-12-31", "2101-01-01", "9999-12-31")
EXTRA = {"kind": "extra", "reason": "demand", "pattern": "gyldenpris", "departs_at": "13:13"}
TRIAL = {
    "question": "Do more come?",
    "baseline_from": "2026-11-02",
    "baseline_to": "2026-11-22",
    "starts": "2026-11-30",
    "weeks": 3,
    "goal": 4,
    "stop_rule": "back to the old one",
}


@pytest.fixture
def planner(client: TestClient, context: AppContext) -> TestClient:
    with context.transaction() as session:
        token = create_token(session, ADMIN, Role.PLANNER, "planner", context.now())
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def entrances(day: str) -> list[tuple[str, str, Any]]:
    """Method, address and body of every act and question that takes the date."""
    spans = ("calendar", "changes", "ridership", "reports", "boardings")
    asked = [("GET", f"/api/v1/{what}?date={day}", None) for what in ("departures", "stops", "opening-hours")]
    asked += [("GET", f"/api/v1/{what}?from={day}&to={day}", None) for what in spans]
    asked += [("GET", f"/api/v1/timetables/2024-10/findings?valid_from={day}", None)]
    asked += [("GET", f"/{page}?date={day}", None) for page in ("", "timetable", "timetable.pdf")]
    return [
        *asked,
        ("PUT", f"/api/v1/calendar/{day}", {"day_type": "holiday", "reason": "as decided"}),
        ("DELETE", f"/api/v1/calendar/{day}", None),
        ("POST", "/api/v1/changes", EXTRA | {"from": day}),
        ("POST", "/api/v1/changes", EXTRA | {"from": "2026-11-30", "to": day}),
        *(("POST", "/api/v1/trials", TRIAL | {key: day}) for key in ("baseline_from", "baseline_to", "starts")),
        ("POST", "/api/v1/timetables/2024-10/publish", {"valid_from": day}),
        ("POST", "/api/v1/timetables/2024-10/publish", {"valid_from": "2027-01-01", "valid_to": day}),
    ]


@pytest.mark.parametrize("day", OUTSIDE)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_entrance_of_the_web_refuses_the_date(planner: TestClient, day: str) -> None:
    for method, address, body in entrances(day):
        answer = planner.request(method, address, json=body)
        assert answer.status_code == 422, (method, address, body, answer.text)
        if address.startswith("/api/"):
            assert day in answer.text and "2000-01-01" in answer.text and "2100-12-31" in answer.text


def test_a_departure_of_such_a_date_does_not_exist(planner: TestClient) -> None:
    for day in OUTSIDE:
        for address in ("boardings", "passings"):
            answer = planner.get(f"/api/v1/departures/{day}.gyldenpris-weekday-1000/{address}")
            assert answer.status_code in (404, 405)
        change = {"kind": "cancel", "reason": "weather"}
        answer = planner.put(f"/api/v1/departures/{day}.gyldenpris-weekday-1000/change", json=change)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:shuttle:unknown-departure")


@pytest.mark.parametrize("given", [0, 1_700_000_000, "1700000000", "2026-11-30T00:00:00", "20261130", True, None])
def test_a_body_takes_a_date_only_as_people_write_it(planner: TestClient, given: object) -> None:
    answer = planner.post("/api/v1/changes", json=EXTRA | {"from": given})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:shuttle:invalid-request")


def test_a_trial_ends_on_a_date_of_service_too(planner: TestClient) -> None:
    answer = planner.post("/api/v1/trials", json=TRIAL | {"starts": "2100-12-30", "weeks": 104})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:shuttle:date-outside")
    assert planner.post("/api/v1/trials", json=TRIAL | {"starts": "2100-12-25", "weeks": 1}).status_code == 201


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_form_says_at_its_field_what_dates_there_are(signed_in: SignIn, language: str) -> None:
    client = signed_in(Role.PLANNER)
    forms: list[tuple[str, dict[str, str], str]] = [
        ("/plan/calendar/decide", {"date": "9999-12-31", "day_type": "holiday", "reason": "as decided"}, "date"),
        ("/plan/timetables/2024-10/publish", {"first": "9999-12-31"}, "first"),
        ("/plan/timetables/2024-10/publish", {"first": "2027-01-01", "last": "9999-12-31"}, "last"),
        ("/plan/duties/give", {"duty": "2024-10/weekday-1", "first": "2027-01-01", "last": "9999-12-31"}, "last"),
        ("/plan/duties/give", {"duty": "2024-10/weekday-1", "first": "9999-12-31"}, "first"),
        ("/ridership/trials", {**{k: str(v) for k, v in TRIAL.items()}, "starts": "9999-12-31"}, "starts"),
        (
            "/ridership/trials",
            {**{k: str(v) for k, v in TRIAL.items()}, "baseline_from": "9999-12-31"},
            "baseline_from",
        ),
    ]
    message = words(language).say("fault.date-outside", given="9999-12-31", allowed=DATES_ALLOWED)
    for address, form, field in forms:
        form = form | ({"measure": "boardings_per_departure"} if "trials" in address else {})
        answer = client.post(f"{address}?lang={language}", data=form)
        assert answer.status_code == 422, address
        assert message in answer.text and f'href="#{field}"' in answer.text, address


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("method", "address", "body", "code"),
    [
        ("POST", "/api/v1/changes", EXTRA | {"from": "2026-11-30", "pattern": "nowhere"}, "unknown-pattern"),
        ("PUT", "/api/v1/calendar/2026-11-30", {"day_type": "feast", "reason": "as decided"}, "unknown-day-type"),
        ("POST", "TRIPS", {"pattern": "nowhere", "day_type": "weekday", "departs": "9:00"}, "unknown-pattern"),
        ("POST", "TRIPS", {"pattern": "gyldenpris", "day_type": "feast", "departs": "9:00"}, "unknown-day-type"),
        (
            "POST",
            "TRIPS",
            {
                "pattern": "gyldenpris",
                "day_type": "weekday",
                "departs": "9:00",
                "calls": [
                    {"stop": "vagsbunnen", "arrives": "9:00", "departs": "9:00"},
                    {"stop": "nowhere", "arrives": "9:10", "departs": "9:10"},
                ],
            },
            "unknown-stop",
        ),
    ],
)
def test_an_unknown_name_in_a_body_is_422(
    planner: TestClient, method: str, address: str, body: dict[str, Any], code: str
) -> None:
    assert planner.post("/api/v1/timetables/2024-10/copy", json={"id": "copied", "name": "Copied"}).status_code == 201
    address = address.replace("TRIPS", "/api/v1/timetables/copied/trips")
    answer = planner.request(method, address, json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"urn:shuttle:{code}")
    assert answer.json()["allowed"]


@pytest.mark.parametrize("day", OUTSIDE)
def test_schedule_files_and_scenarios_name_the_line_and_the_dates(tmp_path: Path, day: str) -> None:
    for name in ("network.toml", "calendar.toml", "opening-hours.toml", "duty-rules.toml"):
        (tmp_path / name).write_text((SCHEDULES / name).read_text("utf-8"), "utf-8")
    (tmp_path / "timetables").mkdir()
    text = (SCHEDULES / "timetables" / "2024-10.toml").read_text("utf-8")
    (tmp_path / "timetables" / "2024-10.toml").write_text(text.replace("2024-10-01", day), "utf-8")
    with pytest.raises(Invalid) as refusal:
        read_schedules(tmp_path)
    (fault,) = refusal.value.faults
    assert (fault.given, fault.allowed, fault.line) == (day, DATES_ALLOWED, 3)
    recorded = SMALL.replace('source = "profile"', f'source = "recorded"\nfrom = {day}\nto = 2026-11-22')
    with pytest.raises(Invalid) as refused:
        read_scenario(recorded, the_real_schedule(), date(2026, 11, 23))
    assert any((fault.given, fault.allowed) == (day, DATES_ALLOWED) for fault in refused.value.faults)


@pytest.mark.parametrize(
    "arguments",
    [
        ("departures", "--date", "DAY"),
        ("export", "ics", "--from", "DAY"),
        ("export", "gtfs", "--to", "DAY"),
        ("export", "boardings", "--from", "DAY", "--to", "DAY"),
        ("report", "--from", "DAY", "--to", "DAY"),
        ("record", "DAY.gyldenpris-weekday-1000", "vagsbunnen", "--boardings", "1"),
    ],
)
def test_the_terminal_refuses_the_date_in_a_line(run: Run, arguments: tuple[str, ...]) -> None:
    for day in ("0001-01-01", "9999-12-31"):
        outcome = run(*(argument.replace("DAY", day) for argument in arguments))
        assert outcome.exit_code == 1
        assert isinstance(outcome.exception, ShuttleError) and day in outcome.exception.detail


def test_a_setting_refuses_the_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTTLE_FORTNIGHT_ANCHOR", "0001-01-01")  # a Monday
    with pytest.raises(Invalid, match="2000-01-01"):
        read_settings()


@pytest.mark.parametrize("day", ["2000-01-01", "2100-12-31"])
def test_the_first_and_the_last_date_are_dates_of_service(day: str) -> None:
    assert parse_date(day) == service_date(date.fromisoformat(day)) == date.fromisoformat(day)


@pytest.mark.parametrize("key", ["valid_from", "valid_to"])
def test_a_date_outside_is_one_fault_and_no_second_one(key: str) -> None:
    faults: list[Fault] = []
    text = {"valid_from": "2026-01-01", "valid_to": "2026-12-31"} | {
        key: "9999-12-31" if key == "valid_from" else "1900-01-01"
    }
    read_model(Dated, parse_toml("".join(f"{name} = {day}\n" for name, day in text.items())), faults)
    assert [fault.code for fault in faults] == ["date-outside"]


def test_a_gtfs_calendar_outside_is_a_fault_with_its_line() -> None:
    feed = edited(calendar=lambda text: text.replace("20261123", "99991231"), calendar_dates=lambda _: None)
    with pytest.raises(Invalid) as refusal:
        read_gtfs(feed, the_real_schedule(), "tilbake", OSLO)
    faults = refusal.value.faults
    assert {(fault.where, fault.given, fault.allowed) for fault in faults} == {
        ("calendar.txt", "99991231", DATES_ALLOWED)
    }


def test_a_sheet_of_counts_refuses_the_date() -> None:
    sheet = read_paper_counts("date,departs,stop,boardings\n9999-12-31,10:00,vagsbunnen,4\n")
    assert ("9999-12-31", DATES_ALLOWED) in {(fault.given, fault.allowed) for fault in sheet.faults}
