"""Empty runs of a timetable: the driving without passengers to and from trips that do not begin or end at the base stop.

If every trip begins at the base stop, a trip that ends elsewhere is followed by an empty run to the base. Otherwise a
vehicle runs empty between the trips of its block, from the base to the first and from the last to the base. Blocks use the
fewest vehicles, and among those solutions the fewest empty minutes (minimum-cost maximum matching).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.planning.planned_trips import EmptyRun, PlannedTrip, empty_run, returning, running_time
from shuttle.domain.planning.scenario import Scenario


def with_empty_runs(scenario: Scenario, trips: Sequence[PlannedTrip]) -> tuple[PlannedTrip, ...]:
    """The trips with the empty runs that belong to them, in the same order. Raises Refused (`missing-running-time`)."""
    if not scenario.fleet.empty_returns:
        return tuple(trips)
    if all(trip.stops[0] == scenario.base_stop for trip in trips):
        return tuple(returning(scenario, trip.stops, trip.calls) for trip in trips)
    return _in_blocks(scenario, [replace(trip, busy_until=_done(scenario, trip), empty_after=None) for trip in trips])


def _done(scenario: Scenario, trip: PlannedTrip) -> Minute:
    return trip.ends + scenario.fleet.turnaround


def _in_blocks(scenario: Scenario, trips: list[PlannedTrip]) -> tuple[PlannedTrip, ...]:
    base, turnaround = scenario.base_stop, scenario.fleet.turnaround
    followers = _followers(scenario, trips)
    led = set(followers.values())
    placed = []
    for number, trip in enumerate(trips):
        onward = trips[followers[number]].stops[0] if number in followers else base
        after = None if trip.stops[-1] == onward else empty_run(scenario, trip.stops[-1], onward, trip.ends)
        before = None if number in led or trip.stops[0] == base else _run_out(scenario, trip)
        busy_until = (after.arrives if after else trip.ends) + turnaround
        placed.append(replace(trip, busy_until=busy_until, empty_after=after, empty_before=before))
    return tuple(placed)


def _run_out(scenario: Scenario, trip: PlannedTrip) -> EmptyRun:
    """The empty run from the base to the first stop that starts as late as possible and arrives by the departure."""
    running = running_time(scenario, (scenario.base_stop, trip.stops[0]))
    latest = max(trip.departs - minutes for _, minutes in running.bands)
    earliest = min(trip.departs - minutes for _, minutes in running.bands)
    starts = next(
        (minute for minute in range(latest, earliest, -1) if minute + running.minutes(minute) <= trip.departs), earliest
    )
    return empty_run(scenario, scenario.base_stop, trip.stops[0], starts)


def _minutes(scenario: Scenario, here: str, there: str, departs: Minute) -> int:
    """Minutes of an empty run; 0 from a stop to itself."""
    return 0 if here == there else running_time(scenario, (here, there)).minutes(departs)


def _followers(scenario: Scenario, trips: Sequence[PlannedTrip]) -> dict[int, int]:
    """Trip -> the next trip on its vehicle: as many pairs as possible, then the fewest empty minutes.

    A pair saves the empty run home of the first and the run out to the second, and costs the run between them.
    """
    base = scenario.base_stop
    costs: dict[int, dict[int, int]] = {}
    for i, first in enumerate(trips):
        home = _minutes(scenario, first.stops[-1], base, first.ends)
        for j, second in enumerate(trips):
            link = (first.stops[-1], second.stops[0])
            if i == j or (link[0] != link[1] and link not in scenario.running_times):
                continue
            between = _minutes(scenario, *link, first.ends)
            if _done(scenario, first) + between <= second.departs:
                out = 0 if second.stops[0] == base else second.departs - _run_out(scenario, second).departs
                costs.setdefault(i, {})[j] = between - home - out
    return _cheapest_matching(costs)


def _cheapest_matching(costs: dict[int, dict[int, int]]) -> dict[int, int]:
    """Minimum-cost maximum bipartite matching (costs: left -> right -> cost), by successive cheapest augmenting paths."""
    matched: dict[int, int] = {}
    leader: dict[int, int] = {}
    while True:
        reached, before = _cheapest_paths(costs, matched, leader)
        ends = [(cost, j) for j, cost in reached.items() if j not in leader]
        if not ends:
            return matched
        j: int | None = min(ends)[1]
        while j is not None:
            i = before[j]
            j_next = matched.get(i)
            matched[i], leader[j] = j, i
            j = j_next


def _cheapest_paths(
    costs: dict[int, dict[int, int]], matched: dict[int, int], leader: dict[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    """Right node -> cost of the cheapest alternating path from an unmatched left node, and -> its predecessor on that path."""
    reached: dict[int, int] = {}
    before: dict[int, int] = {}
    queue = deque((i, 0) for i in costs if i not in matched)
    while queue:
        i, so_far = queue.popleft()
        if i in matched and reached[matched[i]] - costs[i][matched[i]] < so_far:
            continue
        for j, cost in costs[i].items():
            if matched.get(i) != j and so_far + cost < reached.get(j, so_far + cost + 1):
                reached[j], before[j] = so_far + cost, i
                if j in leader:
                    queue.append((leader[j], so_far + cost - costs[leader[j]][j]))
    return reached, before
