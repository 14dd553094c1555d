"""Riders by destination beside the tables of a standard that has no place for them: TIDES and GTFS-ride count at stops only.

A row is a departure and a stop to which somebody travelled, with the fewest and the most riders that the counts allow; both are equal
where the number is exact. A destination about which nothing was counted has no row, which is not 0.
"""

from collections.abc import Callable, Iterator

from shuttle.domain.ridership.counted_departures import CountedDeparture, CountedSpan
from shuttle.domain.ridership.destination_sums import RidersByDeparture
from shuttle.feeds.gtfs.tables import Row

RIDERS = "riders_by_destination"
BOUNDS = ("riders_at_least", "riders_at_most")


def rider_rows(
    counted: CountedSpan, riders: RidersByDeparture, keys: Callable[[CountedDeparture, str], Row]
) -> Iterator[Row]:
    """`keys`: the cells that name a departure and one of its stops; the two bounds follow. An unknown upper bound is empty."""
    for each in counted.departures:
        for stop, to_stop in riders.get(each.departure.id, {}).items():
            yield (*keys(each, stop), to_stop.least, "" if to_stop.most is None else to_stop.most)
