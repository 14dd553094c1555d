"""How many got on and off: never who.

Missing is not zero. A departure at a stop is in one of four states: a number, an explicit 0, not recorded, or cancelled. What
somebody writes down is an `Observation`; it is never edited. A later one by the same observer supersedes it, and where two
observers differ both are kept and shown, and `holding` says which one the sums are made of.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from hashlib import blake2b

from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import CLOCKS_APART, instant
from shuttle.domain.timetable.departures import Departure

MOST = 1000
"""No count is larger: it would be a slip of the finger."""

OPENS_BEFORE = timedelta(minutes=30)
"""How long before a departure counting on it opens."""

LEFT_BEHIND = {"0": 0, "1": 1, "2": 2, "3-5": 3, "6+": 6}
"""What people say of those who found no room, and the lower bound that is kept of it."""


def left_behind_class(number: int) -> str:
    """The widest class that the number is a lower bound of: 3 to 5 -> `3-5`."""
    return max((least, name) for name, least in LEFT_BEHIND.items() if least <= number)[1]


class CountState(StrEnum):
    NUMBER = "number"
    ZERO = "zero"
    NOT_RECORDED = "not_recorded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Count:
    """What was seen at a stop of a departure. None: not looked at, which is not the same as 0.

    `wheelchairs`: how many of those who got on did so in one; only where a house has decided to count them. `left_behind` is a lower bound of how many did not find room; `full` says that the bus had no seat left.
    """

    departure: str
    stop: str
    boardings: int
    alightings: int | None = None
    left_behind: int | None = None
    full: bool | None = None
    recorded_at: datetime | None = None
    wheelchairs: int | None = None

    def __post_init__(self) -> None:
        for name in ("boardings", "alightings", "left_behind", "wheelchairs"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= MOST:
                raise Invalid(
                    "bad-count", f"{name} is {value}; a count is from 0 to {MOST}", given=value, allowed=f"0 to {MOST}"
                )
        if self.recorded_at is not None and self.recorded_at.tzinfo is None:
            raise Invalid(
                "naive-moment",
                f"recorded_at {self.recorded_at.isoformat()} has no offset",
                given=self.recorded_at.isoformat(),
                allowed="a moment with its offset, as 2026-11-23T10:02:00+01:00",
            )

    def fingerprint(self) -> str:
        """The same for the same words: how a repeated idempotency key is told from one that is used twice."""
        moment = self.recorded_at.timestamp() if self.recorded_at else None
        said: tuple[object, ...]
        said = (self.departure, self.stop, self.boardings, self.alightings, self.left_behind, self.full, moment)
        if self.wheelchairs is not None:  # without it the words are those of the time before it could be counted
            said = (*said, self.wheelchairs)
        return blake2b(repr(said).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A count as it was received. `order` rises with every one received; `source` is the observer, `role` their role."""

    id: str
    order: int
    key: str
    count: Count
    source: str
    role: str
    received_at: datetime
    supersedes: str | None = None


WEIGHTS = {"driver": 2, "staff": 1}
"""Role -> how much its last word weighs; every other role's weighs nothing."""


def standing(observations: Iterable[Observation]) -> list[Observation]:
    """Each observer's last word at a stop of a departure, in order of arrival."""
    last: dict[str, Observation] = {}
    for observation in sorted(observations, key=lambda observation: observation.order):
        last[observation.source] = observation
    return sorted(last.values(), key=lambda observation: observation.order)


def holding(observations: Iterable[Observation]) -> Observation | None:
    """The one that sums are made of: a driver's before anybody else's (the driver sees everyone who gets on), then the last."""
    return max(standing(observations), key=lambda o: precedence(o.role, o.order), default=None)


def precedence(role: str, order: int) -> tuple[int, int]:
    """Of two observers' last words the one with the higher precedence holds."""
    return (WEIGHTS.get(role, 0), order)


def disputed(observations: Iterable[Observation]) -> bool:
    """True where two observers say different numbers."""
    return len({(o.count.boardings, o.count.alightings) for o in standing(observations)}) > 1


def state(departure: Departure, observations: Iterable[Observation], unserved: bool = False) -> CountState:
    """Which of the four states a stop of a departure is in. `unserved`: somebody said that it did not call there."""
    held = holding(observations)
    if unserved and (held is None or not (held.count.boardings or held.count.alightings)):
        return CountState.CANCELLED
    if held is not None:
        return CountState.NUMBER if held.count.boardings else CountState.ZERO
    return CountState.NOT_RECORDED if departure.runs else CountState.CANCELLED


def check_countable(departure: Departure, stop: str) -> None:
    """Raises Refused (`departure-cancelled`), or Invalid (`stop-not-called-at`) naming the stops of the departure."""
    if not departure.runs:
        raise Refused(
            "departure-cancelled",
            f"{departure.id} is cancelled ({departure.reason or 'no reason given'}); nobody can be counted on it",
            given=departure.id,
        )
    stops = list(dict.fromkeys(call.stop for call in departure.calls))
    if stop not in stops:
        raise Invalid(
            "stop-not-called-at",
            f"{departure.id} does not call at {stop!r}; it calls at {', '.join(stops)}",
            given=stop,
            allowed=", ".join(stops),
        )


def counting_opens(departure: Departure, zone: tzinfo) -> datetime:
    """The first moment at which somebody may be counted on the departure.

    Of a departure that was moved the earlier of both times holds: who counted before it was moved did so rightly.
    """
    first = departure.departs if departure.planned is None else min(departure.departs, departure.planned)
    return instant(departure.date, first, zone) - OPENS_BEFORE


def check_counted_at(departure: Departure, recorded_at: datetime | None, now: datetime, zone: tzinfo) -> None:
    """Raises Invalid: `counted-too-early` before counting opens, `counted-in-future` for a moment that is still to come.

    `recorded_at` is by the clock of whoever counted, which may run ahead of ours by CLOCKS_APART; without it the count is of `now`.
    How long ago it was has no limit: a phone may be without coverage for days, and a sheet of paper may lie for weeks.
    """
    opens, latest = counting_opens(departure, zone), now + CLOCKS_APART
    moment = recorded_at or now
    if moment < opens:
        raise Invalid(
            "counted-too-early",
            f"{departure.id} cannot have been counted at {_moment_text(moment, zone)}: "
            f"counting opens half an hour before the departure, at {_moment_text(opens, zone)}",
            given=moment.isoformat(),
            allowed=f"a moment from {_moment_text(opens, zone)} on, which is not in the future",
        )
    if moment > latest:
        raise Invalid(
            "counted-in-future",
            f"recorded_at {moment.isoformat()} is in the future: it is {_moment_text(now, zone)} now",
            given=moment.isoformat(),
            allowed=f"a moment from {_moment_text(opens, zone)} to {_moment_text(latest, zone)}",
        )


def _moment_text(moment: datetime, zone: tzinfo) -> str:
    """In local time; one at the edge of the calendar, which no other zone may be able to express, as it was given."""
    try:
        return moment.astimezone(zone).isoformat(timespec="seconds")
    except OverflowError:
        return moment.isoformat()


def check_wheelchairs(wheelchairs: int | None, are_counted: bool) -> None:
    """Raises Invalid (`wheelchairs-not-counted`): what nobody has decided to count is not stored."""
    if wheelchairs is not None and not are_counted:
        raise Invalid(
            "wheelchairs-not-counted",
            "wheelchairs are not counted here; leave the figure out, or let SHUTTLE_COUNT_WHEELCHAIRS be true",
            given=wheelchairs,
            allowed="no figure",
        )


class Doubt(StrEnum):
    """What is asked, and never forced, when the counts of a departure do not add up."""

    ABOVE_SEATS = "above_seats"
    BELOW_ZERO = "below_zero"
    NOT_EMPTY_AT_END = "not_empty_at_end"


@dataclass(frozen=True)
class Question:
    """A doubt, at the first call where it arises, with the passengers on board when the bus left it by the counts."""

    doubt: Doubt
    stop: str
    on_board: int


def loads(departure: Departure, counts: Sequence[Count]) -> list[int]:
    """Passengers on board after each call: boardings at a stop's first call, alightings at its last."""
    by_stop = {count.stop: count for count in counts}
    on_board, found = 0, []
    for call in departure.calls:
        count = by_stop.get(call.stop)
        if count is not None:
            if departure.first_call(call.stop) == call:
                on_board += count.boardings
            if departure.last_call(call.stop) == call:
                on_board -= count.alightings or 0
        found.append(on_board)
    return found


def questions(departure: Departure, counts: Sequence[Count], seats: int | None) -> list[Question]:
    """What does not add up; `static/driver/questions.js` asks the same on a phone. `seats` None: not known.

    The end is only asked about when somebody looked at who got off there, and more off than on only where everybody who may
    have got on before was counted: a count that the driver's phone still holds is not a mistake of who counts at the centre.
    """
    calls = list(zip(departure.calls, loads(departure, counts), strict=True))
    last, at_end = calls[-1]
    looked = any(count.stop == last.stop and count.alightings is not None for count in counts)
    above = [(Doubt.ABOVE_SEATS, call, load) for call, load in calls if seats is not None and load > seats]
    below = [(Doubt.BELOW_ZERO, call, load) for call, load in calls[: _known(departure, counts)] if load < 0]
    found = [Question(doubt, call.stop, load) for doubt, call, load in (*above[:1], *below[:1])]
    if looked and at_end > 0:
        found.append(Question(Doubt.NOT_EMPTY_AT_END, last.stop, at_end))
    return found


def _known(departure: Departure, counts: Sequence[Count]) -> int:
    """How many calls from the first on are those before which everybody who may have got on was counted."""
    counted = {count.stop for count in counts}
    last = len(departure.calls) - 1
    missing = (at for at, call in enumerate(departure.calls) if at < last and call.stop not in counted)
    return next(missing, last) + 1
