"""Origin-destination counts: from counts at stops to passengers between two stops.

A driver counts boardings, not destinations. Where a departure serves one stop only, both are equal. Where it serves several,
boardings are divided in proportion to the alightings counted downstream. If one of these alightings is missing, the
departure is not counted: missing is not zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.service_time import Minute, dates
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.service_days import Calendar, ReasonKind


@dataclass(frozen=True)
class StopCountsOfDeparture:
    """A departure that ran: its boardings for one destination (None: not counted), and signs of unserved passengers."""

    departs: Minute
    boardings: float | None
    left_behind: float = 0.0
    full: bool = False

    @property
    def is_lower_bound(self) -> bool:
        """True when more passengers than counted may have wished to board."""
        return self.full or self.left_behind > 0


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
    day: date, departures: Iterable[Departure], counts: Mapping[str, Sequence[Count]], origin: str, destination: str
) -> CountedDay:
    """The counts between two stops on a date; `counts`: departure id -> the count in the sums at each stop."""
    counted = [
        _counted(departure, {count.stop: count for count in counts.get(departure.id, ())}, origin, destination)
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


def _counted(departure: Departure, at: Mapping[str, Count], origin: str, destination: str) -> StopCountsOfDeparture:
    boarding = departure.first_call(origin)
    assert boarding is not None
    here = at.get(origin)
    share = _share(at, stops_ahead(departure, origin), destination)
    if here is None or share is None:
        return StopCountsOfDeparture(boarding.departs, None)
    left_behind = share * (here.left_behind or 0)
    return StopCountsOfDeparture(boarding.departs, share * here.boardings, left_behind, bool(here.full))


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
