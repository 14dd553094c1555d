"""Vehicle blocks: examples computed by hand, and the smallest number of vehicles by brute force."""

from dataclasses import replace
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.planning.blocks import blocks, can_follow, vehicles_needed
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.scenario import Demand, Fleet, Scenario
from shuttle.domain.timetable.network import RunningTime

AROUND, OUT, HOME = ("base", "near", "base"), ("base", "near"), ("near", "base")


def a_scenario(turnaround: int = 5) -> Scenario:
    """10 minutes in each direction until 15:00, 14 from then on. A vehicle may wait at near: no empty returns."""
    bands = ((0, 10), (900, 14))
    return Scenario(
        id="blocks",
        name="Blocks",
        day_types=("weekday",),
        grid=1,
        base_stop="base",
        first_departure=480,
        last_arrival=1200,
        patterns=(AROUND, OUT, HOME),
        fleet=Fleet(turnaround=turnaround, empty_returns=False),
        running_times={
            link: RunningTime(origin=link[0], destination=link[1], bands=bands)
            for link in (("base", "near"), ("near", "base"))
        },
        hours={},
        demand=Demand(),
    )


SCENARIO = a_scenario()


def trip(stops: tuple[str, ...], at: int) -> PlannedTrip:
    return plan_trip(SCENARIO, stops, at)


def test_a_trip_can_follow_after_trip_and_turnaround() -> None:
    """Out at 10:00, home at 10:20, free at 10:25."""
    assert can_follow(SCENARIO, trip(AROUND, 600), trip(AROUND, 625))
    assert not can_follow(SCENARIO, trip(AROUND, 600), trip(AROUND, 624))


def test_a_vehicle_runs_empty_to_the_start_of_the_next_trip() -> None:
    """At near at 10:10, free at 10:15, at the base again at 10:25; a trip from near can begin at 10:15."""
    assert can_follow(SCENARIO, trip(OUT, 600), trip(AROUND, 625))
    assert not can_follow(SCENARIO, trip(OUT, 600), trip(AROUND, 624))
    assert can_follow(SCENARIO, trip(OUT, 600), trip(HOME, 615))
    assert not can_follow(SCENARIO, trip(OUT, 600), trip(HOME, 614))


def test_an_empty_run_takes_the_minutes_of_the_band_in_which_it_begins() -> None:
    """At near at 15:00, where 14 minutes begin: at the base again at 15:19."""
    assert can_follow(SCENARIO, trip(OUT, 890), trip(AROUND, 919))
    assert not can_follow(SCENARIO, trip(OUT, 890), trip(AROUND, 918))


def test_a_link_without_running_time_is_not_driven() -> None:
    one_way = replace(SCENARIO, running_times={("base", "near"): SCENARIO.running_times["base", "near"]})
    assert not can_follow(one_way, trip(OUT, 600), trip(OUT, 1100))


@pytest.mark.parametrize(
    ("departs", "numbers"),
    [
        ((), []),
        ((600,), [1]),
        ((600, 625, 650), [1, 1, 1]),
        ((600, 624), [1, 2]),
        ((600, 610, 625, 635), [1, 2, 1, 2]),  # each departs again as soon as it is free
        ((600, 600, 600), [1, 2, 3]),
        ((625, 600), [1, 1]),  # not in order of time
    ],
)
def test_round_trips_use_the_fewest_vehicles(departs: tuple[int, ...], numbers: list[int]) -> None:
    assert blocks(SCENARIO, [trip(AROUND, at) for at in departs]) == numbers


def test_the_greedy_choice_is_undone_where_it_costs_a_vehicle() -> None:
    """Two vehicles are enough only if the one at near drives home (10:15), and the other one goes round again (10:25)."""
    trips = [trip(OUT, 600), trip(AROUND, 600), trip(HOME, 615), trip(AROUND, 625)]
    numbers = blocks(SCENARIO, trips)
    assert max(numbers) == 2
    assert numbers[0] == numbers[2]
    assert numbers[1] == numbers[3]


def test_no_trips_need_no_vehicle() -> None:
    assert vehicles_needed(SCENARIO, []) == 0


trips_of_a_day = st.lists(st.tuples(st.sampled_from([AROUND, OUT, HOME]), st.integers(600, 700)), max_size=5)


@given(trips_of_a_day)
def test_no_order_of_the_trips_needs_fewer_vehicles(several: list[tuple[tuple[str, ...], int]]) -> None:
    """Blocks of k vehicles, one after another, are an order of the trips with all but k - 1 neighbours able to follow."""
    trips = [trip(stops, at) for stops, at in several]
    numbers = blocks(SCENARIO, trips)
    for vehicle in set(numbers):
        block = (t for t, number in zip(trips, numbers, strict=True) if number == vehicle)
        driven = sorted(block, key=lambda t: t.departs)
        assert all(can_follow(SCENARIO, earlier, later) for earlier, later in pairwise(driven))
    fewest = min(
        sum(not can_follow(SCENARIO, a, b) for a, b in pairwise(order)) + (1 if order else 0)
        for order in permutations(trips)
    )
    assert vehicles_needed(SCENARIO, trips) == fewest
