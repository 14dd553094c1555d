"""The schedule over HTTP: departures, calendar, stops, opening hours and timetables."""

from datetime import date

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.changes import change_departure
from shuttle.web.server.response_cache import etag_matches
from tests.builders import two_centres
from tests.conftest import with_schedule

PLANNER = Person("p", "Planner", Role.PLANNER)
DAY = "/api/v1/departures?date=2026-11-24"


def test_a_day_is_the_document_of_the_contract(client: TestClient) -> None:
    day = client.get("/api/v1/departures?date=2026-05-14").json()
    assert {key: day[key] for key in ("date", "day_type", "day_type_reason", "timetable")} == {
        "date": "2026-05-14",
        "day_type": "holiday",
        "day_type_reason": "Helligdag: Kristi himmelfartsdag",
        "timetable": "2024-10",
    }
    first = day["departures"][0]
    assert first["id"] == "2026-05-14.gyldenpris-holiday-1100"
    assert first["status"] == "scheduled"
    assert first["calls"][0] == {
        "stop": "vagsbunnen",
        "name": "Vågsbunnen",
        "sequence": 1,
        "arrives_at": "2026-05-14T11:00:00+02:00",
        "departs_at": "2026-05-14T11:00:00+02:00",
    }


def test_without_a_date_it_is_today(client: TestClient) -> None:
    assert client.get("/api/v1/departures").json()["date"] == "2026-11-23"


@pytest.mark.parametrize(("language", "reason"), [("nn", "Høgtidsdag"), ("en", "Constitution Day")])
def test_the_reason_is_said_in_the_language_that_is_asked_for(client: TestClient, language: str, reason: str) -> None:
    assert reason in client.get(f"/api/v1/departures?date=2028-05-17&lang={language}").json()["day_type_reason"]


@pytest.mark.parametrize(
    ("pair", "times"),
    [
        (
            "vagsbunnen&to=mo-gyldenpris",
            [("10:00", "10:10"), ("12:00", "12:35"), ("15:00", "15:10"), ("17:00", "17:35")],
        ),
        ("vagsbunnen&to=mo-nesttun", [("10:00", "10:25"), ("12:00", "12:20"), ("15:00", "15:25"), ("17:00", "17:20")]),
        ("mo-gyldenpris&to=mo-nesttun", [("10:10", "10:25"), ("15:10", "15:25")]),
    ],
)
def test_between_two_stops_each_departure_says_when_it_is_there(
    client: TestClient, context: AppContext, pair: str, times: list[tuple[str, str]]
) -> None:
    with_schedule(context, two_centres())
    day = client.get(f"{DAY}&from={pair}").json()
    assert [(each["departs_at"][11:16], each["arrives_at"][11:16]) for each in day["departures"]] == times
    assert {each["status"] for each in day["departures"]} == {"scheduled"}


def test_the_headsign_is_what_the_bus_shows_where_one_boards(client: TestClient, context: AppContext) -> None:
    with_schedule(context, two_centres())
    first = client.get(f"{DAY}&from=mo-gyldenpris&to=mo-nesttun").json()["departures"][0]
    assert first["headsign"] == "MO Nesttun og Vågsbunnen"
    assert client.get(f"{DAY}&stop=mo-nesttun").json()["departures"][0]["headsign"] == "Vågsbunnen"
    assert client.get(f"{DAY}&lang=en").json()["departures"][1]["headsign"] == "MO Nesttun and MO Gyldenpris"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=vagsbunnen", "from and to go together; to is missing"),
        ("to=mo-nesttun", "from and to go together; from is missing"),
        (
            "from=vagsbunnen&to=nowhere",
            "there is no stop 'nowhere'; the stops are vagsbunnen, mo-gyldenpris, mo-nesttun",
        ),
        ("from=vagsbunnen&to=", "there is no stop ''"),
        ("from=vagsbunnen&to=vagsbunnen", "from and to are both vagsbunnen"),
        ("from=vagsbunnen&to=mo-nesttun&stop=mo-nesttun", "stop cannot be asked for together with from and to"),
    ],
)
def test_stops_that_nobody_can_travel_between_are_refused(client: TestClient, query: str, says: str) -> None:
    answer = client.get(f"{DAY}&{query}")
    assert answer.status_code == 422
    assert says in answer.json()["detail"]


def test_an_unchanged_day_is_not_sent_again(client: TestClient) -> None:
    etag = client.get(DAY).headers["etag"]
    for tag in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = client.get(DAY, headers={"If-None-Match": tag})
        assert (answer.status_code, answer.content) == (304, b"")


def test_a_change_by_another_process_is_in_the_very_next_answer(client: TestClient, context: AppContext) -> None:
    etag = client.get(DAY).headers["etag"]
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
    answer = client.get(DAY, headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.json()["departures"][0]["status"] == "cancelled"
    assert answer.json()["departures"][0]["reason"] == "weather"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/departures?date=14.5.2026", 422, "bad-date"),
        ("/api/v1/departures?date=2026-02-30", 422, "bad-date"),
        ("/api/v1/departures?stop=nowhere", 404, "unknown-stop"),
        ("/api/v1/departures?lang=de", 422, "invalid-request"),
        ("/api/v1/calendar?from=2026-05-02&to=2026-05-01", 422, "bad-span"),
        ("/api/v1/calendar?from=2026-05-02", 422, "invalid-request"),
        ("/api/v1/calendar?from=2000-01-01&to=2026-05-01", 422, "bad-span"),
        ("/api/v1/timetables/nothing", 404, "unknown-timetable"),
        ("/api/v1/nothing", 404, "not-found"),
    ],
)
def test_a_bad_question_gets_a_problem_that_says_what_is_allowed(
    client: TestClient, path: str, status: int, code: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:shuttle:{code}"
    assert answer.json()["detail"]


def test_a_method_that_is_not_there_is_a_problem_and_names_those_that_are(client: TestClient) -> None:
    answer = client.post(DAY)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_calendar_tells_which_days_are_undecided(client: TestClient) -> None:
    days = client.get("/api/v1/calendar?from=2026-12-23&to=2026-12-26").json()
    assert [(day["day_type"], day["undecided"], day["departures"]) for day in days] == [
        ("weekday", False, 5),
        ("weekday", True, 5),
        ("holiday", False, 3),
        ("holiday", False, 3),
    ]


def test_what_is_assumed_about_a_stop_is_said(client: TestClient) -> None:
    stops = {stop["id"]: stop for stop in client.get("/api/v1/stops").json()}
    assert set(stops) == {"vagsbunnen", "mo-gyldenpris", "mo-nesttun"}
    assert stops["mo-nesttun"]["assumed"] is True
    assert "ikke bekreftet" in stops["mo-nesttun"]["assumed_reason"]


def test_opening_hours_tell_always_open_from_closed(client: TestClient) -> None:
    hours = {stop["stop"]: stop for stop in client.get("/api/v1/opening-hours?date=2026-11-22").json()["stops"]}
    assert hours["vagsbunnen"]["always_open"] is True
    assert (hours["mo-nesttun"]["always_open"], hours["mo-nesttun"]["windows"]) == (False, [])
    assert hours["mo-gyldenpris"]["windows"] == [["10:00", "18:00"]]


def test_the_public_sees_published_timetables(client: TestClient) -> None:
    assert [timetable["id"] for timetable in client.get("/api/v1/timetables").json()] == ["2024-10"]
    assert len(client.get("/api/v1/timetables/2024-10").json()["trips"]) == 8


def test_nobody_changes_anything_without_signing_in(client: TestClient) -> None:
    body = {"kind": "cancel", "reason": "weather"}
    answer = client.put("/api/v1/departures/2026-11-24.gyldenpris-weekday-1000/change", json=body)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get(DAY).json()["departures"][0]["status"] == "scheduled"


def test_the_description_of_the_api_can_be_read(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/api/v1/departures" in paths


@pytest.mark.parametrize(
    ("header", "matches"), [(None, False), ("", False), ('"a"', True), ('"b", W/"a"', True), ('"b"', False)]
)
def test_an_etag_is_compared_weakly_and_in_lists(header: str | None, matches: bool) -> None:
    assert etag_matches(header, '"a"') is matches


def test_the_version_in_the_answer_follows_the_date(client: TestClient) -> None:
    assert client.get(f"/api/v1/departures?date={date(2024, 9, 30)}").json()["timetable"] is None
