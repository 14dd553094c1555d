"""Liveness and readiness."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from shuttle import __version__
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.operation.scheduler_lease import SchedulerLease
from shuttle.services.operation.wall_clock import WallClockWatch, unconfirmed_leap
from shuttle.settings import Settings
from shuttle.web import health
from shuttle.web.app import create_app
from tests.conftest import OSLO


def test_a_process_that_answers_is_alive_whatever_the_database_does(client: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert client.get("/healthz").json() == {"status": "alive", "version": __version__}


def test_it_is_ready_when_database_schema_disk_and_clock_are_well(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "schema": "ok", "counts": "ok", "disk": "ok", "clock": "ok"}
    assert answer.headers["cache-control"] == "no-store"


def test_another_schema_is_not_ready_and_says_so(client: TestClient, context: AppContext) -> None:
    with context.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers
    assert [fault["where"] for fault in answer.json()["errors"]] == ["schema"]


@pytest.mark.parametrize("path", ["/readyz", "/api/v1/departures", "/"])
def test_where_the_database_is_stands_in_the_log_and_in_no_answer(path: str, caplog: pytest.LogCaptureFixture) -> None:
    nowhere = open_app_context("postgresql://somebody@127.0.0.1:1/shuttle", OSLO)
    answer = TestClient(create_app(nowhere, Settings())).get(path)
    assert answer.status_code == 503
    assert "127.0.0.1" not in answer.text
    assert "127.0.0.1" in caplog.text


def test_a_full_disk_is_not_ready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 60)
    answer = client.get("/readyz")
    assert (answer.status_code, "disk" in answer.json()["detail"]) == (503, True)


def test_without_a_lease_the_process_is_not_ready_after_its_first_minutes(
    client: TestClient, context: AppContext
) -> None:
    state = client.app.state.shuttle  # type: ignore[attr-defined]
    state.monotonic_start -= 3600
    never = client.get("/readyz")
    assert (never.status_code, [fault["where"] for fault in never.json()["errors"]]) == (503, ["clock"])
    now = context.now()
    SchedulerLease(context).hold()
    assert client.get("/readyz").status_code == 200
    context.now = lambda: now + timedelta(minutes=10)
    assert client.get("/readyz").status_code == 200, "a long backup is no reason to turn people away"
    context.now = lambda: now + timedelta(minutes=20)
    assert "clock: no process has held the scheduler's lease for 0:18:30" in client.get("/readyz").json()["detail"]


def test_readiness_names_a_leap_of_the_clock_and_stays_ready(client: TestClient, context: AppContext) -> None:
    now = context.now()
    WallClockWatch(context).look()
    assert "time" not in client.get("/readyz").json()["checks"]
    context.now = lambda: now + timedelta(days=365)
    WallClockWatch(context).look()
    assert unconfirmed_leap(context) is not None
    answer = client.get("/readyz")
    assert (answer.status_code, "leapt from" in answer.json()["checks"]["time"]) == (200, True)
