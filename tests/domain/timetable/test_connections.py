"""Connections between two stops, headsigns, and the end of a service day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.timetable.connections import stops_ahead
from shuttle.domain.timetable.departures import DepartureStatus, Schedule
from shuttle.domain.timetable.network import Pattern
from shuttle.language import words
from shuttle.language.headsigns import headsign
from tests.builders import (
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    trips,
    two_centres,
    with_changes,
)
from tests.conftest import OSLO
from tests.naive import naive_connections
from tests.strategies import ANCHORS, any_schedule, window

MONDAY, SATURDAY = date(2026, 11, 23), date(2026, 11, 28)
TOWN, GYLDENPRIS, NESTTUN = "vagsbunnen", "mo-gyldenpris", "mo-nesttun"
STOPS = (TOWN, GYLDENPRIS, NESTTUN)


def times(schedule: Schedule, origin: str, destination: str, day: date = MONDAY) -> list[tuple[str, str]]:
    return [
        (time_of_day_text(each.departs), time_of_day_text(each.arrives))
        for each in schedule.connections_on(day, origin, destination)
    ]


def along(*stops: str) -> Schedule:
    """One trip at 10.00 along the stops, ten minutes from each to the next."""
    schedule = a_schedule(a_timetable(several=trips("tour", "weekday", "10:00")))
    patterns = (*schedule.network.patterns, Pattern(id="tour", stops=stops, headsign="Rundt"))
    return replace(schedule, network=replace(schedule.network, patterns=patterns))


def test_a_trip_that_serves_two_centres_is_a_connection_to_both() -> None:
    schedule = two_centres()
    assert times(schedule, TOWN, GYLDENPRIS) == [
        ("10:00", "10:10"), ("12:00", "12:35"), ("15:00", "15:10"), ("17:00", "17:35"),
    ]  # fmt: skip
    assert times(schedule, TOWN, NESTTUN) == [
        ("10:00", "10:25"), ("12:00", "12:20"), ("15:00", "15:25"), ("17:00", "17:20"),
    ]  # fmt: skip
    assert times(schedule, GYLDENPRIS, NESTTUN) == [("10:10", "10:25"), ("15:10", "15:25")]
    assert times(schedule, GYLDENPRIS, TOWN) == [
        ("10:10", "10:45"), ("12:35", "12:45"), ("15:10", "15:45"), ("17:35", "17:45"),
    ]  # fmt: skip
    assert times(schedule, NESTTUN, TOWN) == [
        ("10:25", "10:45"), ("12:20", "12:45"), ("15:25", "15:45"), ("17:20", "17:45"),
    ]  # fmt: skip


def test_a_connection_names_the_stops_between() -> None:
    via = [each.via for each in two_centres().connections_on(MONDAY, TOWN, GYLDENPRIS)]
    assert via == [(), (NESTTUN,), (), (NESTTUN,)]


def test_of_two_rides_on_one_trip_the_first_to_arrive_is_shown() -> None:
    there_and_back = along(TOWN, GYLDENPRIS, NESTTUN, GYLDENPRIS, TOWN)
    assert times(there_and_back, TOWN, GYLDENPRIS) == [("10:00", "10:10")]
    assert times(there_and_back, NESTTUN, GYLDENPRIS) == [("10:20", "10:30")]


def test_a_ride_does_not_pass_the_boarding_stop_again() -> None:
    home_between = along(TOWN, NESTTUN, TOWN, GYLDENPRIS)
    assert times(home_between, TOWN, GYLDENPRIS) == [("10:20", "10:30")]
    assert times(home_between, NESTTUN, GYLDENPRIS) == [("10:10", "10:30")]


def test_a_round_is_no_connection_from_a_stop_to_itself() -> None:
    assert times(two_centres(), TOWN, TOWN) == []


def test_a_faster_departure_hides_no_slower_one() -> None:
    schedule = a_schedule(
        a_timetable(several=trips("round", "weekday", "10:00") + trips("nesttun", "weekday", "10:05"))
    )
    assert times(schedule, TOWN, NESTTUN) == [("10:00", "10:20"), ("10:05", "10:15")]


def test_a_cancelled_departure_stays_as_cancelled() -> None:
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1200", MONDAY))
    states = [each.departure.status for each in schedule.connections_on(MONDAY, TOWN, GYLDENPRIS)]
    assert states[:2] == [DepartureStatus.SCHEDULED, DepartureStatus.CANCELLED]


def test_moved_and_extra_departures_stand_where_their_time_is() -> None:
    moved = a_retiming("gyldenpris-weekday-1000", MONDAY, "16:00")
    schedule = with_changes(a_schedule(), moved, an_extra("round", MONDAY, "11:00"))
    assert times(schedule, TOWN, GYLDENPRIS)[:4] == [
        ("11:00", "11:10"), ("12:00", "12:10"), ("15:00", "15:10"), ("16:00", "16:10"),
    ]  # fmt: skip
    assert times(schedule, GYLDENPRIS, TOWN) == [("11:10", "11:30")]


def test_a_regular_table_has_no_changes_of_a_date() -> None:
    schedule = with_changes(
        a_schedule(), a_cancellation("gyldenpris-weekday-1200", MONDAY), an_extra("round", MONDAY, "11:00")
    )
    regular = schedule.regular_connections(schedule.timetables[0], "weekday", MONDAY)
    assert [time_of_day_text(each.departs) for each in regular[TOWN, GYLDENPRIS]] == [
        "10:00",
        "12:00",
        "15:00",
        "17:00",
        "18:30",
    ]
    assert list(regular) == [(TOWN, GYLDENPRIS)]


@given(anchor=st.sampled_from(ANCHORS), data=st.data())
@settings(max_examples=25)
def test_connections_are_what_a_naive_resolver_finds(anchor: date, data: st.DataObject) -> None:
    schedule = data.draw(any_schedule(anchor))
    for day in window(anchor):
        for origin, destination in permutations(STOPS, 2):
            connections = [
                (each.departure.trip, each.departs, each.arrives)
                for each in schedule.connections_on(day, origin, destination)
                if each.departure.runs
            ]
            assert sorted(connections) == sorted(naive_connections(schedule, day, origin, destination))
            assert [minutes for _, *minutes in connections] == sorted(minutes for _, *minutes in connections)


# Headsigns


@pytest.mark.parametrize(
    ("stops", "sequence", "ahead"),
    [
        ("TGNT", 1, "GN"), ("TGNT", 2, "NT"), ("TGNT", 3, "T"), ("TGNT", 4, ""),
        ("TG", 1, "G"), ("TGT", 1, "G"), ("TGNGT", 2, "NT"), ("TGNGT", 3, "GT"), ("TNTG", 1, "NG"), ("TNTG", 3, "G"),
    ],
)  # fmt: skip
def test_a_headsign_lists_every_stop_ahead(stops: str, sequence: int, ahead: str) -> None:
    assert "".join(stops_ahead(stops, sequence)) == ahead


def test_a_headsign_names_all_that_is_ahead_at_each_call() -> None:
    schedule = two_centres()
    departure = schedule.departures_on(MONDAY).departures[0]
    shown = [headsign(schedule.network, departure, words("nb"), call) for call in departure.calls]
    assert shown == ["MO Gyldenpris og MO Nesttun", "MO Nesttun og Vågsbunnen", "Vågsbunnen", ""]
    assert headsign(schedule.network, departure, words("en")) == "MO Gyldenpris and MO Nesttun"


def test_a_pattern_keeps_its_own_wording_for_its_only_place() -> None:
    schedule = a_schedule()
    patterns = tuple(replace(pattern, headsign="Brukerrommet") for pattern in schedule.network.patterns)
    schedule = replace(schedule, network=replace(schedule.network, patterns=patterns))
    (departure, *_) = schedule.departures_on(MONDAY).departures
    assert headsign(schedule.network, departure, words("nb")) == "Brukerrommet"


# The end of a service day


def test_a_service_day_lasts_until_an_hour_after_its_last_arrival() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "10:00", "25:10")))
    at = datetime(2026, 11, 24, 1, 20, tzinfo=OSLO)
    assert schedule.days_in_service(at + timedelta(minutes=59), OSLO) == (MONDAY, date(2026, 11, 24))
    assert schedule.days_in_service(at + timedelta(minutes=60), OSLO) == (date(2026, 11, 24),)
    assert schedule.days_in_service(datetime(2026, 11, 23, 12, tzinfo=UTC), OSLO) == (MONDAY,)


def test_a_cancelled_last_departure_keeps_its_service_day_in_progress() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "25:10")))
    schedule = with_changes(schedule, a_cancellation("gyldenpris-weekday-2510", MONDAY))
    assert MONDAY in schedule.days_in_service(datetime(2026, 11, 24, 1, 15, tzinfo=OSLO), OSLO)
