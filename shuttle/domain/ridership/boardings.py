"""Counts of boardings and alightings at a stop of a departure; they hold nothing about persons.

Missing is not zero: a stop of a departure is in one of four states, a number, an explicit 0, not recorded, or cancelled.
An `Observation` is a count as recorded, and is never edited. A later one by the same observer supersedes it. Where two
observers differ, both are kept and shown; `effective_observation` chooses the one that enters the sums. A correction is an observation,
too: it has a reason, stands above what it corrects, and settles a dispute.
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
"""The largest count accepted; a larger one is a typing error."""

OPENS_BEFORE = timedelta(minutes=30)
"""How long before a departure its counting opens."""

LEFT_BEHIND = {"0": 0, "1": 1, "2": 2, "3-5": 3, "6+": 6}
"""Class of passengers left behind -> the lower bound that is stored."""


def left_behind_class(number: int) -> str:
    """The class that contains the number: 3 to 5 -> `3-5`."""
    return max((least, name) for name, least in LEFT_BEHIND.items() if least <= number)[1]


def most_left_behind(least: int) -> int | None:
    """The upper bound of the class that was stored by its lower one; None for 6 and more."""
    return least if least < 3 else 5 if least < 6 else None


CORRECTION = "correction"
"""Role, in an observation, of whoever corrects what others counted."""


class CorrectionReason(StrEnum):
    """Why a count is corrected, or made afterwards."""

    MISCOUNTED = "miscounted"
    MISTYPED = "mistyped"
    WRONG_DEPARTURE = "wrong_departure"
    OBSERVERS_DIFFER = "observers_differ"
    COUNTED_LATER = "counted_later"
    OTHER = "other"


class CountState(StrEnum):
    """The four states of a count."""

    NUMBER = "number"
    ZERO = "zero"
    NOT_RECORDED = "not_recorded"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Count:
    """A count at a stop of a departure, in passengers. None: not counted, which differs from 0.

    `left_behind`: lower bound of the passengers who found no seat. `full`: no seat was left. `wheelchairs`: boardings in a
    wheelchair, where the operator counts them. Raises Invalid (`bad-count`, `naive-moment`).
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
        """A hash of the content: it separates a repeated request from another count under the same idempotency key."""
        moment = self.recorded_at.timestamp() if self.recorded_at else None
        content: tuple[object, ...]
        content = (self.departure, self.stop, self.boardings, self.alightings, self.left_behind, self.full, moment)
        if self.wheelchairs is not None:  # stored fingerprints from before this field must stay equal
            content = (*content, self.wheelchairs)
        return blake2b(repr(content).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Observation:
    """A count as received. `order` rises with each observation; `source` is the observer, `role` the observer's role.

    `reason`: of a correction; None otherwise.
    """

    id: str
    order: int
    key: str
    count: Count
    source: str
    role: str
    received_at: datetime
    supersedes: str | None = None
    reason: str | None = None

    @property
    def recorded(self) -> tuple[datetime, int]:
        """Sort key: of one observer's counts the one with the largest holds. A phone may send an older count later than a newer one."""
        return (self.count.recorded_at or self.received_at, self.order)


WEIGHTS = {CORRECTION: 3, "driver": 2, "staff": 1}
"""Role -> precedence of its observations; 0 for every other role."""


def latest_by_observer(observations: Iterable[Observation]) -> list[Observation]:
    """The latest observation of each observer at a stop of a departure, by when it was recorded; in order of receipt."""
    last: dict[str, Observation] = {}
    for observation in sorted(observations, key=lambda observation: observation.recorded):
        last[observation.source] = observation
    return sorted(last.values(), key=lambda observation: observation.order)


def effective_observation(observations: Iterable[Observation]) -> Observation | None:
    """The observation that enters the sums: a correction, then a driver's (who sees all boardings) before others, then the latest."""
    return max(latest_by_observer(observations), key=lambda o: precedence(o.role, o.order), default=None)


def precedence(role: str, order: int) -> tuple[int, int]:
    """Sort key: of two observers' latest observations the one with the larger key enters the sums."""
    return (WEIGHTS.get(role, 0), order)


def disputed(observations: Iterable[Observation]) -> bool:
    """True when the latest observations of two observers differ in what both counted, and nobody has corrected them."""
    latest = latest_by_observer(observations)
    if any(observation.role == CORRECTION for observation in latest):
        return False
    boardings = {observation.count.boardings for observation in latest}
    alightings = {observation.count.alightings for observation in latest} - {None}
    return max(len(boardings), len(alightings)) > 1


def state(departure: Departure, observations: Iterable[Observation], unserved: bool = False) -> CountState:
    """The state of a stop of a departure. `unserved`: reported as skipped; a count above 0 there outweighs the report."""
    observation = effective_observation(observations)
    if unserved and (observation is None or not (observation.count.boardings or observation.count.alightings)):
        return CountState.CANCELLED
    if observation is not None:
        return CountState.NUMBER if observation.count.boardings else CountState.ZERO
    return CountState.NOT_RECORDED if departure.runs else CountState.CANCELLED


def check_countable(departure: Departure, stop: str) -> None:
    """Checks that a count is possible. Raises Refused (`departure-cancelled`), Invalid (`stop-not-called-at`)."""
    if not departure.runs:
        raise Refused(
            "departure-cancelled",
            f"{departure.id} is cancelled ({departure.reason or 'no reason given'}); it cannot be counted",
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
    """The first moment at which the departure may be counted.

    For a retimed departure the earlier of both times decides, because a count before the retiming was valid.
    """
    first = departure.departs if departure.planned is None else min(departure.departs, departure.planned)
    return instant(departure.date, first, zone) - OPENS_BEFORE


def check_counted_at(departure: Departure, recorded_at: datetime | None, now: datetime, zone: tzinfo) -> None:
    """Checks the moment of a count. Raises Invalid (`counted-too-early`, `counted-in-future`).

    `recorded_at` is by the observer's clock, which may run ahead by CLOCKS_APART; None stands for `now`. The age of a
    count has no limit: a phone may lack coverage for days, and a paper sheet may wait for weeks.
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
    """The moment in local time; unchanged where the calendar's edge makes the conversion impossible."""
    try:
        return moment.astimezone(zone).isoformat(timespec="seconds")
    except OverflowError:
        return moment.isoformat()


def check_wheelchairs(wheelchairs: int | None, are_counted: bool) -> None:
    """Refuses a figure that the operator has not chosen to count. Raises Invalid (`wheelchairs-not-counted`)."""
    if wheelchairs is not None and not are_counted:
        raise Invalid(
            "wheelchairs-not-counted",
            "wheelchairs are not counted here; leave the figure out, or let SHUTTLE_COUNT_WHEELCHAIRS be true",
            given=wheelchairs,
            allowed="no figure",
        )


class Doubt(StrEnum):
    """Kinds of contradiction between the counts of a departure; the counter is asked, and may keep the counts."""

    ABOVE_SEATS = "above_seats"
    BELOW_ZERO = "below_zero"
    NOT_EMPTY_AT_END = "not_empty_at_end"


@dataclass(frozen=True)
class CountQuestion:
    """A doubt at the first stop where it arises, with the passengers on board after that stop by the counts."""

    doubt: Doubt
    stop: str
    on_board: int


def loads(departure: Departure, counts: Sequence[Count]) -> list[int]:
    """Passengers on board after each call: boardings count at a stop's first call, alightings at its last."""
    by_stop = {count.stop: count for count in counts}
    on_board, after_each = 0, []
    for call in departure.calls:
        count = by_stop.get(call.stop)
        if count is not None:
            if departure.first_call(call.stop) == call:
                on_board += count.boardings
            if departure.last_call(call.stop) == call:
                on_board -= count.alightings or 0
        after_each.append(on_board)
    return after_each


def questions(departure: Departure, counts: Sequence[Count], seats: int | None) -> list[CountQuestion]:
    """Contradictions between the counts; `static/driver/questions.js` has the same rules. `seats` None: unknown.

    The load at the end is questioned only when alightings were counted there. A load below zero is questioned only when
    all earlier boarding stops were counted: the count may still be on the driver's phone.
    """
    calls = list(zip(departure.calls, loads(departure, counts), strict=True))
    last, at_end = calls[-1]
    end_was_counted = any(count.stop == last.stop and count.alightings is not None for count in counts)
    above = [(Doubt.ABOVE_SEATS, call, load) for call, load in calls if seats is not None and load > seats]
    below = [(Doubt.BELOW_ZERO, call, load) for call, load in calls[: _complete(departure, counts)] if load < 0]
    doubts = [CountQuestion(doubt, call.stop, load) for doubt, call, load in (*above[:1], *below[:1])]
    if end_was_counted and at_end > 0:
        doubts.append(CountQuestion(Doubt.NOT_EMPTY_AT_END, last.stop, at_end))
    return doubts


def _complete(departure: Departure, counts: Sequence[Count]) -> int:
    """Number of leading calls up to which all boarding stops were counted."""
    counted = {count.stop for count in counts}
    last = len(departure.calls) - 1
    missing = (at for at, call in enumerate(departure.calls) if at < last and call.stop not in counted)
    return next(missing, last) + 1
