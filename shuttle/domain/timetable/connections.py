"""Rides of a trip: from a call where passengers board to a later call where they alight.

A trip that calls at two centres serves both, so its last stop alone does not tell when it reaches each. Where a trip calls
at a stop twice, a pair of stops has several rides. The one shown arrives first; among equal arrivals, it boards last.
"""

from collections.abc import Sequence

from shuttle.domain.timetable.network import Call

Pair = tuple[str, str]
"""Ids of the boarding stop and the alighting stop; never the same."""


def rides(calls: Sequence[Call]) -> dict[Pair, tuple[Call, Call]]:
    """Each pair of stops that the trip connects, with the call to board at and the call to alight at."""
    best: dict[Pair, tuple[Call, Call]] = {}
    for index, boarding in enumerate(calls):
        for leaving in calls[index + 1 :]:
            pair = (boarding.stop, leaving.stop)
            if pair[0] == pair[1]:
                continue
            chosen = best.get(pair)
            if chosen is None or (leaving.arrives, -boarding.departs) < (chosen[1].arrives, -chosen[0].departs):
                best[pair] = (boarding, leaving)
    return best


def stops_ahead(stops: Sequence[str], sequence: int = 1) -> tuple[str, ...]:
    """Stops after the call `sequence` (from 1), in order and each once, without that call's own stop.

    These are the stops of the headsign at that call. Empty at the last call.
    """
    here = stops[sequence - 1]
    return tuple(stop for stop in dict.fromkeys(stops[sequence:]) if stop != here)
