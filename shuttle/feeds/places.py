"""Stops with name and mark: a colour and shape that is the same on every page.

The base stop has mark 0; the others have the one that a planner chose (the latest), else theirs in the order of the network, so
that a stop that is added changes no other mark. With more than MARKS stops, two have the same.
A mark never stands alone: the name is beside it.
"""

from dataclasses import dataclass
from datetime import date

from shuttle.domain.timetable.network import MARKS, Network

TOWN = 0


@dataclass(frozen=True)
class Place:
    """A stop with its name on a date; `mark` 0 is the base stop's, 1 to MARKS are the others'."""

    id: str
    name: str
    mark: int


def place_of(network: Network, stop: str, day: date, language: str = "") -> Place:
    """The stop on a date, with its name in a language."""
    return Place(stop, network.stop_name(stop, day, language), mark_of(network, stop))


def mark_of(network: Network, stop: str) -> int:
    """The mark of a stop, 0 to MARKS: of the base stop 0; a stop outside of the network has the last one."""
    if stop == network.base_stop:
        return TOWN
    chosen = next((each.mark for each in reversed(network.stops) if each.id == stop and each.mark), 0)
    if chosen:
        return chosen
    others = list(dict.fromkeys(each.id for each in network.stops if each.id != network.base_stop))
    return others.index(stop) % MARKS + 1 if stop in others else MARKS
