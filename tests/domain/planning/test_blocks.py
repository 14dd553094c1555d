"""Which vehicle drives which trips, by examples worked out by hand."""

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
    """10 minutes each way until 15:00, 14 from then on."""
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
        fleet=Fleet(turnaround=turnaround),
        running_times={
            leg: RunningTime(origin=leg[0], destination=leg[1], bands=bands)
            for leg in (("base", "near"), ("near", "base"))
        },
        hours={},
        demand=Demand(),
    )


ASKED = a_scenario()


def trip(stops: tuple[str, ...], at: int) -> PlannedTrip:
    return plan_trip(ASKED, stops, at)


def test_a_bus_goes_again_when_trip_and_turnaround_are_over() -> None:
    """Out at 10:00, home at 10:20, free at 10:25."""
    assert can_follow(ASKED, trip(AROUND, 600), trip(AROUND, 625))
    assert not can_follow(ASKED, trip(AROUND, 600), trip(AROUND, 624))


def test_a_bus_drives_empty_to_where_the_next_trip_begins() -> None:
    """At near at 10:10, free at 10:15, at the base again at 10:25; a trip from near can begin at 10:15."""
    assert can_follow(ASKED, trip(OUT, 600), trip(AROUND, 625))
    assert not can_follow(ASKED, trip(OUT, 600), trip(AROUND, 624))
    assert can_follow(ASKED, trip(OUT, 600), trip(HOME, 615))
    assert not can_follow(ASKED, trip(OUT, 600), trip(HOME, 614))


def test_an_empty_run_takes_as_long_as_in_the_band_in_which_it_begins() -> None:
    """At near at 15:00, where 14 minutes begin: at the base again at 15:19."""
    assert can_follow(ASKED, trip(OUT, 890), trip(AROUND, 919))
    assert not can_follow(ASKED, trip(OUT, 890), trip(AROUND, 918))


def test_a_link_without_running_time_is_driven_by_nobody() -> None:
    one_way = replace(ASKED, running_times={("base", "near"): ASKED.running_times["base", "near"]})
    assert not can_follow(one_way, trip(OUT, 600), trip(OUT, 1100))


@pytest.mark.parametrize(
    ("departs", "numbers"),
    [
        ((), []),
        ((600,), [1]),
        ((600, 625, 650), [1, 1, 1]),
        ((600, 624), [1, 2]),
        ((600, 610, 625, 635), [1, 2, 1, 2]),  # each goes again as soon as it is free
        ((600, 600, 600), [1, 2, 3]),
        ((625, 600), [1, 1]),  # given out of order
    ],
)
def test_round_trips_share_as_few_buses_as_can_drive_them(departs: tuple[int, ...], numbers: list[int]) -> None:
    assert blocks(ASKED, [trip(AROUND, at) for at in departs]) == numbers


def test_the_greedy_choice_is_undone_where_it_costs_a_bus() -> None:
    """Out at 10:00 and round at 10:00. The first can take home at 10:15, and only the second is at the base for 10:25 without it.

    Two buses are enough only if the one at near drives home and the other goes round again.
    """
    trips = [trip(OUT, 600), trip(AROUND, 600), trip(HOME, 615), trip(AROUND, 625)]
    numbers = blocks(ASKED, trips)
    assert max(numbers) == 2
    assert numbers[0] == numbers[2]
    assert numbers[1] == numbers[3]


def test_no_trips_need_no_bus() -> None:
    assert vehicles_needed(ASKED, []) == 0


trips_of_a_day = st.lists(st.tuples(st.sampled_from([AROUND, OUT, HOME]), st.integers(600, 700)), max_size=5)


@given(trips_of_a_day)
def test_no_order_of_the_trips_is_driven_with_fewer_buses(wanted: list[tuple[tuple[str, ...], int]]) -> None:
    """Every way to drive the trips with k buses is an order of them in which all but k - 1 neighbours can follow each other."""
    trips = [trip(stops, at) for stops, at in wanted]
    numbers = blocks(ASKED, trips)
    for bus in set(numbers):
        driven = sorted((t for t, number in zip(trips, numbers, strict=True) if number == bus), key=lambda t: t.departs)
        assert all(can_follow(ASKED, earlier, later) for earlier, later in pairwise(driven))
    fewest = min(
        sum(not can_follow(ASKED, a, b) for a, b in pairwise(order)) + (1 if order else 0)
        for order in permutations(trips)
    )
    assert vehicles_needed(ASKED, trips) == fewest
