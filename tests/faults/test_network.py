"""The network to PostgreSQL is slow, stalls or breaks while eight devices count and four clients read.

Each request gets a good answer, or 503 with Retry-After. The service recovers by itself.
"""

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.ridership import rollup
from tests.conftest import OSLO, address, execute_on, filled_template, postgres
from tests.faults.conftest import ADMIN
from tests.faults.network import Line, line_to
from tests.faults.program import AT_LENGTH, LONGEST_REQUEST, Readers, Senders, unfit
from tests.faults.test_kill import lost, stored

pytestmark = pytest.mark.slow

BACK_WITHIN = 60.0
PEOPLE = 12
"""Eight devices and four readers."""


@pytest.fixture
def address_by_line() -> Iterator[tuple[Line, str, str]]:
    """A proxy to a filled database, the address through it, and the address without it."""
    name = f"line_{uuid4().hex[:8]}"
    execute_on(postgres(), f"CREATE DATABASE {name} TEMPLATE {filled_template()}")
    straight = address(postgres(), name)
    with line_to(postgres().set(drivername="postgresql", database=name)) as (line, over_it):
        yield line, over_it, straight
    execute_on(postgres(), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def line(address_by_line: tuple[Line, str, str]) -> Line:
    return address_by_line[0]


@pytest.fixture
def database_url(address_by_line: tuple[Line, str, str]) -> str:
    return address_by_line[1]


@pytest.fixture
def own_context(address_by_line: tuple[Line, str, str]) -> Iterator[AppContext]:
    """A connection to the database that bypasses the proxy."""
    context = open_app_context(address_by_line[2], OSLO)
    yield context
    context.close()


def refused(senders: Senders, readers: Readers) -> int:
    return sum(answer.status == 503 for answer in senders.answers + readers.answers)


def verify_load(senders: Senders, readers: Readers, context: AppContext) -> None:
    """Ends the load and verifies it: every answer in time and allowed, and no count lost."""
    senders.stop()
    readers.stop()
    answers = senders.answers + readers.answers
    assert unfit(answers) == set()
    assert max(answer.seconds for answer in answers) <= LONGEST_REQUEST
    assert senders.statuses <= {200, 201, 503}
    assert lost(senders.acknowledged, stored(context)) == []
    assert rollup.check(context, ADMIN) == []


def test_a_line_that_holds_still_costs_503(
    line: Line, senders: Senders, readers: Readers, own_context: AppContext
) -> None:
    senders.start()
    readers.start()
    senders.wait_for(20)
    line.hold()
    began = time.monotonic()
    while refused(senders, readers) < PEOPLE:
        assert time.monotonic() - began < 3 * LONGEST_REQUEST, "nobody was told to come back"
        time.sleep(0.05)
    line.release()
    senders.wait_for(1, BACK_WITHIN)
    senders.wait_for(20)
    verify_load(senders, readers, own_context)


def test_a_line_that_breaks_costs_503_until_it_is_mended(
    line: Line, senders: Senders, readers: Readers, own_context: AppContext
) -> None:
    senders.start()
    readers.start()
    senders.wait_for(20)
    line.reset()
    began = time.monotonic()
    while refused(senders, readers) < PEOPLE:
        assert time.monotonic() - began < LONGEST_REQUEST, "nobody was told to come back"
        time.sleep(0.05)
    line.release()
    senders.wait_for(1, BACK_WITHIN)
    senders.wait_for(20)
    verify_load(senders, readers, own_context)


def test_a_slow_line_makes_slow_answers_and_no_wrong_ones(
    line: Line, senders: Senders, readers: Readers, own_context: AppContext
) -> None:
    senders.start()
    readers.start()
    senders.wait_for(20)
    line.delay = 0.03
    senders.wait_for(20)
    if AT_LENGTH:
        line.delay = 1.5
        began = time.monotonic()
        while refused(senders, readers) < PEOPLE:
            assert time.monotonic() - began < 3 * LONGEST_REQUEST, "a line this slow is too slow"
            time.sleep(0.05)
    line.release()
    senders.wait_for(20)
    verify_load(senders, readers, own_context)
