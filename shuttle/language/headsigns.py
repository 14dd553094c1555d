"""What a bus has on its front, in words: every stop that it still goes to, never just the last one.

`MO Gyldenpris og MO Nesttun` in town, `MO Nesttun og Vågsbunnen` at MO Gyldenpris. Which stops those are, the domain says.
"""

from collections.abc import Iterable
from datetime import date

from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import Call, Network
from shuttle.language import Words


def headsign(network: Network, departure: Departure, words: Words, call: Call | None = None) -> str:
    """The headsign of a departure at a call (the first). Empty at its last call.

    A pattern's own wording holds where it can hide nothing: at the first call of a trip to a single place.
    """
    ahead = departure.ahead(call)
    if len(ahead) == 1 and (call is None or call.sequence == 1):
        return network.pattern(departure.pattern).headsign
    return stops_text(network, ahead, departure.date, words)


def stops_text(network: Network, stops: Iterable[str], day: date, words: Words) -> str:
    """Stops by name, in a row."""
    return words.listed([network.stop_name(stop, day) for stop in stops])
