"""Metrics: read with Prometheus's own parser, protected, and correct with several workers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from shuttle import jobs
from shuttle.cli.operation.serve import share_metrics
from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.services.access import accounts
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.operation.scheduler_lease import SchedulerLease
from shuttle.settings import Settings
from shuttle.web import metrics
from shuttle.web.app import create_app
from tests.conftest import NOON, OSLO, a_database

TOP = Path(__file__).parents[2]
TEN = "/api/v1/departures/2026-11-23.gyldenpris-weekday-1000/boardings"
ADMIN = Person("a", "Admin", Role.ADMIN)
Figures = dict[tuple[str, ...], float]


def app_client(context: AppContext, peer: str = "127.0.0.1", token: str = "") -> TestClient:
    settings = Settings.model_validate({"metrics_token": token})
    return TestClient(create_app(context, settings), client=(peer, 1), raise_server_exceptions=False)


def read(client: TestClient, **headers: str) -> Figures:
    """Name and labels' values in the order of their names -> figure."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_the_figures_are_what_was_done(context: AppContext) -> None:
    """Both databases: at noon two departures of the day have left, and one is counted here."""
    with context.transaction() as session:
        token = accounts.create_token(session, ADMIN, Role.STAFF, "tablet", context.now())
    job = jobs.Job("look-ahead", 6, 10, lambda _context, _settings: JobOutcome("sums-equal"))
    jobs.run_by_hand(SchedulerLease(context), context, Settings(), job)
    client = app_client(context)
    before = read(client)
    assert (before["shuttle_departures_due_today",], before["shuttle_counts_missing_today",]) == (2, 2)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    for body in ({"stop": "vagsbunnen", "boardings": 3}, {"stop": "nowhere"}):
        client.post(TEN, json=body, headers=headers)
    for _ in range(3):
        client.get("/api/v1/departures?date=2026-11-24")
    client.get("/api/v1/nothing-here")
    client.request("BREW", "/healthz")
    values = read(client)
    assert values["shuttle_counts_missing_today",] == 1
    assert (values["shuttle_counts_stored_total",], values["shuttle_commit_seconds_count",]) == (1, 1)
    route = "/api/v1/departures/{departure_id}/boardings"
    answered = {key[1:]: number for key, number in values.items() if key[0] == "shuttle_request_seconds_count"}
    assert answered.pop(("GET", "/metrics", "200")) == 1, "the one before; this one is not over yet"
    assert answered == {
        ("POST", route, "201"): 1,
        ("POST", route, "422"): 1,
        ("GET", "/api/v1/departures", "200"): 3,
        ("GET", "none", "404"): 1,
        ("other", "/healthz", "405"): 1,
    }
    assert values["shuttle_job_succeeded_timestamp_seconds", "look-ahead"] == context.now().timestamp()
    assert values["shuttle_job_outcome", "look-ahead", "done"] == 1
    assert (values["shuttle_plans", "queued"], values["shuttle_plans", "running"]) == (0, 0)
    assert ("shuttle_feeds_age_seconds",) in values
    assert values["shuttle_database_up",] == 1


@pytest.fixture
def one_context(tmp_path: Path) -> Iterator[AppContext]:

    for url in a_database("sqlite", tmp_path, filled=True):
        context = open_app_context(url, OSLO)
        context.now = lambda: NOON
        yield context
        context.close()


def test_without_a_token_only_this_machine_reads_and_not_by_proxy(one_context: AppContext) -> None:
    assert app_client(one_context).get("/metrics").status_code == 200
    assert app_client(one_context, "::1").get("/metrics").status_code == 200
    assert app_client(one_context, "192.0.2.1").get("/metrics").status_code == 401
    for header in ("X-Forwarded-For", "Forwarded"):
        assert app_client(one_context).get("/metrics", headers={header: "192.0.2.1"}).status_code == 401


def test_with_a_token_nobody_reads_them_without_it(one_context: AppContext) -> None:
    client = app_client(one_context, token="open-sesame")
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer open"}).status_code == 401
    assert (
        app_client(one_context, "192.0.2.1", "open-sesame")
        .get("/metrics", headers={"Authorization": "Bearer open-sesame"})
        .status_code
        == 200
    )


def test_while_the_database_is_away_the_others_are_still_there(
    one_context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: AppContext) -> None:
        raise Unavailable("database-away", "not there")

    monkeypatch.setattr(metrics, "figures", away)
    values = read(app_client(one_context))
    assert values["shuttle_database_up",] == 0
    assert ("shuttle_counts_queued",) in values
    assert ("shuttle_counts_missing_today",) not in values


def test_a_failed_job_keeps_its_last_success(one_context: AppContext) -> None:
    def fail(_context: AppContext, _settings: Settings) -> JobOutcome:
        raise RuntimeError("no")

    first = one_context.now()
    keeper = SchedulerLease(one_context)
    for work in (lambda _context, _settings: JobOutcome("sums-equal"), fail):
        jobs.run_by_hand(keeper, one_context, Settings(), jobs.Job("backup", 2, 40, work))
    values = read(app_client(one_context))
    assert values["shuttle_job_outcome", "backup", "failed"] == 1
    assert values["shuttle_job_succeeded_timestamp_seconds", "backup"] == first.timestamp()
    with one_context.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM job_runs WHERE job = 'backup'")) == 2


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


def python(program: str) -> subprocess.Popen[str]:
    """A process of its own, as a worker is: prometheus_client looks at the environment when it is imported."""
    whole = "from shuttle.web.server.request_metrics import RequestMetrics\n" + program
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    command = [sys.executable, "-c", whole]
    return subprocess.Popen(command, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


WORKER = """
measured = RequestMetrics()
measured.requests.labels("GET", "/x", "200").observe(0.003)
measured.requests.labels("GET", "/x", "200").observe(4)
measured.committed(0.004, 7)
measured.queued.inc(2)
print("counted", flush=True)
input()
"""
ASKED = """
for metric in RequestMetrics().collect():
    for sample in metric.samples:
        print(sample.name, sample.labels.get("le", ""), sample.value)
"""


def summed() -> dict[str, float]:
    """Name with its bound -> figure, as a worker that did nothing tells it."""
    lines = python(ASKED).communicate()[0].splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.mark.slow
def test_workers_add_up_and_what_waited_goes_with_a_killed_one(folder: Path) -> None:
    first, second = python(WORKER), python(WORKER)
    for worker in (first, second):
        assert worker.stdout is not None
        assert worker.stdout.readline() == "counted\n"
    total = summed()
    assert total["shuttle_counts_stored_total "] == 14
    assert total["shuttle_request_seconds_count "] == 4
    assert total["shuttle_request_seconds_sum "] == pytest.approx(8.006)
    assert [total[f"shuttle_request_seconds_bucket {bound}"] for bound in ("0.0025", "0.005", "5.0", "+Inf")] == [
        0,
        2,
        4,
        4,
    ]
    assert total["shuttle_commit_seconds_count "] == 2
    assert total["shuttle_counts_queued "] == 4
    first.kill()
    first.communicate()
    total = summed()
    assert (total["shuttle_counts_queued "], total["shuttle_counts_stored_total "]) == (2, 14)
    second.communicate("\n")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_start_forgets_what_an_earlier_one_counted(folder: Path, workers: int) -> None:
    old = folder / "metrics" / "counter_7.db"
    old.parent.mkdir()
    old.touch()
    share_metrics(Settings(workers=workers, data_dir=folder))
    assert os.environ.get("PROMETHEUS_MULTIPROC_DIR") == (None if workers == 1 else str(old.parent))
    assert old.exists() == (workers == 1)
