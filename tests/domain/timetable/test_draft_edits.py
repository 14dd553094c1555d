"""Draft edits, applied and undone."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.trips import Trip

TRIPS = st.sets(st.integers(0, 30)).map(lambda minutes: [Trip("p", "weekday", minute) for minute in sorted(minutes)])


@given(st.lists(TRIPS, min_size=1, max_size=6))
def test_edits_can_be_undone_in_turn_and_applied_again(drafts: list[list[Trip]]) -> None:
    steps = [DraftEdit.between(before, after) for before, after in pairwise(drafts)]
    trips: tuple[Trip, ...] = tuple(drafts[-1])
    for step, expected in zip(reversed(steps), drafts[-2::-1], strict=True):
        trips = step.back.applied(trips)
        assert set(trips) == set(expected) and len(trips) == len(expected)
    for step in steps:
        trips = step.applied(trips)
    assert set(trips) == set(drafts[-1])


def test_an_edit_of_equal_sets_of_trips_changes_nothing() -> None:
    one, other = Trip("p", "weekday", 600), Trip("p", "weekday", 700)
    assert DraftEdit.between([one, other], [other, one]).changes_nothing
    assert not DraftEdit.between([one], [one, other]).changes_nothing
