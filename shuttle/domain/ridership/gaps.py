"""Departures that were not counted whole, and stops at which nobody could be counted.

Somebody who counts only those who get off at the centre says nothing of how many got on, and a bus that could not call at a
stop left nobody there uncounted. Taken for counts of 0, both would draw a mean down; taken for departures without a count, the
second would be looked for in vain. So a departure has a `Gap` where a stop at which people get on was not counted although
something else was, or where one was not served.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from shuttle.domain.ridership.skipped_stops import Reasons
from shuttle.domain.timetable.departures import Departure, Schedule


@dataclass(frozen=True)
class CountAtStop:
    """What holds of a stop of a departure: how many got on there, and whether anybody got on or off."""

    boardings: int
    anybody: bool


Seen = Mapping[tuple[date, str], Mapping[str, CountAtStop]]
"""(service date, trip) -> stop -> what holds there; a departure that was counted at every stop need not be there."""


@dataclass(frozen=True)
class Gap:
    """A departure that was not counted whole: the stops with a count, and those that it passed by (a count of 0 may stand there)."""

    departure: Departure
    held: frozenset[str]
    unserved: frozenset[str]
    boardings: int

    @property
    def passed_by(self) -> bool:
        """No stop at which people get on was served: there was nothing to count."""
        return boarding_stops(self.departure) <= self.unserved

    @property
    def is_whole(self) -> bool:
        """Counted at every stop at which people could get on."""
        return not self.passed_by and boarding_stops(self.departure) - self.unserved <= self.held

    @property
    def partly(self) -> bool:
        """Something was counted, and not at every stop at which people could get on."""
        return bool(self.held - self.unserved) and not self.is_whole and not self.passed_by


def boarding_stops(departure: Departure) -> frozenset[str]:
    """Stops at which people get on: all but the one where the departure ends."""
    return frozenset(call.stop for call in departure.calls[:-1])


def gaps(schedule: Schedule, seen: Seen, unserved: Reasons) -> dict[tuple[date, str], Gap]:
    """Departures with a gap, by service date and trip. A stop at which anybody was counted was served, whatever was said."""
    told: dict[str, set[str]] = {}
    for departure_id, stop in unserved:
        told.setdefault(departure_id, set()).add(stop)
    days = {day for day, _ in seen} | {date.fromisoformat(departure_id[:10]) for departure_id in told}
    found = {}
    for day in sorted(days):
        for departure in schedule.departures_on(day).departures:
            key = (day, departure.trip)
            if key in seen or departure.id in told:
                gap = _gap(departure, seen.get(key, {}), told.get(departure.id, ()))
                if gap.unserved or not gap.is_whole:
                    found[key] = gap
    return found


def _gap(departure: Departure, held: Mapping[str, CountAtStop], told: Collection[str]) -> Gap:
    passed = frozenset(stop for stop in told if stop not in held or not held[stop].anybody)
    return Gap(departure, frozenset(held), passed, sum(each.boardings for each in held.values()))
