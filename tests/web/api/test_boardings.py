"""Counts over HTTP, on both databases: idempotent, durable, and refused with a reason."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.changes import change_departure
from shuttle.store.tables.ridership import HourSumRow, TripSumRow

ADMIN = Person("a", "Admin", Role.ADMIN)
TEN = "2026-11-23.gyldenpris-weekday-1000"
PATH = f"/api/v1/departures/{TEN}/boardings"


def token(context: AppContext, role: Role) -> str:
    with context.transaction() as session:
        return create_token(session, ADMIN, role, f"a {role}", context.now())


@pytest.fixture
def staff(client: TestClient, context: AppContext) -> TestClient:
    client.headers["Authorization"] = f"Bearer {token(context, Role.STAFF)}"
    return client


def post(client: TestClient, key: str = "k1", path: str = PATH, **body: object) -> tuple[int, dict[str, object]]:
    answer = client.post(path, json={"stop": "vagsbunnen", "boardings": 3, **body}, headers={"Idempotency-Key": key})
    return answer.status_code, answer.json()


def test_a_count_is_stored_and_the_same_again_changes_nothing(staff: TestClient) -> None:
    status, first = post(staff)
    assert status == 201
    status, again = post(staff)
    assert (status, again["id"]) == (200, first["id"])
    stop = staff.get(PATH).json()["stops"][0]
    assert (stop["state"], len(stop["observations"])) == ("number", 1)


def test_a_key_used_for_another_count_is_refused(staff: TestClient) -> None:
    post(staff)
    others: list[dict[str, Any]] = [{"boardings": 4}, {"stop": "mo-gyldenpris"}, {"full": True}, {"alightings": 0}]
    for body in others:
        status, problem = post(staff, **body)
        assert (status, problem["type"]) == (422, "urn:shuttle:idempotency-key-reused")
    other = PATH.replace("1000", "1200")
    assert post(staff, path=other)[0] == 422


def test_fifty_equal_requests_at_once_store_one_count(staff: TestClient) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: post(staff), range(50)))
    assert {status for status, _ in answers} <= {200, 201}
    assert [status for status, _ in answers].count(201) == 1
    assert len({str(body["id"]) for _, body in answers}) == 1


def test_a_missing_key_is_told(staff: TestClient) -> None:
    answer = staff.post(PATH, json={"stop": "vagsbunnen", "boardings": 1})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:shuttle:idempotency-key-missing")


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b'{"stop": "vagsbunnen"', "application/json", 400),
        (b"[" * 100_000, "application/json", 422),
        (b"\xff", "application/json", 400),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'{"stop": "\\ud800", "boardings": NaN}', "application/json", 422),
        (b'{"stop": "vagsbunnen", "boardings": 3}', "text/plain", 422),
    ],
)
def test_a_body_that_is_no_count_is_refused(staff: TestClient, content: bytes, media_type: str, status: int) -> None:
    headers = {"Content-Type": media_type, "Idempotency-Key": "k"}
    answer = staff.post(PATH, content=content, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert (media_type == "text/plain") == ("application/json" in answer.json()["detail"])


def test_who_may_not_count_learns_nothing_from_what_is_sent(client: TestClient) -> None:
    for body in ({}, {"stop": "nowhere", "boardings": -1}, {"stop": "vagsbunnen", "boardings": 1}):
        assert client.post(PATH, json=body).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"boardings": -1},
        {"boardings": 1001},
        {"boardings": 1.5},
        {"boardings": "3"},
        {"boardings": None},
        {"alightings": -1},
        {"stop": "nowhere"},
        {"stop": "mo-nesttun"},
        {"recorded_at": "2026-11-23T10:00:00"},
        {"recorded_at": "yesterday"},
        {"rider": "somebody"},
    ],
)
def test_a_bad_count_says_what_is_allowed_and_stores_nothing(staff: TestClient, body: dict[str, Any]) -> None:
    status, problem = post(staff, **body)
    assert status == 422
    assert problem["detail"]
    assert staff.get("/api/v1/boardings?from=2026-11-23&to=2026-11-23").json()["boardings"] == []


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2026-11-23T09:29:59+01:00", "counted-too-early"),
        ("2026-11-22T10:00:00+01:00", "counted-too-early"),
        ("1970-01-01T00:00:00Z", "counted-too-early"),
        (0, "counted-too-early"),
        ("0001-01-01T00:00:00+14:00", "counted-too-early"),
        ("2026-11-23T12:10:01+01:00", "counted-in-future"),
        ("2027-11-23T10:00:00+01:00", "counted-in-future"),
        ("9999-12-31T23:59:59-12:00", "counted-in-future"),
        ("9999-12-31T23:59:59Z", "counted-in-future"),
        (10**30, "invalid-request"),
        ("2026-13-45T99:00:00Z", "invalid-request"),
    ],
)
def test_a_count_of_a_moment_that_cannot_be_is_refused(staff: TestClient, moment: object, code: str) -> None:
    status, problem = post(staff, recorded_at=moment)
    assert (status, problem["type"]) == (422, f"urn:shuttle:{code}")
    assert problem["detail"]
    if code != "invalid-request":
        assert problem["given"] and "2026-11-23T09:30:00+01:00" in str(problem["allowed"])
    assert staff.get("/api/v1/boardings?from=2026-11-23&to=2026-11-23").json()["boardings"] == []


@pytest.mark.parametrize("moment", ["09:30:00", "10:00:00", "12:00:00", "12:10:00"])
def test_a_count_from_half_an_hour_before_until_now_is_taken(staff: TestClient, moment: str) -> None:
    assert post(staff, recorded_at=f"2026-11-23T{moment}+01:00")[0] == 201


def test_a_count_without_a_moment_is_of_now(staff: TestClient, context: AppContext) -> None:
    at_three = PATH.replace("1000", "1500")
    for hour, minute, status in ((13, 29, 422), (13, 30, 201)):
        context.now = lambda hour=hour, minute=minute: datetime(2026, 11, 23, hour, minute, tzinfo=UTC)  # type: ignore[misc]
        assert post(staff, path=at_three)[0] == status
    for day in ("2026-11-24", "2027-11-22"):
        status, problem = post(staff, path=PATH.replace("2026-11-23", day))
        assert (status, problem["type"]) == (422, "urn:shuttle:counted-too-early")


def test_a_departure_moved_after_it_was_counted_keeps_its_count(staff: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        change_departure(session, ADMIN, TEN, ChangeKind.RETIME, ReasonCode.TRAFFIC, 11 * 60 + 50, context.now())
    assert post(staff, recorded_at="2026-11-23T09:58:00+01:00")[0] == 201
    assert post(staff, key="k2", recorded_at="2026-11-23T09:29:00+01:00")[0] == 422


def test_a_departure_that_does_not_exist_is_not_found(staff: TestClient) -> None:
    assert post(staff, path=PATH.replace("1000", "1001"))[0] == 404
    assert post(staff, path=PATH.replace("2026-11-23", "2026-11-22"))[0] == 404


def test_a_cancelled_departure_takes_no_count_but_answers_a_replay(staff: TestClient, context: AppContext) -> None:
    _, first = post(staff)
    with context.transaction() as session:
        change_departure(
            session, ADMIN, TEN, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now(), despite_counts=True
        )
    assert post(staff) == (200, {**first, "replayed": True})
    status, problem = post(staff, key="k2")
    assert (status, problem["type"]) == (409, "urn:shuttle:departure-cancelled")


def test_the_four_states_of_a_count_are_told_apart(staff: TestClient, context: AppContext) -> None:
    post(staff, boardings=0)
    cancelled = TEN.replace("1000", "1200")
    with context.transaction() as session:
        change_departure(session, ADMIN, cancelled, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now())
    states = [
        stop["state"]
        for departure in (TEN, cancelled)
        for stop in staff.get(f"/api/v1/departures/{departure}/boardings").json()["stops"]
    ]
    assert states == ["zero", "not_recorded", "cancelled", "cancelled"]


def test_a_correction_supersedes_and_nothing_is_lost(staff: TestClient, context: AppContext) -> None:
    _, first = post(staff)
    _, second = post(staff, key="k2", boardings=5)
    stop = staff.get(PATH).json()["stops"][0]
    assert stop["holds"] == second["id"]
    assert [o["supersedes"] for o in stop["observations"]] == [None, first["id"]]
    assert not stop["disputed"]
    with context.reading() as session:
        assert [(row.boardings, row.counts) for row in session.query(HourSumRow)] == [(5, 1)]


def test_two_observers_who_differ_are_shown_and_the_driver_s_count_holds(
    client: TestClient, context: AppContext
) -> None:
    for key, role, boardings in (("a", Role.DRIVER, 4), ("b", Role.STAFF, 6)):
        client.headers["Authorization"] = f"Bearer {token(context, role)}"
        assert post(client, key=key, boardings=boardings)[0] == 201
    stop = client.get(PATH).json()["stops"][0]
    assert stop["disputed"]
    assert {o["id"]: o["boardings"] for o in stop["observations"]}[stop["holds"]] == 4
    with context.reading() as session:
        assert [row.boardings for row in session.query(TripSumRow)] == [4]


def test_each_role_may_count_or_read_as_permitted(client: TestClient, context: AppContext) -> None:
    expected = {
        Role.READER: (403, 403),
        Role.DRIVER: (201, 403),
        Role.STAFF: (201, 200),
        Role.PLANNER: (403, 200),
        Role.ADMIN: (201, 200),
    }
    for role, (may_post, may_get) in expected.items():
        client.headers["Authorization"] = f"Bearer {token(context, role)}"
        assert (post(client, key=f"k-{role}")[0], client.get(PATH).status_code) == (may_post, may_get), role
    client.headers["Authorization"] = "Bearer shuttle_wrong"
    assert (post(client)[0], client.get(PATH).status_code) == (401, 401)
    del client.headers["Authorization"]
    assert (post(client)[0], client.get(PATH).status_code) == (401, 401)


def test_counts_are_listed_a_page_at_a_time(staff: TestClient) -> None:
    for number in range(5):
        post(staff, key=f"k{number}", boardings=number, recorded_at=datetime(2026, 11, 23, 9, tzinfo=UTC).isoformat())
    seen: list[tuple[str, int]] = []
    cursor: int | None = 0
    while cursor is not None:
        page = staff.get(f"/api/v1/boardings?from=2026-11-01&to=2026-11-30&limit=2&cursor={cursor}").json()
        seen += [(item["idempotency_key"], item["boardings"]) for item in page["boardings"]]
        cursor = page["next"]
    assert seen == [(f"k{number}", number) for number in range(5)]


def test_what_does_not_add_up_is_asked_and_stored_all_the_same(staff: TestClient) -> None:
    status, asked = post(staff, path=f"{PATH}?ask=true", boardings=9)
    assert status == 201
    question = {"question": "above_seats", "stop": "vagsbunnen", "on_board": 9}
    assert asked["questions"] == [question]
    document = staff.get(PATH).json()
    assert (document["questions"], document["stops"][0]["state"]) == ([question], "number")
    status, asked = post(staff, key="k2", path=f"{PATH}?ask=true", boardings=3)
    assert (status, asked["questions"]) == (201, [])
    assert "questions" not in post(staff, key="k3")[1], "who does not ask does not wait for it"


def test_those_left_behind_are_shown_as_the_class_that_was_said(staff: TestClient) -> None:
    post(staff, left_behind=3)
    (observation,) = staff.get(PATH).json()["stops"][0]["observations"]
    assert (observation["left_behind"], observation["left_behind_class"]) == (3, "3-5")
