"""Random acts of many API clients on two workers: counts, changes, calendar overrides, drafts, publications and reads.

The sums equal the counts, each client reads back its writes, one timetable applies on a date, and the only 5xx is 503
with Retry-After. SHUTTLE_ACTS sets the number of acts: few by default on SQLite, 20,000 on each database at length.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from shuttle.domain.access.permissions import Role
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from tests.faults.conftest import ADMIN
from tests.faults.everybody import PUT_OFF, Everybody, Person
from tests.faults.program import AT_LENGTH, Program

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("database_url", ["sqlite", "postgres"] if AT_LENGTH else ["sqlite"], indirect=True),
]

ACTS = int(os.environ.get("SHUTTLE_ACTS", "20000" if AT_LENGTH else "96"))
PEOPLE = 8


@pytest.fixture
def program(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    monkeypatch.setenv("SHUTTLE_WORKERS", "2")
    monkeypatch.setenv("SHUTTLE_WRITES_A_MINUTE", "0")
    monkeypatch.setenv("SHUTTLE_LOG_LEVEL", "warning")
    with Program(database_url, tmp_path).running() as running:
        yield running


@pytest.fixture
def everybody(program: Program, own_context: AppContext) -> Everybody:
    schedule, today, now = own_context.schedule(), own_context.today(), own_context.now()
    days = [today - timedelta(days) for days in range(1, 8)]
    departures = [departure.id for day in days for departure in schedule.departures_on(day).departures]
    people = []
    with own_context.transaction() as session:
        for number in range(PEOPLE):
            staff, planner = (
                create_token(session, ADMIN, role, f"{role}-{number}", now) for role in (Role.STAFF, Role.PLANNER)
            )
            people.append(Person(number, program, staff, planner, today, departures))
    return Everybody(people)


def test_whatever_everybody_does_at_once_the_invariants_hold(
    everybody: Everybody, own_context: AppContext, record_property: Callable[[str, object], None]
) -> None:
    everybody.do(ACTS)
    assert everybody.broken == []
    assert everybody.done.total() >= ACTS
    assert everybody.done[PUT_OFF] <= ACTS / 100, "503 is rare, even on a busy machine"
    for act, number in everybody.done.items():
        record_property(act, number)
    assert rollup.check(own_context, ADMIN) == []
    schedule = own_context.schedule()
    for one, other in combinations(schedule.publications, 2):
        assert one.layer != other.layer or not one.valid.overlaps(other.valid), "which of the two applies?"
    for earlier, later in pairwise(period.valid for period in schedule.periods):
        assert later.first
        assert earlier.last
        assert earlier.last < later.first
    for person in everybody.people:
        for (departure, _), mine in person.latest.items():
            (stop,) = [
                each
                for each in person.ask("GET", f"/departures/{departure}/boardings")[1]["stops"]
                if each["stop"] == "vagsbunnen"
            ]
            assert mine in {each["id"] for each in stop["observations"]}
