"""Corrections: which count holds, who may correct, and for how long."""

from datetime import datetime, time, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, Refused
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.summaries import Grouping, Span
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from shuttle.services.ridership.boardings import StopCounts, counts_of, record_and_wait
from shuttle.services.ridership.corrections import Correction, correct_count
from shuttle.store.operation.audit_log import latest_entries
from shuttle.store.ridership import sums
from tests.conftest import OSLO

DRIVER = Person("d", "Kari", Role.DRIVER)
STAFF = Person("s", "Ola", Role.STAFF)
PLANNER = Person("p", "Siv", Role.PLANNER)
ADMIN = Person("a", "Admin", Role.ADMIN)
TRIP, STOP = "gyldenpris-weekday-1000", "vagsbunnen"
KEPT = 90


def departure(context: AppContext, days: int = 3) -> str:
    return f"{context.today() - timedelta(days)}.{TRIP}"


def count(
    context: AppContext, person: Person, boardings: int, key: str, clock: str = "10:01", alightings: int | None = None
) -> None:
    day = context.today() - timedelta(3)
    recorded = datetime.combine(day, time.fromisoformat(clock), OSLO)
    record_and_wait(
        context,
        person,
        Count(
            departure=departure(context), stop=STOP, boardings=boardings, alightings=alightings, recorded_at=recorded
        ),
        key,
    )


def correct(context: AppContext, boardings: int, key: str = "c", person: Person = STAFF, days: int = 3) -> None:
    correction = Correction(
        departure=departure(context, days), stop=STOP, boardings=boardings, alightings=None, reason="miscounted"
    )
    correct_count(context, person, correction, key, KEPT)


def at_stop(context: AppContext) -> StopCounts:
    with context.reading() as session:
        found = counts_of(session, ADMIN, context.departure(departure(context)))
    return next(each for each in found if each.stop == STOP)


def summed(context: AppContext) -> int:
    day = context.today() - timedelta(3)
    with context.reading() as session:
        return sum(each.boardings for each in sums.sums(session, Span(day, day), (Grouping.DAY,)).values())


def test_a_planner_s_correction_stands_above_thirty_on_an_eight_seat_bus(context: AppContext) -> None:
    count(context, DRIVER, 30, "a")
    correct(context, 3, person=PLANNER)
    found = at_stop(context)
    assert found.held and (found.held.count.boardings, found.held.role, found.held.reason) == (
        3,
        "correction",
        "miscounted",
    )
    assert len(found.observations) == 2 and not found.disputed
    assert summed(context) == 3
    count(context, DRIVER, 31, "b", "10:05")
    assert summed(context) == 3
    assert rollup.check(context, ADMIN) == []


def test_the_later_of_two_corrections_holds(context: AppContext) -> None:
    count(context, DRIVER, 30, "a")
    correct(context, 3, "c1")
    correct(context, 4, "c2", PLANNER)
    assert summed(context) == 4
    rollup.rebuild(context, ADMIN)
    assert summed(context) == 4 and rollup.check(context, ADMIN) == []


def test_of_one_person_s_counts_the_latest_recorded_holds(context: AppContext) -> None:
    """The phone without coverage sends its older count after the newer one."""
    count(context, DRIVER, 4, "newer", "10:05")
    count(context, DRIVER, 2, "older", "10:01")
    found = at_stop(context)
    assert found.held and found.held.count.boardings == 4
    assert not found.disputed and summed(context) == 4
    rollup.rebuild(context, ADMIN)
    assert summed(context) == 4 and rollup.check(context, ADMIN) == []


def test_alightings_that_one_did_not_look_at_are_no_dispute(context: AppContext) -> None:
    count(context, DRIVER, 4, "a")
    count(context, STAFF, 4, "b", alightings=2)
    day = context.today() - timedelta(3)
    assert not at_stop(context).disputed
    with context.reading() as session:
        assert sums.disputed(session, Span(day, day), 10) == []


def test_a_correction_settles_a_dispute(context: AppContext) -> None:
    count(context, DRIVER, 4, "a")
    count(context, STAFF, 3, "b")
    day = context.today() - timedelta(3)
    with context.reading() as session:
        [dispute] = sums.disputed(session, Span(day, day), 10)
    assert [(each.role, each.boardings, each.alightings) for each in dispute.words] == [
        ("driver", 4, None),
        ("staff", 3, None),
    ]
    correct(context, 3)
    with context.reading() as session:
        assert sums.disputed(session, Span(day, day), 10) == []


def test_a_correction_sent_twice_is_stored_once_and_logged_once(context: AppContext) -> None:
    count(context, DRIVER, 30, "a")
    correct(context, 3)
    correct(context, 3)
    with context.reading() as session:
        logged = [entry for entry in latest_entries(session, 100) if entry.act == "correct-count"]
    assert [(entry.person, entry.details["before"], entry.details["after"]) for entry in logged] == [
        ("Ola", "30/-", "3/-")
    ]
    with pytest.raises(Invalid) as refused:
        correct(context, 5)
    assert refused.value.code == "idempotency-key-reused"


def test_drivers_and_tablets_do_not_correct(context: AppContext) -> None:
    for person in (DRIVER, Person("t", "tablet", Role.STAFF, "mo-gyldenpris")):
        with pytest.raises(NotAllowed):
            correct(context, 3, person=person)


def test_counts_are_corrected_as_long_as_exact_counts_are_kept(context: AppContext) -> None:
    correct(context, 3, "c1", days=84)
    with pytest.raises(Refused) as refused:
        correct(context, 3, "c2", days=91)
    assert refused.value.code == "counts-forgotten"
    with pytest.raises(Refused) as refused:
        correct(context, 3, "c3", days=-7)
    assert refused.value.code == "not-left-yet"
