"""What reaches a centre while it is open."""

from dataclasses import replace
from datetime import date

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.timetable.facts.changes import Basis, with_hours
from shuttle.domain.timetable.facts.reach import reach
from tests.builders import a_schedule

MONDAY = date(2026, 11, 23)
SOURCE = Provenance("said so")


def test_arrivals_outside_the_hours_are_told_apart() -> None:
    schedule = a_schedule()
    stop = schedule.network.patterns[0].stops[-1]
    day_type = schedule.calendar.service_day(MONDAY).day_type
    everything = reach(schedule, stop, day_type, MONDAY)
    assert everything and everything.day == MONDAY
    arrivals = sorted(each.arrives for each in (*everything.reaching, *everything.closed))
    opens, closes = arrivals[0] - 10, arrivals[-1]
    times = with_hours(schedule.opening_times, stop, {day_type: ((opens, closes),)}, Basis(MONDAY, SOURCE), MONDAY)
    narrow = reach(replace(schedule, opening_times=times), stop, day_type, MONDAY)
    assert narrow and [each.arrives for each in narrow.closed] == [closes], "who arrives at closing time is too late"
    assert [each.arrives for each in narrow.reaching] == arrivals[:-1]


def test_coverage_counts_who_arrives_within_the_hour() -> None:
    schedule = a_schedule()
    stop = schedule.network.patterns[0].stops[-1]
    day_type = schedule.calendar.service_day(MONDAY).day_type
    ride = min(
        (each for each in schedule.connections_on(MONDAY, schedule.network.base_stop, stop)), key=lambda e: e.departs
    )
    window = (ride.departs - 90, ride.arrives + 1)
    times = with_hours(schedule.opening_times, stop, {day_type: (window,)}, Basis(MONDAY, SOURCE), MONDAY)
    reached = reach(replace(schedule, opening_times=times), stop, day_type, MONDAY)
    minutes = window[1] - window[0]
    within = 60 - (ride.arrives - ride.departs) + 1
    assert reached and reached.covered is not None
    assert abs(reached.covered * minutes - within) < 1e-9


def test_a_centre_that_is_closed_all_day_has_no_coverage() -> None:
    schedule = a_schedule()
    stop = schedule.network.patterns[0].stops[-1]
    day_type = schedule.calendar.service_day(MONDAY).day_type
    times = with_hours(schedule.opening_times, stop, {day_type: ()}, Basis(MONDAY, SOURCE), MONDAY)
    reached = reach(replace(schedule, opening_times=times), stop, day_type, MONDAY)
    assert reached and reached.covered is None and not reached.reaching and reached.closed
