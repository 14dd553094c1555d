"""Riders by destination: how many passengers of a departure left it at each stop, exactly or within bounds.

Boardings tell where passengers came from, not where they went: no passenger boards at a trip's last stop. The destination is
counted only where alightings are. Elsewhere it follows from the boardings when just one destination lies ahead of them, and is
otherwise an interval. A stop without any count gives no figure, which differs from 0.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from shuttle.domain.ridership.counted_departures import CountedDeparture
from shuttle.domain.timetable.departures import Departure

MOST_COUNTED = 10
"""Stops with counted alightings whose combinations are examined, the last ones of a trip: 1,024 at most. More stops widen the
bounds and never make them wrong.
"""


@dataclass(frozen=True)
class Riders:
    """Riders to one destination: at least `least`, at most `most`. None: without an upper bound, the seats being unknown."""

    least: int
    most: int | None

    @property
    def exact(self) -> int | None:
        """The number where both bounds agree; else None."""
        return self.least if self.least == self.most else None

    def __add__(self, other: "Riders") -> "Riders":
        most = None if self.most is None or other.most is None else self.most + other.most
        return Riders(self.least + other.least, most)


@dataclass(frozen=True, kw_only=True)
class DepartureCounts:
    """Counts of a departure. Stop -> passengers; a stop that is missing was not counted, which differs from 0.

    `skipped`: stops at which the bus did not call; 0 there.
    """

    boardings: Mapping[str, int]
    alightings: Mapping[str, int]
    skipped: frozenset[str] = frozenset()


def counts_of(counted: CountedDeparture) -> DepartureCounts:
    """The counts of a departure that enter the sums."""
    calls = [call for call in counted.calls() if not call.unserved]
    return DepartureCounts(
        boardings={each.call.stop: each.boardings for each in calls if each.boardings is not None},
        alightings={each.call.stop: each.alightings for each in calls if each.alightings is not None},
        skipped=frozenset(stop.stop for stop in counted.stops if stop.unserved),
    )


def destinations_ahead(departure: Departure, destinations: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Each boarding stop -> where its passengers may be going: the `destinations` ahead, or all stops ahead where there is none.

    Passengers board at the first call of a stop and leave at the last. A boarding stop is no destination of its own riders.
    """
    ahead = {}
    for call in departure.calls[:-1]:
        if departure.first_call(call.stop) == call:
            stops = dict.fromkeys(each.stop for each in departure.calls[call.sequence :])
            possible = [stop for stop in stops if stop != call.stop]
            ahead[call.stop] = tuple(stop for stop in possible if stop in destinations) or tuple(possible)
    return ahead


def riders_by_destination(
    departure: Departure, counts: DepartureCounts, destinations: Collection[str], seats: int | None
) -> dict[str, Riders]:
    """Riders of a departure to each destination that it serves; only those about which the counts say something.

    `destinations`: the stops that people travel to (centres and the base stop). `seats`: passengers that fit at once; the upper
    bound where a boarding stop was not counted. Counts that contradict each other give the widest bounds, 0 to the seats.
    """
    ahead = destinations_ahead(departure, {*destinations, *(stop for stop, n in counts.alightings.items() if n)})
    ahead = {
        stop: tuple(each for each in possible if each not in counts.skipped)
        for stop, possible in ahead.items()
        if stop not in counts.skipped
    }
    if not (counts.boardings.keys() & ahead.keys()) and not counts.alightings:
        return {}
    served = dict.fromkeys(chain.from_iterable(ahead.values()))
    flows = _Flows(counts, ahead)
    riders = {}
    for stop in served:
        if stop in counts.alightings:
            riders[stop] = Riders(counts.alightings[stop], counts.alightings[stop])
        elif counts.boardings.keys() & {origin for origin, possible in ahead.items() if stop in possible}:
            riders[stop] = flows.bounds(stop, seats)
    return riders


@dataclass(frozen=True)
class _Flows:
    """Passengers from each boarding stop to the destinations ahead of it: a transport problem with some margins unknown.

    The bounds of one unknown margin are the tightest cuts (A. J. Hoffman 1960, circulation theorem; D. Gale 1957).
    """

    counts: DepartureCounts
    ahead: Mapping[str, Sequence[str]]

    def bounds(self, stop: str, seats: int | None) -> Riders:
        """The least and most passengers who can have left at a stop whose alightings were not counted."""
        least, most = self._least(stop), self._most(stop)
        if most is not None and least > most:  # the counts contradict each other
            return Riders(0, seats)
        if most is None and seats is not None:
            most = max(least, seats)
        return Riders(least, most)

    def _least(self, stop: str) -> int:
        """Those who boarded where nothing else lies ahead than the stop and counted stops, beyond what was counted there."""
        cuts = [0]
        for counted in self._subsets():
            reach = {stop, *counted}
            boarded = sum(
                self.counts.boardings.get(origin, 0)
                for origin, ahead in self.ahead.items()
                if ahead and reach.issuperset(ahead)
            )
            cuts.append(boarded - self._counted_off(counted))
        return max(cuts)

    def _most(self, stop: str) -> int | None:
        """Those who boarded where the stop or a counted stop lies ahead, less what was counted there. None: no bound."""
        cuts = []
        for counted in self._subsets():
            reach = {stop, *counted}
            origins = [origin for origin, ahead in self.ahead.items() if reach.intersection(ahead)]
            if all(origin in self.counts.boardings for origin in origins):
                cuts.append(sum(self.counts.boardings[origin] for origin in origins) - self._counted_off(counted))
        return min(cuts, default=None)

    def _counted_off(self, stops: Iterable[str]) -> int:
        return sum(self.counts.alightings[stop] for stop in stops)

    def _subsets(self) -> Iterator[tuple[str, ...]]:
        served = dict.fromkeys(chain.from_iterable(self.ahead.values()))
        counted = [stop for stop in served if stop in self.counts.alightings][-MOST_COUNTED:]
        return chain.from_iterable(combinations(counted, n) for n in range(len(counted) + 1))
