"""The roll-up equals its observations after any counts in any order; damage is detected and repaired."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import NotAllowed
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.summaries import Amounts, Grouping, Span
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.timetable.changes import change_departure
from shuttle.store.ridership import sums as store
from shuttle.store.ridership.rollup import Difference

ADMIN = Person("a", "Admin", Role.ADMIN)
OBSERVERS = (Person("d1", "Bus", Role.DRIVER), Person("d2", "Bus 2", Role.DRIVER), Person("s1", "Door", Role.STAFF))
DAY = date(2026, 11, 23)
TRIPS = ("gyldenpris-weekday-1000", "gyldenpris-weekday-1200")

Observed = tuple[Person, str, str, int, int | None, int | None, bool | None]
"""Observer, trip, stop, boardings, alightings, left behind, full."""

observed_counts = st.tuples(
    st.sampled_from(OBSERVERS),
    st.sampled_from(TRIPS),
    st.sampled_from(("vagsbunnen", "mo-gyldenpris")),
    st.integers(0, 30),
    st.none() | st.integers(0, 30),
    st.none() | st.sampled_from((0, 1, 2, 3, 6)),
    st.none() | st.booleans(),
)


def record(context: AppContext, number: int, observed: Observed) -> None:
    person, trip, stop, boardings, alightings, left_behind, full = observed
    count = Count(
        departure=f"{DAY}.{trip}",
        stop=stop,
        boardings=boardings,
        alightings=alightings,
        left_behind=left_behind,
        full=full,
    )
    record_and_wait(context, person, count, f"key-{number}")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=st.lists(observed_counts, max_size=12))
def test_after_any_counts_the_sums_equal_the_counts_that_hold(context: AppContext, counts: list[Observed]) -> None:
    start = next(_numbers) * 1000
    for number, observed in enumerate(counts):
        record(context, start + number, observed)
    assert rollup.check(context, ADMIN) == []


_numbers = iter(range(1, 10_000))


def damage(context: AppContext, statement: str) -> None:
    with context.transaction() as session:
        session.execute(text(statement))


DAMAGES = {
    "a sum too high": "UPDATE ridership_by_hour SET boardings = boardings + 1",
    "a lost sum": "DELETE FROM ridership_by_trip",
    "a lost count": "DELETE FROM counts WHERE stop = 'vagsbunnen'",
    "an invented count": "UPDATE counts SET alightings = 9 WHERE stop = 'mo-gyldenpris'",
    "the wrong one holds": "UPDATE counts SET holds = (source = 's1')",
}


@pytest.mark.parametrize("statement", DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_named_and_repaired(context: AppContext, statement: str) -> None:
    record(context, 1, (OBSERVERS[0], TRIPS[0], "vagsbunnen", 4, None, None, True))
    record(context, 2, (OBSERVERS[2], TRIPS[0], "vagsbunnen", 5, None, None, None))
    record(context, 3, (OBSERVERS[0], TRIPS[0], "mo-gyldenpris", 0, 4, 1, None))
    with context.reading() as session:
        before = store.sums(session, Span(DAY, DAY), (Grouping.STOP, Grouping.HOUR))
    damage(context, statement)
    assert rollup.check(context, ADMIN) != []
    assert rollup.rebuild(context, ADMIN) != []
    assert rollup.check(context, ADMIN) == []
    with context.reading() as session:
        assert store.sums(session, Span(DAY, DAY), (Grouping.STOP, Grouping.HOUR)) == before


def test_a_rebuild_from_nothing_takes_the_hour_from_the_timetable(context: AppContext) -> None:
    record(context, 1, (OBSERVERS[0], TRIPS[0], "vagsbunnen", 4, None, None, None))
    for table in ("counts", "ridership_by_hour", "ridership_by_trip"):
        damage(context, f"DELETE FROM {table}")
    rollup.rebuild(context, ADMIN)
    with context.reading() as session:
        assert store.sums(session, Span(DAY, DAY), (Grouping.HOUR,)) == {(10,): Amounts(4, counts=1)}


def test_a_difference_names_its_row(context: AppContext) -> None:
    record(context, 1, (OBSERVERS[0], TRIPS[0], "vagsbunnen", 4, None, None, None))
    damage(context, "DELETE FROM ridership_by_trip")
    assert rollup.check(context, ADMIN) == [Difference("ridership_by_trip", False, (DAY, TRIPS[0], 4, 0, 0, 0, 1))]


def test_a_correction_after_a_delay_stays_in_the_planned_hour(context: AppContext) -> None:
    departure = f"{DAY}.{TRIPS[0]}"
    record(context, 1, (OBSERVERS[0], TRIPS[0], "vagsbunnen", 4, None, None, None))
    with context.transaction() as session:
        change_departure(
            session,
            ADMIN,
            departure,
            ChangeKind.RETIME,
            ReasonCode.OTHER,
            11 * 60 + 5,
            context.now(),
            despite_counts=True,
        )
    record(context, 2, (OBSERVERS[0], TRIPS[0], "vagsbunnen", 5, None, None, None))
    assert rollup.check(context, ADMIN) == []
    with context.reading() as session:
        assert store.sums(session, Span(DAY, DAY), (Grouping.HOUR,)) == {(10,): Amounts(5, counts=1)}


def test_only_an_administrator_may_rebuild(context: AppContext) -> None:
    with pytest.raises(NotAllowed):
        rollup.rebuild(context, OBSERVERS[2])
