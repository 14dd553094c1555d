"""Sums of riders by destination, with the number of departures behind each sum.

A departure belongs to every destination that it serves. One without a figure for a destination adds nothing to its sum: it is
among the departures due, and not among the counted ones.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan
from shuttle.domain.ridership.destinations import (
    DepartureCounts,
    Riders,
    counts_of,
    destinations_ahead,
    riders_by_destination,
)
from shuttle.domain.ridership.gaps import boarding_stops
from shuttle.domain.ridership.summaries import Grouping, Key
from shuttle.domain.timetable.departures import Departure, Schedule

WITH_DESTINATION = frozenset({Grouping.DAY, Grouping.WEEKDAY, Grouping.HOUR, Grouping.TRIP, Grouping.DESTINATION})
"""Groupings that can stand beside the destination."""

NOBODY = Riders(0, 0)


@dataclass(kw_only=True)
class DestinationSum:
    """Riders of one key, over its counted departures.

    `run`: departures that ran. `due`: those that have left. `counted`: those with a figure. `exact`: those whose figure is exact.
    """

    key: Key
    riders: Riders = NOBODY
    run: int = 0
    due: int = 0
    counted: int = 0
    exact: int = 0


@dataclass(frozen=True, kw_only=True)
class DepartureRiders:
    """A departure that ran or will run, its destinations, and the riders to those that have a figure.

    `boardings`: the sum over its counted stops. `is_counted`: every boarding stop that it served was counted.
    """

    departure: Departure
    has_left: bool
    destinations: tuple[str, ...]
    riders: Mapping[str, Riders]
    boardings: int = 0
    is_counted: bool = False


RidersByDeparture = Mapping[str, Mapping[str, Riders]]
"""Departure id -> destination -> its riders; a destination about which the counts say nothing is missing, which is not 0."""


def riders_by_departure(schedule: Schedule, counted: CountedSpan) -> RidersByDeparture:
    """Riders of every counted departure of the span, as an export of counts tells them."""
    destinations = destinations_of(schedule)
    return {
        each.departure.id: riders_by_destination(
            each.departure, counts_of(each), destinations, most_seats(schedule, each.departure.date)
        )
        for each in counted.departures
        if each.was_run
    }


def check_groupings(by: Collection[Grouping]) -> None:
    """Checks what stands beside the destination. Raises Invalid (`unknown-grouping`)."""
    if Grouping.DESTINATION in by and not WITH_DESTINATION.issuperset(by):
        others = ", ".join(grouping for grouping in by if grouping not in WITH_DESTINATION)
        raise Invalid(
            "unknown-grouping",
            f"riders by destination cannot be given by {others} as well: counts do not tell who went from where to where",
            given=others,
            allowed=", ".join(sorted(WITH_DESTINATION)),
        )


def destinations_of(schedule: Schedule) -> frozenset[str]:
    """Stops that people travel to: the centres (stops with opening hours) and the base stop."""
    return schedule.opening_times.stops | {schedule.network.base_stop}


def most_seats(schedule: Schedule, day: date) -> int | None:
    """Seats of the largest vehicle on a date; None without a vehicle."""
    return max((vehicle.seats for vehicle in schedule.network.on(day).vehicles.values()), default=None)


def departures_with_riders(
    schedule: Schedule, counted: CountedSpan, now: datetime, zone: ZoneInfo
) -> Iterator[DepartureRiders]:
    """Every departure of the span that ran or will run, in order of time."""
    destinations = destinations_of(schedule)
    by_id = {each.departure.id: each for each in counted.departures}
    for day in counted.span:
        seats = most_seats(schedule, day)
        for departure in schedule.departures_on(day).departures:
            here = by_id.get(departure.id)
            if departure.runs or (here and here.was_run):
                yield _with_riders(departure, here, destinations, seats, instant(day, departure.departs, zone) <= now)


def _with_riders(
    departure: Departure,
    counted: CountedDeparture | None,
    destinations: frozenset[str],
    seats: int | None,
    has_left: bool,
) -> DepartureRiders:
    counts = counts_of(counted) if counted else DepartureCounts(boardings={}, alightings={})
    riders = riders_by_destination(departure, counts, destinations, seats)
    served = {stop for ahead in destinations_ahead(departure, {*destinations, *riders}).values() for stop in ahead}
    return DepartureRiders(
        departure=departure,
        has_left=has_left,
        destinations=tuple(sorted(served - counts.skipped)),
        riders=riders,
        boardings=sum(counts.boardings.values()),
        is_counted=boarding_stops(departure) - counts.skipped <= counts.boardings.keys() and bool(counts.boardings),
    )


def destination_sums(departures: Iterator[DepartureRiders], by: tuple[Grouping, ...]) -> tuple[DestinationSum, ...]:
    """One row for each key, in order. Raises Invalid as `check_groupings`."""
    check_groupings(by)
    sums: dict[Key, DestinationSum] = {}
    for each in departures:
        for destination in each.destinations:
            key = tuple(_VALUES[grouping](each.departure, destination) for grouping in by)
            row = sums.setdefault(key, DestinationSum(key=key))
            row.run += 1
            row.due += each.has_left
            riders = each.riders.get(destination)
            if riders is not None:
                row.counted += 1
                row.exact += riders.exact is not None
                row.riders += riders
    return tuple(row for _, row in sorted(sums.items()))


_VALUES: dict[Grouping, Callable[[Departure, str], date | str | int]] = {
    Grouping.DAY: lambda departure, _: departure.date,
    Grouping.WEEKDAY: lambda departure, _: departure.date.isoweekday(),
    Grouping.HOUR: lambda departure, _: departure.planned_hour(departure.calls[0].stop) or 0,
    Grouping.TRIP: lambda departure, _: departure.trip,
    Grouping.DESTINATION: lambda _, destination: destination,
}
