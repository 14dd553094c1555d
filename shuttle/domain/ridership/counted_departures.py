"""What was counted on each departure of a span, stop by stop, with nothing left out.

A list of counts alone hides what is not in it. So every departure that has left, or should have, stands here with every stop
that it calls at, each in one of four states: a number, 0, not recorded, or cancelled. What is still to come is not here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.boardings import CountState, Observation, disputed, holding, state
from shuttle.domain.ridership.skipped_stops import Reasons
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Call

Words = Mapping[tuple[str, str], Sequence[Observation]]
"""(departure id, stop) -> each observer's last word, in order of arrival."""


@dataclass(frozen=True, kw_only=True)
class CountedStop:
    """A stop of a departure: its state, the word that holds, how many observers there were, and whether they differ.

    `unserved`: why the departure, which ran, did not call there; then no word holds.
    """

    stop: str
    state: CountState
    held: Observation | None = None
    observers: int = 0
    disputed: bool = False
    unserved: ReasonCode | None = None


@dataclass(frozen=True, kw_only=True)
class CountedCall:
    """A call with what was counted at it. None: not recorded here, which is not 0.

    At a stop that is visited twice people board at the first call and get off at the last.
    """

    call: Call
    state: CountState
    boardings: int | None = None
    alightings: int | None = None
    unserved: bool = False


@dataclass(frozen=True)
class CountedDeparture:
    """A departure and its stops, in order of the calls. `is_extra`: no timetable has it, also where it was cancelled again."""

    departure: Departure
    stops: tuple[CountedStop, ...]
    is_extra: bool = False

    @property
    def was_run(self) -> bool:
        """A departure on which somebody counted has run, also where it was cancelled afterwards."""
        return self.departure.runs or any(stop.held for stop in self.stops)

    def calls(self) -> Iterator[CountedCall]:
        by_stop = {stop.stop: stop for stop in self.stops}
        for call in self.departure.calls:
            stop = by_stop[call.stop]
            first = self.departure.first_call(call.stop) == call
            last = self.departure.last_call(call.stop) == call
            count = stop.held.count if stop.held else None
            yield CountedCall(
                call=call,
                state=stop.state,
                boardings=count.boardings if count and first else None,
                alightings=count.alightings if count and last else None,
                unserved=stop.unserved is not None,
            )


@dataclass(frozen=True)
class CountedSpan:
    """Every departure of the span that has left or was cancelled, in order; and counts of what no timetable knows any more."""

    span: Span
    departures: tuple[CountedDeparture, ...]
    forgotten: tuple[CountedStop, ...]


def counted_span(
    schedule: Schedule,
    span: Span,
    words: Words,
    now: datetime,
    zone: ZoneInfo,
    unserved: Reasons = MappingProxyType({}),
) -> CountedSpan:
    """Put departures, words and stops not served together. A departure that leaves after `now` is there only if somebody counted on it."""
    left = dict(words)
    found = []
    for day in span:
        resolved = schedule.departures_on(day)
        timetable = schedule.timetable_by_id.get(resolved.timetable or "")
        by_timetable = {trip.id for trip in timetable.trips_on(resolved.service_day.day_type)} if timetable else set()
        for departure in resolved.departures:
            stops = tuple(
                _counted(departure, stop, left.pop((departure.id, stop), ()), unserved.get((departure.id, stop)))
                for stop in dict.fromkeys(call.stop for call in departure.calls)
            )
            if instant(day, departure.departs, zone) <= now or any(stop.held for stop in stops):
                found.append(CountedDeparture(departure, stops, departure.trip not in by_timetable))
    forgotten = tuple(_forgotten(stop, said) for (_, stop), said in sorted(left.items()))
    return CountedSpan(span, tuple(found), forgotten)


def known_loads(counted: CountedDeparture) -> list[int | None]:
    """Passengers on board after each call: None from where a figure is missing, or where the figures cannot be right.

    Nobody gets off where the trip begins, nor on where it ends, so those two are not needed.
    """
    found: list[int | None] = []
    departure, calls = counted.departure, list(counted.calls())
    on_board: int | None = 0
    for here in calls:
        first, last = (call(here.call.stop) == here.call for call in (departure.first_call, departure.last_call))
        boards = first and here is not calls[-1] and not here.unserved
        alights = last and here is not calls[0] and not here.unserved
        on, off = here.boardings if boards else 0, here.alightings if alights else 0
        if on_board is None or on is None or off is None or on_board + on - off < 0:
            on_board = None
        else:
            on_board += on - off
        found.append(on_board)
    return found


def highest_loads(counted: CountedSpan) -> dict[str, list[int]]:
    """Trip -> most passengers on board of each of its departures on which that is known all the way."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for each in counted.departures:
        underway = known_loads(each)[:-1]
        known = [load for load in underway if load is not None]
        if each.was_run and known and len(known) == len(underway):
            found[each.departure.trip].append(max(known))
    return dict(found)


def _counted(
    departure: Departure, stop: str, said: Sequence[Observation], reason: ReasonCode | None = None
) -> CountedStop:
    found = state(departure, said, reason is not None)
    if reason is not None and departure.runs and found is CountState.CANCELLED:
        return CountedStop(
            stop=stop, state=found, held=None, observers=len(said), disputed=disputed(said), unserved=reason
        )
    return CountedStop(stop=stop, state=found, held=holding(said), observers=len(said), disputed=disputed(said))


def _forgotten(stop: str, said: Sequence[Observation]) -> CountedStop:
    held = holding(said)
    number = CountState.NUMBER if held and held.count.boardings else CountState.ZERO
    return CountedStop(stop=stop, state=number, held=held, observers=len(said), disputed=disputed(said))
