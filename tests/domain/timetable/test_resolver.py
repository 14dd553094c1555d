"""Property tests of the resolver: it agrees with a naive computation on any timetables, changes and overrides."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.timetable.departures import DayOfService, DepartureStatus, Schedule
from tests.builders import a_retiming, a_schedule, an_extra, with_changes
from tests.naive import Times, naive_day_type, naive_departures
from tests.strategies import ANCHORS, any_schedule, window

DAY = date(2026, 5, 15)
T = TypeVar("T")


def as_naive(day: DayOfService) -> dict[str, tuple[DepartureStatus, Times]]:
    return {
        departure.trip: (
            departure.status,
            tuple((call.stop, call.arrives, call.departs) for call in departure.calls),
        )
        for departure in day.departures
    }


@given(st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))))
def test_the_resolver_agrees_with_a_naive_recomputation(case: tuple[date, Schedule]) -> None:
    anchor, schedule = case
    for day in window(anchor):
        resolved = schedule.departures_on(day)
        assert resolved.service_day.day_type == naive_day_type(schedule, day)
        assert as_naive(resolved) == naive_departures(schedule, day)


@given(st.sampled_from(ANCHORS).flatmap(lambda anchor: st.tuples(st.just(anchor), any_schedule(anchor))), st.randoms())
def test_the_order_of_entry_does_not_matter(case: tuple[date, Schedule], random: Random) -> None:
    anchor, schedule = case

    def mixed(several: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(random.sample(several, len(several)))

    other = replace(
        schedule,
        timetables=mixed(schedule.timetables),
        publications=mixed(schedule.publications),
        changes=mixed(schedule.changes),
        calendar=replace(schedule.calendar, overrides=mixed(schedule.calendar.overrides)),
    )
    assert [schedule.departures_on(day) for day in window(anchor)] == [
        other.departures_on(day) for day in window(anchor)
    ]


def test_departures_stand_in_order_of_time() -> None:
    schedule = with_changes(
        a_schedule(), a_retiming("gyldenpris-weekday-1000", DAY, "19:00"), an_extra("nesttun", DAY, "09:00")
    )
    minutes = [departure.departs for departure in schedule.departures_on(DAY).departures]
    assert minutes == sorted(minutes)


@pytest.mark.parametrize("day", [date(2024, 9, 30), date(1900, 1, 1), date(9998, 12, 31)])
def test_a_date_without_a_timetable_has_no_departures(day: date) -> None:
    assert a_schedule(last=date(2027, 1, 1)).departures_on(day).departures == ()
