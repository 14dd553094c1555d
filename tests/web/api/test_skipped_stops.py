"""Skipped stops over HTTP, on both databases: reported, replaced, withdrawn, and stored without a name."""

import csv
import io
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from shuttle.domain.access.permissions import Role
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.feeds.counts.boardings_csv import boardings_csv
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.count_exports import export_counts
from shuttle.services.ridership.rollup import check
from shuttle.services.timetable.changes import change_departure
from shuttle.store.tables.ridership import SkippedStopRow
from tests.web.api.test_boardings import ADMIN, PATH, TEN, post, token

MONDAY = date(2026, 11, 23)
UNSERVED = f"/api/v1/departures/{TEN}/unserved/mo-gyldenpris"


@pytest.fixture
def driver(client: TestClient, context: AppContext) -> TestClient:
    client.headers["Authorization"] = f"Bearer {token(context, Role.DRIVER)}"
    return client


def say(client: TestClient, reason: str, path: str = UNSERVED) -> tuple[int, dict[str, object]]:
    answer = client.put(path, json={"reason": reason})
    return answer.status_code, answer.json()


def line(context: AppContext, stop: str = "mo-gyldenpris") -> dict[str, str]:
    text = boardings_csv(export_counts(context, ADMIN, MONDAY, MONDAY, "boardings"))
    lines = csv.DictReader(io.StringIO(text))
    return next(line for line in lines if (line["departure"], line["stop"]) == (TEN, stop))


def words_said(context: AppContext) -> int:
    with context.reading() as session:
        return session.scalar(select(func.count()).select_from(SkippedStopRow)) or 0


def test_a_skipped_stop_has_a_reason_and_its_departure_still_runs(driver: TestClient, context: AppContext) -> None:
    assert say(driver, "road_closed") == (
        200,
        {"id": f"{TEN}/mo-gyldenpris", "departure": TEN, "stop": "mo-gyldenpris", "reason": "road_closed"},
    )
    row = line(context)
    assert (row["state"], row["reason"], row["status"], row["boardings"]) == (
        "cancelled",
        "road_closed",
        "scheduled",
        "",
    )
    assert line(context, "vagsbunnen")["state"] == "not_recorded"


def test_the_same_again_adds_nothing_and_another_reason_replaces_it(driver: TestClient, context: AppContext) -> None:
    for reason in ("road_closed", "road_closed", "safety"):
        assert say(driver, reason)[0] == 200
    assert line(context)["reason"] == "safety"
    assert words_said(context) == 2


def test_it_can_be_taken_back_and_stays_in_the_history(driver: TestClient, context: AppContext) -> None:
    say(driver, "road_closed")
    taken_back = {"id": f"{TEN}/mo-gyldenpris", "departure": TEN, "stop": "mo-gyldenpris", "reason": None}
    answers = [driver.delete(UNSERVED) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, taken_back)] * 2
    assert (line(context)["state"], line(context)["reason"]) == ("not_recorded", "")
    assert words_said(context) == 2


@pytest.mark.parametrize(("boardings", "state"), [(0, "cancelled"), (3, "number")])
def test_whoever_was_counted_there_was_there_and_a_zero_is_no_call(
    driver: TestClient, context: AppContext, boardings: int, state: str
) -> None:
    say(driver, "road_closed")
    assert post(driver, stop="mo-gyldenpris", boardings=boardings)[0] == 201
    assert line(context)["state"] == state
    assert check(context, ADMIN) == []


def test_staff_see_why_a_stop_was_passed_by(client: TestClient, context: AppContext) -> None:
    client.headers["Authorization"] = f"Bearer {token(context, Role.STAFF)}"
    say(client, "road_closed")
    stops = client.get(PATH).json()["stops"]
    assert [(stop["state"], stop["unserved"]) for stop in stops] == [
        ("not_recorded", None),
        ("cancelled", "road_closed"),
    ]


def test_nobody_s_name_is_kept(driver: TestClient, context: AppContext) -> None:
    say(driver, "road_closed")
    with context.reading() as session:
        (row,) = session.scalars(select(SkippedStopRow))
    assert row.role == "driver"
    assert not {"source", "said_by", "made_by"} & set(SkippedStopRow.__table__.columns.keys())


def test_what_cannot_be_is_refused(driver: TestClient, context: AppContext) -> None:
    assert say(driver, "somebody was ill")[0] == 422
    assert say(driver, "road_closed", UNSERVED.replace("mo-gyldenpris", "mo-nesttun"))[0] == 422
    assert say(driver, "road_closed", UNSERVED.replace("1000", "1001"))[0] == 404
    status, problem = say(driver, "road_closed", UNSERVED.replace("2026-11-23", "2026-11-24"))
    assert (status, problem["type"]) == (409, "urn:shuttle:not-yet")
    with context.transaction() as session:
        change_departure(session, ADMIN, TEN, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now())
    assert say(driver, "road_closed")[0] == 409
    assert words_said(context) == 0


@pytest.mark.parametrize(("role", "status"), [(Role.READER, 403), (Role.PLANNER, 403), (None, 401)])
def test_who_may_not_count_may_not_say_it(
    client: TestClient, context: AppContext, role: Role | None, status: int
) -> None:
    if role is not None:
        client.headers["Authorization"] = f"Bearer {token(context, role)}"
    assert say(client, "road_closed")[0] == status
    assert client.delete(UNSERVED).status_code == status
