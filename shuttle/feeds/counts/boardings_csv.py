"""Export of counts as CSV: one line for each departure and stop.

Missing is not zero: `boardings` is empty where it is unknown, and `state` says why (`not_recorded` or `cancelled`). A line holds
the role of the observer, never the person.
"""

from collections.abc import Iterator
from types import MappingProxyType

from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan, CountedStop
from shuttle.domain.ridership.destination_sums import RidersByDeparture
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.feeds.gtfs.tables import Row, table

COLUMNS = (
    "date",
    "departure",
    "trip",
    "pattern",
    "departs",
    "status",
    "reason",
    "stop",
    "stop_sequence",
    "state",
    "boardings",
    "alightings",
    "left_behind",
    "full",
    "wheelchairs",
    "role",
    "observers",
    "disputed",
    "riders_at_least",
    "riders_at_most",
)

FORGOTTEN = "unknown"
"""Status of a departure that was counted and stands in no timetable any more."""


def boardings_csv(counted: CountedSpan, riders: RidersByDeparture = MappingProxyType({})) -> str:
    """The span as CSV (RFC 4180, UTF-8), ordered by date, departure time and stop; schedules/README.md explains the columns.

    `riders`: of each departure how many travelled to the stop of the line.
    """
    return table(COLUMNS, _rows(counted, riders))


def _rows(counted: CountedSpan, riders: RidersByDeparture) -> Iterator[Row]:
    for departure in counted.departures:
        for stop in departure.stops:
            to_stop = riders.get(departure.departure.id, {}).get(stop.stop)
            bounds = ("", "") if to_stop is None else (to_stop.least, _cell(to_stop.most))
            yield (*_departure_cells(departure, stop), *_count_cells(stop), *bounds)
    for stop in counted.forgotten:
        assert stop.held is not None
        identifier = stop.held.count.departure
        day, trip = split_departure_id(identifier)
        yield (day.isoformat(), identifier, trip, "", "", FORGOTTEN, "", stop.stop, "", *_count_cells(stop), "", "")


def _departure_cells(counted: CountedDeparture, stop: CountedStop) -> Row:
    departure = counted.departure
    call = departure.first_call(stop.stop)
    reason = stop.unserved or departure.reason
    return (
        departure.date.isoformat(),
        departure.id,
        departure.trip,
        departure.pattern,
        time_of_day_text(departure.departs),
        departure.status.value,
        reason.value if reason else "",
        stop.stop,
        call.sequence if call else "",
    )


def _count_cells(stop: CountedStop) -> Row:
    if stop.held is None:
        return (stop.state.value, "", "", "", "", "", "", stop.observers, "")
    count = stop.held.count
    figures = (count.boardings, count.alightings, count.left_behind, count.full, count.wheelchairs)
    amounts = [_cell(value) for value in figures]
    return (stop.state.value, *amounts, stop.held.role, stop.observers, int(stop.disputed))


def _cell(value: int | bool | None) -> int | str:
    """A number; yes and no as 1 and 0; empty where it is unknown."""
    return "" if value is None else int(value)
