"""Trips that are out at once with fewer vehicles; there is a clash exactly where the trips need more vehicles than there are."""

from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.vehicle_clashes import VehicleClash, vehicle_clashes
from shuttle.domain.timetable.network import Call


def trip(departs: int, busy: int) -> PlannedTrip:
    calls = (Call("a", 1, departs, departs), Call("a", 2, departs + busy, departs + busy))
    return PlannedTrip(stops=("a", "a"), calls=calls, busy_until=departs + busy)


def test_two_trips_of_one_bus_clash_until_the_first_is_back() -> None:
    assert vehicle_clashes([trip(620, 45), trip(600, 45)], 1) == (VehicleClash((600, 620), 645),)
    assert vehicle_clashes([trip(600, 20), trip(620, 45)], 1) == ()
    assert vehicle_clashes([trip(600, 45), trip(620, 45)], 2) == ()
    assert vehicle_clashes([trip(600, 45), trip(610, 45), trip(620, 45)], 2) == (VehicleClash((600, 610, 620), 645),)


@given(
    st.lists(st.tuples(st.integers(300, 1200), st.integers(1, 90)), max_size=8),
    st.integers(1, 3),
)
def test_trips_clash_exactly_where_a_minute_has_more_than_vehicles(
    several: list[tuple[int, int]], vehicles: int
) -> None:
    trips = [trip(departs, busy) for departs, busy in several]
    most = max((sum(t.busy_from <= minute < t.busy_until for t in trips) for minute in range(300, 1300)), default=0)
    assert bool(vehicle_clashes(trips, vehicles)) == (most > vehicles)
