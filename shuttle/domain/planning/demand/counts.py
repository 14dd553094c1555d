"""Origin-destination counts: from counts at stops to passengers between two stops.

A driver counts boardings, not destinations. Where a departure serves one stop only, both are equal. Where it serves several,
boardings are divided in proportion to the alightings counted downstream. If one of these alightings is missing, the
departure is not counted: missing is not zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.service_time import Minute, dates
from shuttle.domain.ridership.boardings import Count, most_left_behind
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.service_days import Calendar, ReasonKind


@dataclass(frozen=True)
class StopCountsOfDeparture:
    """A departure that ran: its boardings for one destination (None: not counted), and signs of unserved passengers.

    `left_behind`: the fewest who found no seat, `left_most`: the most (None: not told, or told as "6 and more").
    """

    departs: Minute
    boardings: float | None
    left_behind: float = 0.0
    full: bool = False
    left_most: float | None = None

    @property
    def most_behind(self) -> float | None:
        """The most left behind: nobody where a seat was free; None: unbounded."""
        return self.left_most if self.full or self.left_behind > 0 else 0.0

    @property
    def is_lower_bound(self) -> bool:
        """True when more passengers than counted may have wished to board."""
        return self.most_behind != self.left_behind


@dataclass(frozen=True)
class CountedDay:
    """The departures of a date that ran between two stops, in order of time.

    Cancelled ones are left out: their passengers are counted on the next departure.
    """

    date: date
    departures: tuple[StopCountsOfDeparture, ...]

    @property
    def is_counted(self) -> bool:
        return any(departure.boardings is not None for departure in self.departures)


def comparable_dates(calendar: Calendar, day_type: str, first: date, last: date) -> tuple[date, ...]:
    """Dates of a day type, without those that have it by a planner's override, which are not comparable."""
    return tuple(
        day
        for day in dates(first, last)
        if (service_day := calendar.service_day(day)).day_type == day_type
        and all(reason.why not in (ReasonKind.OVERRIDE, ReasonKind.NO_SERVICE) for reason in service_day.reasons)
    )


def counted_day(
    day: date,
    departures: Iterable[Departure],
    counts: Mapping[str, Sequence[Count]],
    origin: str,
    destination: str,
    seats: int | None = None,
) -> CountedDay:
    """The counts between two stops on a date; `counts`: departure id -> the count in the sums at each stop.

    `seats`: a bus on which as many boarded was full, also where nobody said so; None: unknown.
    """
    counted = [
        _counted(departure, {count.stop: count for count in counts.get(departure.id, ())}, (origin, destination), seats)
        for departure in departures
        if departure.runs and destination in stops_ahead(departure, origin)
    ]
    return CountedDay(day, tuple(sorted(counted, key=lambda departure: departure.departs)))


def stops_ahead(departure: Departure, origin: str) -> tuple[str, ...]:
    """The other stops that a departure reaches after its first call at `origin`, in order and each once."""
    boarding = departure.first_call(origin)
    if boarding is None:
        return ()
    ahead = (call.stop for call in departure.calls if call.sequence > boarding.sequence and call.stop != origin)
    return tuple(dict.fromkeys(ahead))


def _counted(
    departure: Departure, at: Mapping[str, Count], pair: tuple[str, str], seats: int | None
) -> StopCountsOfDeparture:
    origin, destination = pair
    boarding = departure.first_call(origin)
    assert boarding is not None
    here = at.get(origin)
    share = _share(at, stops_ahead(departure, origin), destination)
    if here is None or share is None:
        return StopCountsOfDeparture(boarding.departs, None)
    behind = here.left_behind
    most = None if behind is None else most_left_behind(behind)
    return StopCountsOfDeparture(
        departs=boarding.departs,
        boardings=share * here.boardings,
        left_behind=share * (behind or 0),
        full=bool(here.full) or (seats is not None and here.boardings >= seats),
        left_most=None if most is None else share * most,
    )


def _share(at: Mapping[str, Count], ahead: Sequence[str], destination: str) -> float | None:
    """The share of the boardings bound for the destination; None when an alighting count is missing."""
    if len(ahead) == 1:
        return 1.0
    alighted = {stop: at[stop].alightings for stop in ahead if stop in at}
    counted = {stop: number for stop, number in alighted.items() if number is not None}
    if len(counted) < len(ahead):
        return None
    total = sum(counted.values())
    return counted[destination] / total if total else 1 / len(ahead)
