"""Answers of the public day: a centre's opening at the bus's arrival, its hours, the vehicle, and the way to the stop."""

from dataclasses import dataclass
from enum import StrEnum

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.network import NetworkOnDay
from shuttle.domain.timetable.opening_hours import Window
from shuttle.feeds.places import Place


class State(StrEnum):
    """The last word of a text key."""

    OPEN = "open"
    OPENS = "opens"
    CLOSED = "closed"


@dataclass(frozen=True)
class Opening:
    """`at` is when it closes (open) or opens (not yet); None: it is closed for the rest of the day."""

    state: State
    at: Minute | None = None


def opening_at(windows: tuple[Window, ...] | None, minute: Minute) -> Opening | None:
    """The state of a place at a minute of the service day. None: it has no opening hours, and is always open."""
    if windows is None:
        return None
    for opens, closes in windows:
        if opens <= minute < closes:
            return Opening(State.OPEN, closes)
        if minute < opens:
            return Opening(State.OPENS, opens)
    return Opening(State.CLOSED)


@dataclass(frozen=True)
class Wheelchairs:
    """Places for wheelchairs on the day's bus."""

    places: int
    assumed: bool


def wheelchairs_on(network: NetworkOnDay) -> Wheelchairs | None:
    """Wheelchair places of the day's vehicle; None without a vehicle, or with several."""
    vehicle = network.only_vehicle
    return Wheelchairs(vehicle.wheelchair_places, vehicle.provenance.assumed) if vehicle else None


@dataclass(frozen=True)
class CentreHours:
    """Opening hours of a centre on the day."""

    name: str
    windows: tuple[Window, ...]
    assumed: bool


@dataclass(frozen=True)
class Choice:
    """A place to choose as destination, with the next departure to it on the day."""

    place: Place
    next: Minute | None
