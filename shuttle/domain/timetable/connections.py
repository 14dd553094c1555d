"""Where a trip takes people: from a call at which they board to a later one at which they leave.

A trip that calls at two centres serves both, and its last stop says of neither when the bus is there. Where a stop is called
at twice, a pair of stops has several rides; the one that is told arrives first, and of those that arrive together it is the
one that boards last (a round by way of the same stop again is no use to anybody).
"""

from collections.abc import Sequence

from shuttle.domain.timetable.network import Call

Pair = tuple[str, str]
"""Ids of the stop where people board and the stop where they leave; never the same."""


def rides(calls: Sequence[Call]) -> dict[Pair, tuple[Call, Call]]:
    """Each pair of stops that the trip connects, with the call to board at and the call to leave at."""
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
    """Stops still to come after the call `sequence` (from 1), in order and each once, without the one that the bus is at.

    What a bus has on its front there. Empty at the last call.
    """
    here = stops[sequence - 1]
    return tuple(stop for stop in dict.fromkeys(stops[sequence:]) if stop != here)
