"""Counted departures: every past departure of a span, with the state of the count at each of its stops.

A list of counts alone hides the missing ones. Here every departure that has left, or was cancelled, is included with all
its stops, each in one of four states (number, 0, not recorded, cancelled). Future departures are left out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.boardings import CountState, Observation, disputed, effective_observation, state
from shuttle.domain.ridership.gaps import boarding_stops
from shuttle.domain.ridership.skipped_stops import SkipReasons
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Call

LatestObservations = Mapping[tuple[str, str], Sequence[Observation]]
"""(departure id, stop) -> the latest observation of each observer, in order of receipt."""


@dataclass(frozen=True, kw_only=True)
class CountedStop:
    """A stop of a departure: its state, the observation in the sums (`held`), the number of observers, and if they differ.

    `unserved`: why the departure ran but skipped the stop; `held` is then None.
    """

    stop: str
    state: CountState
    held: Observation | None = None
    observers: int = 0
    disputed: bool = False
    unserved: ReasonCode | None = None


@dataclass(frozen=True, kw_only=True)
class CountedCall:
    """A call with its counts. None: not recorded at this call, which differs from 0.

    At a stop called at twice, boardings belong to the first call and alightings to the last.
    """

    call: Call
    state: CountState
    boardings: int | None = None
    alightings: int | None = None
    unserved: bool = False


@dataclass(frozen=True)
class CountedDeparture:
    """A departure and its stops, in order of the calls. `is_extra`: it is in no timetable, even if it was cancelled again."""

    departure: Departure
    stops: tuple[CountedStop, ...]
    is_extra: bool = False

    @property
    def was_run(self) -> bool:
        """True when it was not cancelled, or was counted although it was cancelled afterwards."""
        return self.departure.runs or any(stop.held for stop in self.stops)

    def calls(self) -> Iterator[CountedCall]:
        """Its calls in order, each with the counts that belong to it."""
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
    """Every departure of the span that has left or was cancelled, in order.

    `forgotten`: counts of departures that are no longer in any timetable.
    """

    span: Span
    departures: tuple[CountedDeparture, ...]
    forgotten: tuple[CountedStop, ...]


def counted_span(
    schedule: Schedule,
    span: Span,
    observations: LatestObservations,
    now: datetime,
    zone: ZoneInfo,
    unserved: SkipReasons = MappingProxyType({}),
) -> CountedSpan:
    """Joins departures, observations and skipped stops. A departure after `now` is included only when it was counted."""
    remaining = dict(observations)
    counted = []
    for day in span:
        resolved = schedule.departures_on(day)
        timetable = schedule.timetable_by_id.get(resolved.timetable or "")
        by_timetable: set[str] = set()
        if timetable is not None and resolved.service_day.runs:
            day_type = timetable.day_type_of(resolved.service_day.day_types)
            by_timetable = {trip.id for trip in timetable.trips_on(day_type)}
        for departure in resolved.departures:
            stops = tuple(
                _counted(departure, stop, remaining.pop((departure.id, stop), ()), unserved.get((departure.id, stop)))
                for stop in dict.fromkeys(call.stop for call in departure.calls)
            )
            if instant(day, departure.departs, zone) <= now or any(stop.held for stop in stops):
                counted.append(CountedDeparture(departure, stops, departure.trip not in by_timetable))
    forgotten = tuple(_forgotten(stop, several) for (_, stop), several in sorted(remaining.items()))
    return CountedSpan(span, tuple(counted), forgotten)


def known_loads(counted: CountedDeparture) -> list[int | None]:
    """Passengers on board after each call; None from the call at which a figure is missing or contradictory.

    Alightings at the first call and boardings at the last are not needed: both are 0.
    """
    after_each: list[int | None] = []
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
        after_each.append(on_board)
    return after_each


def highest_loads(counted: CountedSpan) -> dict[str, list[int]]:
    """Trip id -> largest load of each of its departures whose load is known after every call.

    A departure that skipped every stop at which passengers board has no load: it differs from a bus without passengers.
    """
    by_trip: defaultdict[str, list[int]] = defaultdict(list)
    for each in counted.departures:
        underway = known_loads(each)[:-1]
        loads = [load for load in underway if load is not None]
        skipped = {stop.stop for stop in each.stops if stop.unserved}
        if each.was_run and loads and len(loads) == len(underway) and not boarding_stops(each.departure) <= skipped:
            by_trip[each.departure.trip].append(max(loads))
    return dict(by_trip)


@dataclass(frozen=True, kw_only=True)
class Crowding:
    """Full buses and passengers left behind, as numbers of departures. An unanswered question is a missing value, not a no.

    `asked_full`: departures with an answer about a full bus, `full`: those with a yes; likewise for passengers left behind.
    """

    asked_full: int = 0
    full: int = 0
    asked_left: int = 0
    left: int = 0


def crowding(counted: CountedSpan) -> Crowding:
    """Numbers of departures that were full or left somebody behind, of those with an answer to that question."""
    answers_full, answers_left = [], []
    for each in counted.departures:
        counts = [stop.held.count for stop in each.stops if stop.held]
        full = [count.full for count in counts if count.full is not None]
        left = [count.left_behind for count in counts if count.left_behind is not None]
        answers_full += [any(full)] if full else []
        answers_left += [any(left)] if left else []
    return Crowding(
        asked_full=len(answers_full), full=sum(answers_full), asked_left=len(answers_left), left=sum(answers_left)
    )


def _counted(
    departure: Departure, stop: str, several: Sequence[Observation], reason: ReasonCode | None = None
) -> CountedStop:
    of_stop = state(departure, several, reason is not None)
    is_skipped = reason is not None and departure.runs and of_stop is CountState.CANCELLED
    return CountedStop(
        stop=stop,
        state=of_stop,
        held=None if is_skipped else effective_observation(several),
        observers=len(several),
        disputed=disputed(several),
        unserved=reason if is_skipped else None,
    )


def _forgotten(stop: str, several: Sequence[Observation]) -> CountedStop:
    observation = effective_observation(several)
    number = CountState.NUMBER if observation and observation.count.boardings else CountState.ZERO
    return CountedStop(stop=stop, state=number, held=observation, observers=len(several), disputed=disputed(several))
