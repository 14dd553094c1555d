"""A database that syncs to disk, a token, a day to count on, and a running program."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from tests.conftest import OSLO
from tests.faults.program import READ, Program, Readers, Senders

ADMIN = Person("a", "Admin", Role.ADMIN)


@pytest.fixture
def own_context(database_url: str) -> Iterator[AppContext]:
    """A connection to the database beside the program, with the real clock."""
    context = open_app_context(database_url, OSLO)
    yield context
    context.close()


@pytest.fixture
def program(database_url: str, tmp_path: Path) -> Iterator[Program]:
    with Program(database_url, tmp_path).running() as running:
        yield running


@pytest.fixture
def senders(program: Program, own_context: AppContext) -> Iterator[Senders]:
    """Devices that count on the departures of a week, few enough that they correct one another."""
    with own_context.transaction() as session:
        token = create_token(session, ADMIN, Role.STAFF, "tablet", own_context.now())
    schedule, today = own_context.schedule(), own_context.today()
    days = [today - timedelta(days) for days in range(1, 8)]
    departures = [departure.id for day in days for departure in schedule.departures_on(day).departures]
    devices = Senders(program, token, departures)
    yield devices
    devices.stop()


@pytest.fixture
def readers(program: Program, senders: Senders) -> Iterator[Readers]:
    clients = Readers(program, READ, senders.token)
    yield clients
    clients.stop()
