"""Counts: questions about contradictory counts, fingerprints, classes of passengers left behind."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.ridership.boardings import MOST, Count, CountQuestion, Doubt, left_behind_class, questions
from shuttle.domain.timetable.departures import Departure
from tests.builders import a_schedule, a_timetable, trips
from tests.conftest import node

PHONE = Path(__file__).parents[3] / "shuttle" / "web" / "static" / "driver" / "questions.js"

ROUND = a_schedule(a_timetable("round", trips("round", "weekday", "10:00"))).departure("2026-11-16.round-weekday-1000")
"""From Vågsbunnen over both centres and back."""
ONE_WAY = a_schedule().departure("2026-11-16.gyldenpris-weekday-1000")
assert ONE_WAY.date == date(2026, 11, 16)


def count(stop: str, boardings: int, alightings: int | None = None) -> Count:
    return Count(departure="d", stop=stop, boardings=boardings, alightings=alightings)


def test_a_load_above_the_seats_is_questioned_at_its_first_stop() -> None:
    counts = [count("vagsbunnen", 5, 0), count("mo-gyldenpris", 4, 0), count("mo-nesttun", 1, 0)]
    assert questions(ROUND, counts, seats=8) == [
        CountQuestion(Doubt.ABOVE_SEATS, "mo-gyldenpris", 9),
        CountQuestion(Doubt.NOT_EMPTY_AT_END, "vagsbunnen", 10),
    ]


def test_a_load_is_not_questioned_when_the_seats_are_unknown() -> None:
    assert questions(ONE_WAY, [count("vagsbunnen", 900)], seats=None) == []


def test_more_alightings_than_boardings_are_questioned() -> None:
    counts = [count("vagsbunnen", 2), count("mo-gyldenpris", 0, 5)]
    assert questions(ONE_WAY, counts, 8) == [CountQuestion(Doubt.BELOW_ZERO, "mo-gyldenpris", -3)]


def test_alightings_are_not_questioned_before_boardings_are_counted() -> None:
    assert questions(ONE_WAY, [count("mo-gyldenpris", 0, 5)], 8) == []


counts_of_a_round = st.dictionaries(
    st.sampled_from(["vagsbunnen", "mo-gyldenpris", "mo-nesttun"]),
    st.tuples(st.integers(0, 9), st.none() | st.integers(0, 9)),
)


@settings(max_examples=1)
@given(
    st.lists(
        st.tuples(st.sampled_from([ROUND, ONE_WAY]), counts_of_a_round, st.none() | st.integers(0, 9)), min_size=300
    )
)
def test_a_phone_without_coverage_asks_the_same(cases: list[tuple[Departure, dict[str, Any], int | None]]) -> None:
    """The rules exist in Python and, for the phone, in JavaScript."""
    inputs = [
        [
            [call.stop for call in departure.calls],
            {stop: {"boardings": on, "alightings": off} for stop, (on, off) in counted.items()},
            seats,
        ]
        for departure, counted, seats in cases
    ]
    script = f"import {{ questionsOf }} from {json.dumps(PHONE.as_uri())};" + (
        "let all = ''; for await (const part of process.stdin) all += part;"
        "console.log(JSON.stringify(JSON.parse(all).map((each) => questionsOf(...each))));"
    )
    command = [node(), "--input-type=module", "--eval", script]
    process = subprocess.run(command, input=json.dumps(inputs).encode(), capture_output=True, timeout=60, check=True)
    for (departure, counted, seats), on_phone in zip(cases, json.loads(process.stdout), strict=True):
        counts = [count(stop, *amounts) for stop, amounts in counted.items()]
        assert [
            CountQuestion(Doubt(each["question"]), each["stop"], each["on_board"]) for each in on_phone
        ] == questions(departure, counts, seats)


def test_the_end_is_questioned_only_if_alightings_were_counted_there() -> None:
    assert questions(ONE_WAY, [count("vagsbunnen", 4), count("mo-gyldenpris", 0)], 8) == []
    assert questions(ONE_WAY, [count("vagsbunnen", 4), count("mo-gyldenpris", 0, 3)], 8) == [
        CountQuestion(Doubt.NOT_EMPTY_AT_END, "mo-gyldenpris", 1)
    ]


@given(st.lists(st.integers(0, 4), min_size=2, max_size=2))
def test_counts_that_add_up_raise_no_question(off: list[int]) -> None:
    counts = [count("vagsbunnen", sum(off), 2), count("mo-gyldenpris", 2, off[0]), count("mo-nesttun", 0, off[1])]
    assert questions(ROUND, counts, seats=10) == []


def test_a_count_without_wheelchairs_keeps_its_old_fingerprint() -> None:
    assert Count(departure="d", stop="s", boardings=4).fingerprint() == "3e4a8c093a29d649a7b81676506dea3a"
    assert (
        Count(departure="d", stop="s", boardings=4, wheelchairs=0).fingerprint()
        != Count(departure="d", stop="s", boardings=4).fingerprint()
    )


@pytest.mark.parametrize(
    ("number", "name"), [(0, "0"), (1, "1"), (2, "2"), (3, "3-5"), (5, "3-5"), (6, "6+"), (MOST, "6+")]
)
def test_the_number_left_behind_has_a_class(number: int, name: str) -> None:
    assert left_behind_class(number) == name
