"""Counts: what is asked when they do not add up, and how many were left behind."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.boardings import MOST, Count, Doubt, Question, left_behind_class, questions
from tests.builders import a_schedule, a_timetable, trips

ROUND = a_schedule(a_timetable("round", trips("round", "weekday", "10:00"))).departure("2026-11-16.round-weekday-1000")
"""Out from Vågsbunnen over both centres and home."""
ONE_WAY = a_schedule().departure("2026-11-16.gyldenpris-weekday-1000")
assert ONE_WAY.date == date(2026, 11, 16)


def count(stop: str, boardings: int, alightings: int | None = None) -> Count:
    return Count("d", stop, boardings, alightings)


def test_a_load_above_the_seats_is_asked_about_where_it_first_is() -> None:
    counts = [count("vagsbunnen", 5, 0), count("mo-gyldenpris", 4, 0), count("mo-nesttun", 1, 0)]
    assert questions(ROUND, counts, seats=8) == [
        Question(Doubt.ABOVE_SEATS, "mo-gyldenpris", 9),
        Question(Doubt.NOT_EMPTY_AT_END, "vagsbunnen", 10),
    ]


def test_seats_that_are_not_known_are_not_asked_about() -> None:
    assert questions(ONE_WAY, [count("vagsbunnen", 900)], seats=None) == []


def test_more_off_than_on_is_asked_about() -> None:
    counts = [count("vagsbunnen", 2), count("mo-gyldenpris", 0, 5)]
    assert questions(ONE_WAY, counts, 8) == [Question(Doubt.BELOW_ZERO, "mo-gyldenpris", -3)]


def test_the_end_is_asked_about_only_if_somebody_looked_at_who_got_off_there() -> None:
    assert questions(ONE_WAY, [count("vagsbunnen", 4), count("mo-gyldenpris", 0)], 8) == []
    assert questions(ONE_WAY, [count("vagsbunnen", 4), count("mo-gyldenpris", 0, 3)], 8) == [
        Question(Doubt.NOT_EMPTY_AT_END, "mo-gyldenpris", 1)
    ]


@given(st.lists(st.integers(0, 4), min_size=2, max_size=2))
def test_counts_that_add_up_raise_no_question(off: list[int]) -> None:
    counts = [count("vagsbunnen", sum(off), 2), count("mo-gyldenpris", 2, off[0]), count("mo-nesttun", 0, off[1])]
    assert questions(ROUND, counts, seats=10) == []


def test_a_count_without_wheelchairs_is_known_by_the_same_words_as_before_they_could_be_counted() -> None:
    assert Count("d", "s", 4).fingerprint() == "3e4a8c093a29d649a7b81676506dea3a"
    assert Count("d", "s", 4, wheelchairs=0).fingerprint() != Count("d", "s", 4).fingerprint()


@pytest.mark.parametrize(
    ("number", "name"), [(0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (6, "6+"), (MOST, "6+")]
)
def test_how_many_were_left_behind_is_told_in_classes(number: int, name: str) -> None:
    assert left_behind_class(number) == name
