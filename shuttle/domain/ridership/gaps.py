"""Gaps in counts: departures counted at some boarding stops only, and skipped stops.

A count of alightings alone says nothing of boardings; a skipped stop has no passengers to count. Read as counts of 0, both
would lower a mean. So a departure has a `Gap` when a boarding stop was not counted although another stop was, or when a
stop was skipped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from shuttle.domain.ridership.skipped_stops import SkipReasons
from shuttle.domain.timetable.departures import Departure, Schedule


@dataclass(frozen=True)
class CountAtStop:
    """The count in the sums at a stop of a departure: its boardings, and `anybody`: any boarding or alighting."""

    boardings: int
    anybody: bool


CountsByDeparture = Mapping[tuple[date, str], Mapping[str, CountAtStop]]
"""(service date, trip) -> stop -> its count in the sums; a departure that was counted at every stop may be left out."""


@dataclass(frozen=True)
class Gap:
    """A departure that was not counted at every stop. `held`: stops with a count. `unserved`: skipped stops (count 0 or none).

    `boardings`: sum over the counted stops.
    """

    departure: Departure
    held: frozenset[str]
    unserved: frozenset[str]
    boardings: int

    @property
    def passed_by(self) -> bool:
        """True when all boarding stops were skipped: there was nothing to count."""
        return boarding_stops(self.departure) <= self.unserved

    @property
    def is_whole(self) -> bool:
        """True when every boarding stop that was served was counted."""
        return not self.passed_by and boarding_stops(self.departure) - self.unserved <= self.held

    @property
    def partly(self) -> bool:
        """True when some boarding stop that was served was counted, and another was not."""
        return bool(self.held - self.unserved) and not self.is_whole and not self.passed_by


def boarding_stops(departure: Departure) -> frozenset[str]:
    """Boarding stops: the stops of all calls but the last."""
    return frozenset(call.stop for call in departure.calls[:-1])


def gaps(schedule: Schedule, seen: CountsByDeparture, unserved: SkipReasons) -> dict[tuple[date, str], Gap]:
    """Departures with a gap, by service date and trip. A count above 0 outweighs a report that the stop was skipped."""
    reported: dict[str, set[str]] = {}
    for departure_id, stop in unserved:
        reported.setdefault(departure_id, set()).add(stop)
    days = {day for day, _ in seen} | {date.fromisoformat(departure_id[:10]) for departure_id in reported}
    by_departure = {}
    for day in sorted(days):
        for departure in schedule.departures_on(day).departures:
            key = (day, departure.trip)
            if key in seen or departure.id in reported:
                gap = _gap(departure, seen.get(key, {}), reported.get(departure.id, ()))
                if gap.unserved or not gap.is_whole:
                    by_departure[key] = gap
    return by_departure


def _gap(departure: Departure, counts: Mapping[str, CountAtStop], reported: Collection[str]) -> Gap:
    skipped = frozenset(stop for stop in reported if stop not in counts or not counts[stop].anybody)
    return Gap(departure, frozenset(counts), skipped, sum(each.boardings for each in counts.values()))
