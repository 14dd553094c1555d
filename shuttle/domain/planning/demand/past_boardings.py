"""Past boardings of the departures that a proposal moves or drops: the mean over counted days.

A departure with an uncounted boarding stop is not counted: missing is not zero. Without any counted day there is no mean.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.planning.result import PastBoardingsResult
from shuttle.domain.planning.timetable_changes import TimetableChanges
from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan
from shuttle.domain.timetable.trips import Trip


@dataclass(frozen=True)
class PastBoardings:
    """Mean boardings of a departure over the `days` (at least one) on which it was counted at every boarding stop."""

    mean: float
    days: int


PastByMinute = Mapping[Minute, PastBoardings]
"""Departure minute in today's timetable -> its past boardings; a departure that was never counted is missing."""


def past_boardings(counted: CountedSpan, dates: Collection[date], trips: Collection[Trip]) -> PastByMinute:
    """Past boardings of the trips on these dates; a departure retimed on a date still belongs to its trip."""
    past: dict[Minute, PastBoardings] = {}
    for trip in trips:
        ran = (c for c in counted.departures if c.departure.trip == trip.id and c.departure.date in dates)
        numbers = [number for each in ran if each.departure.runs and (number := boarded(each)) is not None]
        if numbers:
            past[trip.departs] = PastBoardings(sum(numbers) / len(numbers), len(numbers))
    return past


def boarded(counted: CountedDeparture) -> int | None:
    """Total boardings of a departure; None when a boarding stop was not counted."""
    boarding = {call.stop for call in counted.departure.calls[:-1]}
    total = 0
    for stop in counted.stops:
        if stop.stop in boarding and not stop.unserved:
            if stop.held is None:
                return None
            total += stop.held.count.boardings
    return total


def past_document(changes: TimetableChanges, past: PastByMinute) -> list[PastBoardingsResult]:
    """Each departure of today that moves or goes, in order; `mean` None: not recorded."""
    minutes = sorted({old for old, _ in changes.moved} | set(changes.dropped))
    return [
        {"departs": time_of_day_text(minute), "mean": counted.mean, "days": counted.days}
        if (counted := past.get(minute))
        else {"departs": time_of_day_text(minute), "mean": None, "days": 0}
        for minute in minutes
    ]
