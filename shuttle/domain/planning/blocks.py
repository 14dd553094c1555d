"""Vehicle blocks: a vehicle for each trip, with the fewest vehicles (minimum path cover by maximum bipartite matching).

Trip j can follow trip i when i is finished (end, empty run, turnaround) at the stop where j takes over the vehicle. In a
scenario without empty returns, an empty run from the end of i to the start of j may lie between. The smallest number of
vehicles is the number of trips minus the largest matching of trips to followers (Dilworth 1950; Fulkerson 1956).
"""

from collections.abc import Sequence

from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.publishing.vehicle_blocks import followers


def can_follow(scenario: Scenario, first: PlannedTrip, second: PlannedTrip) -> bool:
    """True when one vehicle can drive the second after the first."""
    here, there = first.left_at, second.taken_from
    if here == there:
        return first.busy_until <= second.busy_from
    empty = None if first.empty_after else scenario.running_times.get((here, there))
    return empty is not None and first.busy_until + empty.minutes(first.ends) <= second.busy_from


def blocks(scenario: Scenario, trips: Sequence[PlannedTrip]) -> list[int]:
    """A vehicle number (from 1) for each trip, with as few vehicles as possible."""
    order = sorted(range(len(trips)), key=lambda index: (trips[index].departs, trips[index].ends))
    follows = {i: [j for j in order if j != i and can_follow(scenario, trips[i], trips[j])] for i in order}
    leader = followers(follows)
    numbers: dict[int, int] = {}
    fresh = 0
    for i in order:
        if i in leader:
            numbers[i] = numbers[leader[i]]
        else:
            fresh += 1
            numbers[i] = fresh
    return [numbers[index] for index in range(len(trips))]


def vehicles_needed(scenario: Scenario, trips: Sequence[PlannedTrip]) -> int:
    """The smallest number of vehicles that can drive the trips."""
    return max(blocks(scenario, trips), default=0)
