"""Counted departures: no count and no departure of a span is lost."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.ridership.boardings import Count, CountState, Observation
from shuttle.domain.ridership.counted_departures import Crowding, counted_span, crowding, highest_loads
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ReasonCode
from tests.builders import a_cancellation, a_schedule, a_timetable, trips, with_changes

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = date(2026, 11, 16)
LATER = datetime(2027, 1, 1, tzinfo=UTC)
ROUND = a_schedule(a_timetable("round", trips("round", "weekday", "10:00")))


def observed(departure: str, stop: str, boardings: int, alightings: int | None = None) -> Observation:
    count = Count(departure=departure, stop=stop, boardings=boardings, alightings=alightings)
    return Observation(
        id=f"{departure}{stop}",
        order=1,
        key=f"{departure}{stop}",
        count=count,
        source="somebody",
        role="driver",
        received_at=LATER,
    )


def test_a_count_of_a_trip_in_no_timetable_is_not_lost() -> None:
    lost = "2026-11-16.extra-gyldenpris-2300"
    observations = {(lost, "vagsbunnen"): [observed(lost, "vagsbunnen", 7)]}
    span = counted_span(a_schedule(), Span(MONDAY, MONDAY), observations, LATER, OSLO)
    (stop,) = span.forgotten
    assert stop.held is not None
    assert (stop.held.count.departure, stop.held.count.boardings) == (lost, 7)
    assert all(stop.state is CountState.NOT_RECORDED for counted in span.departures for stop in counted.stops)


def test_a_cancelled_departure_has_run_only_if_it_was_counted() -> None:
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1000", MONDAY))
    ten = "2026-11-16.gyldenpris-weekday-1000"
    for observations, run in ({}, False), ({(ten, "vagsbunnen"): [observed(ten, "vagsbunnen", 0)]}, True):
        span = counted_span(schedule, Span(MONDAY, MONDAY), observations, LATER, OSLO)
        (counted,) = [counted for counted in span.departures if counted.departure.id == ten]
        assert counted.was_run is run


def test_boardings_belong_to_the_first_call_and_alightings_to_the_last() -> None:
    ten = "2026-11-16.round-weekday-1000"
    observations = {(ten, "vagsbunnen"): [observed(ten, "vagsbunnen", 5, 3)]}
    (counted,) = counted_span(ROUND, Span(MONDAY, MONDAY), observations, LATER, OSLO).departures
    assert [(here.boardings, here.alightings) for here in counted.calls()] == [
        (5, None),
        (None, None),
        (None, None),
        (None, 3),
    ]


@given(
    st.dictionaries(st.sampled_from(["vagsbunnen", "mo-gyldenpris", "mo-nesttun"]), st.tuples(*[st.integers(0, 9)] * 2))
)
def test_the_calls_add_up_to_the_stops(counts: dict[str, tuple[int, int]]) -> None:
    ten = "2026-11-16.round-weekday-1000"
    observations = {(ten, stop): [observed(ten, stop, *amounts)] for stop, amounts in counts.items()}
    (counted,) = counted_span(ROUND, Span(MONDAY, MONDAY), observations, LATER, OSLO).departures
    calls = list(counted.calls())
    assert sum(here.boardings or 0 for here in calls) == sum(on for on, _ in counts.values())
    assert sum(here.alightings or 0 for here in calls) == sum(off for _, off in counts.values())


def test_full_and_left_behind_are_shares_of_departures_that_answered() -> None:
    ten, noon, three = (f"2026-11-16.gyldenpris-weekday-{time}" for time in ("1000", "1200", "1500"))
    answers: dict[str, tuple[bool | None, int | None]] = {ten: (True, 3), noon: (False, None), three: (None, 0)}
    observations = {}
    for departure, (full, left) in answers.items():
        plain = observed(departure, "vagsbunnen", 4)
        observations[departure, "vagsbunnen"] = [
            replace(plain, count=replace(plain.count, full=full, left_behind=left))
        ]
    counted = counted_span(a_schedule(), Span(MONDAY, MONDAY), observations, LATER, OSLO)
    assert crowding(counted) == Crowding(asked_full=2, full=1, asked_left=2, left=1)


def test_a_departure_that_skipped_its_only_boarding_stop_has_no_load() -> None:
    ten, noon = "2026-11-16.gyldenpris-weekday-1000", "2026-11-16.gyldenpris-weekday-1200"
    observations = {(noon, "vagsbunnen"): [observed(noon, "vagsbunnen", 4)]}
    skipped = {(ten, "vagsbunnen"): ReasonCode.ROAD_CLOSED}
    counted = counted_span(a_schedule(), Span(MONDAY, MONDAY), observations, LATER, OSLO, skipped)
    assert highest_loads(counted) == {"gyldenpris-weekday-1200": [4]}
