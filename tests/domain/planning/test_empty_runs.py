"""Empty runs of timetables that are small enough to compute by hand."""

from dataclasses import replace

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.costs import driver_minutes, km, nok
from shuttle.domain.planning.empty_runs import with_empty_runs
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.proposals import assess
from shuttle.domain.planning.scenario import Fleet, Scenario
from shuttle.domain.timetable.network import FREE, Costs, RunningTime, Supplement
from tests.planner.questions import a_question, profiles_of

OUT = ("base", "near")
FAR = ("base", "far")
HOME = ("far", "base")
ACROSS = ("near", "far")


def a_day(*trips: tuple[tuple[str, ...], int], question: Scenario | None = None) -> tuple[Scenario, list[PlannedTrip]]:
    """Ten minutes to near, 18 to far, 16 between them, 2 km each; five minutes of turnaround."""
    question = question or a_question(profiles_of(1))
    return question, list(with_empty_runs(question, [plan_trip(question, stops, minute) for stops, minute in trips]))


def test_a_one_way_trip_is_busy_until_return_and_turnaround() -> None:
    """10:00 out, 10:10 there, 10:20 back, 10:25 turned: 25 minutes and 4 km."""
    question, [trip] = a_day((OUT, 600))
    assert (trip.ends, trip.back, trip.busy_until, trip.left_at) == (610, 620, 625, "base")
    assert driver_minutes([trip]) == 25
    assert km(question, [trip]) == pytest.approx(4.0)


def test_without_empty_returns_a_trip_ends_at_its_last_stop() -> None:
    question = replace(a_question(profiles_of(1)), fleet=Fleet(vehicles=1, turnaround=5, empty_returns=False))
    question, [trip] = a_day((OUT, 600), question=question)
    assert (trip.back, trip.busy_until, trip.left_at) == (610, 615, "near")
    assert km(question, [trip]) == pytest.approx(2.0)


def test_an_empty_return_takes_the_minutes_of_the_band_in_which_it_starts() -> None:
    question = a_question(profiles_of(1))
    times = {
        **question.running_times,
        ("near", "base"): RunningTime(origin="near", destination="base", bands=((0, 10), (605, 14)), km=None),
    }
    question, [trip] = a_day((OUT, 600), question=replace(question, running_times=times))
    assert trip.back == 610 + 14
    assert km(question, [trip]) == pytest.approx(2.0), "a link of unknown length adds none"


def test_an_empty_return_without_running_time_is_refused_by_name() -> None:
    question = a_question(profiles_of(1))
    times = {link: time for link, time in question.running_times.items() if link != ("near", "base")}
    with pytest.raises(Refused, match="from near to base"):
        plan_trip(replace(question, running_times=times), OUT, 600)


def test_a_vehicle_departs_again_only_after_its_return() -> None:
    question, trips = a_day((OUT, 600), (OUT, 620), (OUT, 650))
    assessment = assess(question, "weekday", trips, (), FREE)
    assert assessment.vehicles == (1, 2, 1)


def test_a_block_runs_empty_to_its_next_trip_and_home_after_the_last() -> None:
    """Out to far at 10:00, across is from near: 10:18 to 10:34 empty; near to far at 10:40, there 10:56, home by 11:14."""
    question, trips = a_day((FAR, 600), (ACROSS, 640))
    first, second = trips
    assert first.empty_after is not None and second.empty_after is not None
    assert (first.empty_after.destination, first.back, first.busy_until) == ("near", 634, 639)
    assert (second.empty_before, second.empty_after.destination, second.back) == (None, "base", 674)
    assert driver_minutes(trips) == (39) + (674 + 5 - 640)
    assert km(question, trips) == pytest.approx(8.0)


def test_a_following_trip_back_needs_no_empty_run() -> None:
    question, trips = a_day((FAR, 600), (HOME, 630))
    assert [trip.empty_runs for trip in trips] == [(), ()]
    assert assess(question, "weekday", trips, (), FREE).vehicles == (1, 1)


def test_the_first_trip_of_a_block_is_reached_from_the_base_just_in_time() -> None:
    question, [trip] = a_day((HOME, 630))
    assert trip.empty_before is not None
    assert (trip.empty_before.departs, trip.empty_before.arrives, trip.busy_from) == (612, 630, 612)
    assert driver_minutes([trip]) == 18 + 18 + 5
    assert km(question, [trip]) == pytest.approx(4.0)


def test_among_equal_blocks_the_least_empty_driving_is_chosen() -> None:
    """The trip home from far at 11:00 follows the trip to far; the trip from base at 10:50 would cost 38 empty minutes more."""
    _, trips = a_day((FAR, 600), (("base", "near", "base"), 650), (HOME, 660))
    assert [len(trip.empty_runs) for trip in trips] == [0, 0, 0]


@pytest.mark.parametrize(("departs", "minutes"), [(1320, 25), (1425, 25), (1250, 15), (300, 25), (355, 5)])
def test_a_supplement_past_midnight_is_paid_at_both_ends_of_the_day(departs: int, minutes: int) -> None:
    """From 21:00 to 06:00, 60 NOK an hour on top of 450: a krone a minute."""
    question, trips = a_day((OUT, departs))
    night = Supplement(name="night", day_types=("weekday",), starts=21 * 60, ends=6 * 60, nok_per_hour=60.0)
    rates = Costs(nok_per_driver_hour=450, nok_per_km=0, supplements=(night,))
    assert nok(question, rates, "weekday", trips) == pytest.approx(25 * 7.5 + minutes)
    assert nok(question, rates, "holiday", trips) == pytest.approx(25 * 7.5)
