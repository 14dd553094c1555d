"""Whether a centre is open when the bus is there: closed all day, not yet, until a time, or closed by then."""

from dataclasses import dataclass
from enum import StrEnum

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.opening_hours import Window


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
