"""Vehicle blocks of a service day: the fewest vehicles that can drive its departures.

Departure j can follow departure i on one vehicle when i has ended, the vehicle has run empty to the first stop of j, and has
stood for the turnaround before j leaves. The fewest vehicles are the number of departures minus the largest matching of
departures to followers (Dilworth 1950; Fulkerson 1956).
"""

from collections.abc import Mapping, Sequence

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import NetworkOnDay

TURNAROUND: Minute = 5
"""Minutes between two departures of a vehicle; assumed, as in the scenarios."""


def followers(follows: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """A largest matching: each led number to the one that it follows. `follows`: number -> the numbers that may follow it."""
    leader: dict[int, int] = {}

    def augment(i: int, seen: set[int]) -> bool:
        for j in follows[i]:
            if j not in seen:
                seen.add(j)
                if j not in leader or augment(leader[j], seen):
                    leader[j] = i
                    return True
        return False

    for i in follows:
        augment(i, set())
    return leader


def vehicles_needed(schedule: Schedule, departures: Sequence[Departure], turnaround: Minute = TURNAROUND) -> int:
    """The fewest vehicles that can drive the departures of one date. A link without a running time is not driven empty."""
    running = [departure for departure in departures if departure.runs]
    if len(running) < 2:
        return len(running)
    network = schedule.network.on(running[0].date)
    follows = {
        i: [j for j, second in enumerate(running) if j != i and _can_follow(network, first, second, turnaround)]
        for i, first in enumerate(running)
    }
    return len(running) - len(followers(follows))


def _can_follow(network: NetworkOnDay, first: Departure, second: Departure, turnaround: Minute) -> bool:
    ends = first.calls[-1].arrives
    if ends + turnaround > second.departs:
        return False
    empty = _empty_minutes(network, first.calls[-1].stop, second.calls[0].stop, ends)
    return empty is not None and ends + empty + turnaround <= second.departs


def _empty_minutes(network: NetworkOnDay, origin: str, destination: str, starts: Minute) -> Minute | None:
    """Minutes of the shortest way over known links; None when there is none."""
    reached, open_stops = {origin: 0}, [origin]
    while open_stops:
        here = open_stops.pop(0)
        for (begins, ends), running in network.running_times.items():
            minutes = reached[here] + running.minutes(starts)
            if begins == here and minutes < reached.get(ends, minutes + 1):
                reached[ends] = minutes
                open_stops.append(ends)
    return reached.get(destination)
