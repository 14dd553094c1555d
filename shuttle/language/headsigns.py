"""Headsigns: the destination text of a bus at a call, with every stop ahead and not only the last.

`MO Gyldenpris og MO Nesttun` in town, `MO Nesttun og Vågsbunnen` at MO Gyldenpris. `Departure.ahead` gives the stops.
"""

from collections.abc import Iterable
from datetime import date

from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import Call, Network
from shuttle.language import Words


def headsign(network: Network, departure: Departure, words: Words, call: Call | None = None) -> str:
    """The headsign of a departure at a call (default: the first). Empty at its last call.

    The pattern's own headsign is used only at the first call of a trip to a single stop, where it hides no other stop.
    """
    ahead = departure.ahead(call)
    if len(ahead) == 1 and (call is None or call.sequence == 1):
        own, common = (network.stop_name(ahead[0], departure.date, each) for each in (words.language, ""))
        return own if own != common else network.pattern(departure.pattern).headsign
    return stops_text(network, ahead, departure.date, words)


def stops_text(network: Network, stops: Iterable[str], day: date, words: Words) -> str:
    """The names of the stops on a date, as a list."""
    return words.listed([network.stop_name(stop, day, words.language) for stop in stops])
