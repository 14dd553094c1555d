"""Figures for Prometheus: read back with Prometheus's own parser, for those who may, and right with several workers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from shuttle import jobs
from shuttle.domain.access import Person, Role
from shuttle.domain.errors import Unavailable
from shuttle.domain.remarks import Remark
from shuttle.services import access
from shuttle.services.clock_keeping import Keeper
from shuttle.services.house import House
from shuttle.services.installation import open_house
from shuttle.settings import Settings
from shuttle.web import metrics
from shuttle.web.app import create_app
from shuttle.web.tallies import SharedTallies, Tallies
from tests.conftest import NOON, OSLO, a_database

TEN = "/api/v1/departures/2026-11-23.gyldenpris-weekday-1000/boardings"
ADMIN = Person("a", "Admin", Role.ADMIN)
Figures = dict[tuple[str, ...], float]


def app_client(house: House, peer: str = "127.0.0.1", token: str = "") -> TestClient:
    settings = Settings.model_validate({"metrics_token": token})
    return TestClient(create_app(house, settings), client=(peer, 1), raise_server_exceptions=False)


def read(client: TestClient, **headers: str) -> Figures:
    """Name and labels' values in the order of their names -> figure."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_are_what_was_done(house: House) -> None:
    """Both databases: at noon two departures of the day have left, and one is counted here."""
    with house.transaction() as session:
        token = access.create_token(session, ADMIN, Role.STAFF, "tablet", house.now())
    job = jobs.Job("look-ahead", 6, 10, lambda _house, _settings: Remark("sums-equal"))
    jobs.run_by_hand(Keeper(house), house, Settings(), job)
    client = app_client(house)
    before = read(client)
    assert (before["shuttle_departures_due_today",], before["shuttle_counts_missing_today",]) == (2, 2)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    for body in ({"stop": "vagsbunnen", "boardings": 3}, {"stop": "nowhere"}):
        client.post(TEN, json=body, headers=headers)
    for _ in range(3):
        client.get("/api/v1/departures?date=2026-11-24")
    client.get("/api/v1/nothing-here")
    client.request("BREW", "/healthz")
    found = read(client)
    assert found["shuttle_counts_missing_today",] == 1
    assert (found["shuttle_counts_stored_total",], found["shuttle_commit_seconds_count",]) == (1, 1)
    route = "/api/v1/departures/{departure_id}/boardings"
    answered = {key[1:]: number for key, number in found.items() if key[0] == "shuttle_request_seconds_count"}
    assert answered.pop(("GET", "/metrics", "200")) == 1, "the one before; this one is not over yet"
    assert answered == {
        ("POST", route, "201"): 1,
        ("POST", route, "422"): 1,
        ("GET", "/api/v1/departures", "200"): 3,
        ("GET", "none", "404"): 1,
        ("other", "/healthz", "405"): 1,
    }
    assert found["shuttle_job_succeeded_timestamp_seconds", "look-ahead"] == house.now().timestamp()
    assert found["shuttle_job_outcome", "look-ahead", "done"] == 1
    assert (found["shuttle_plans", "queued"], found["shuttle_plans", "running"]) == (0, 0)
    assert found["shuttle_feeds_age_seconds",] >= 0
    assert found["shuttle_database_up",] == 1


@pytest.fixture
def one_house(tmp_path: Path) -> Iterator[House]:

    for url in a_database("sqlite", tmp_path, filled=True):
        found = open_house(url, OSLO)
        found.now = lambda: NOON
        yield found
        found.close()


def test_without_a_token_only_this_machine_reads_them_and_not_through_a_web_server(one_house: House) -> None:
    assert app_client(one_house).get("/metrics").status_code == 200
    assert app_client(one_house, "::1").get("/metrics").status_code == 200
    assert app_client(one_house, "192.0.2.1").get("/metrics").status_code == 401
    for header in ("X-Forwarded-For", "Forwarded"):
        assert app_client(one_house).get("/metrics", headers={header: "192.0.2.1"}).status_code == 401


def test_with_a_token_nobody_reads_them_without_it(one_house: House) -> None:
    client = app_client(one_house, token="open-sesame")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer open"}).status_code == 401
    assert (
        app_client(one_house, "192.0.2.1", "open-sesame")
        .get("/metrics", headers={"Authorization": "Bearer open-sesame"})
        .status_code
        == 200
    )


def test_while_the_database_is_away_the_others_are_still_there(
    one_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: House) -> None:
        raise Unavailable("database-away", "not there")

    monkeypatch.setattr(metrics, "figures", away)
    found = read(app_client(one_house))
    assert found["shuttle_database_up",] == 0
    assert ("shuttle_counts_queued",) in found
    assert ("shuttle_counts_missing_today",) not in found


def test_a_failed_job_keeps_its_last_success(one_house: House) -> None:
    def fail(_house: House, _settings: Settings) -> Remark:
        raise RuntimeError("no")

    first = one_house.now()
    keeper = Keeper(one_house)
    for work in (lambda _house, _settings: Remark("sums-equal"), fail):
        jobs.run_by_hand(keeper, one_house, Settings(), jobs.Job("backup", 2, 40, work))
    found = read(app_client(one_house))
    assert found["shuttle_job_outcome", "backup", "failed"] == 1
    assert found["shuttle_job_succeeded_timestamp_seconds", "backup"] == first.timestamp()
    with one_house.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM job_runs WHERE job = 'backup'")) == 2


keys = st.tuples(st.sampled_from(["GET", "POST"]), st.sampled_from(["/", "/x"]), st.just("200"))
works = st.lists(st.tuples(keys, st.integers(0, 20_000)), max_size=30)


@given(st.lists(works, min_size=1, max_size=4))
def test_workers_add_up_to_what_one_would_have_counted(shares: list[list[tuple[tuple[str, ...], int]]]) -> None:
    one, total = Tallies(), Tallies()
    for share in shares:
        worker = Tallies(queued=1)
        for key, milliseconds in share:
            for tallies in (one, worker):
                tallies.requests.add(key, milliseconds / 1024)
                tallies.committed(milliseconds / 1024, 2)
        total.add(Tallies.unpacked(worker.packed()), alive=True)
    assert (total.requests.lines, total.commits.lines) == (one.requests.lines, one.commits.lines)
    assert (total.stored, total.queued) == (one.stored, len(shares))


def test_a_worker_adds_what_the_others_laid_down_and_forgets_an_earlier_start(tmp_path: Path) -> None:
    mine, other = Tallies(stored=1), Tallies(stored=10, queued=5)
    shared = SharedTallies(tmp_path, mine)
    start = shared._start
    (tmp_path / "1-2.json").write_bytes(Tallies(stored=1000).packed())
    shared.begin()
    (tmp_path / f"{start}999999999.json").write_bytes(other.packed())
    total = shared.total()
    assert (total.stored, total.queued) == (11, 0), "what a worker stored stays; it has ended, so nothing waits there"
    assert shared.total().stored == 11, "adding up changes nothing"
