"""Alive and ready, which are two things."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from shuttle.services.house import House
from shuttle.web import health


def test_a_process_that_answers_is_alive_whatever_the_database_does(client: TestClient, house: House) -> None:
    with house.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert client.get("/healthz").json() == {"status": "alive"}


def test_it_is_ready_when_database_schema_and_disk_are_well(client: TestClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "schema": "ok", "disk": "ok"}
    assert answer.headers["cache-control"] == "no-store"


def test_another_schema_is_not_ready_and_says_so(client: TestClient, house: House) -> None:
    with house.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers
    assert "schema" in answer.json()["detail"]


def test_a_full_disk_is_not_ready(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 60)
    answer = client.get("/readyz")
    assert (answer.status_code, "disk" in answer.json()["detail"]) == (503, True)
