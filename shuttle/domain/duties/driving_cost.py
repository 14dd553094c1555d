"""Cost of a departure that ran: the driver's time and the kilometres, with the empty run back to where the bus stands.

It is the cost of driving, not of the service: breaks, stand-by and the bus itself are in no rate. Where the empty run or a length is
unknown it adds nothing.
"""

from itertools import pairwise

from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import FREE, Network


def driving_nok(network: Network, departure: Departure, day_type: str) -> float | None:
    """NOK of a departure by the rates of its date; None where no rates are known."""
    costs, here = network.costs_on(departure.date), network.on(departure.date)
    if costs == FREE:
        return None
    links = [here.running_times.get((a.stop, b.stop)) for a, b in pairwise(departure.calls)]
    first, last = departure.calls[0], departure.calls[-1]
    ends = last.arrives
    back = here.running_times.get((last.stop, network.base_stop)) if last.stop != network.base_stop else None
    if back is not None:
        ends += back.minutes(last.arrives)
        links.append(back)
    nok = (ends - first.departs) / 60 * costs.nok_per_driver_hour
    for supplement in costs.supplements:
        if day_type in supplement.day_types:
            nok += supplement.minutes(first.departs, ends) / 60 * supplement.nok_per_hour
    return nok + sum(link.km or 0.0 for link in links if link is not None) * costs.nok_per_km
