"""Recording boardings: validation and idempotency of counts, and the questions about implausible ones.

An acknowledged count is on the disk. A count sent again under the same key is stored once.
"""

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow, allow_at
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.ridership.boardings import (
    Count,
    CountQuestion,
    CountState,
    Observation,
    check_countable,
    check_counted_at,
    disputed,
    effective_observation,
    questions,
    state,
)
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure
from shuttle.services.app_context import AppContext
from shuttle.store.ridership import boardings as store
from shuttle.store.ridership.boardings import Arrival, Stored
from shuttle.store.ridership.skipped_stops import skipped_stops_on

LONGEST_KEY = 200
_RANDOM = random.Random()
"""Pseudo-random: ids must differ, not be secret, and `os.urandom` releases the interpreter lock once per count."""


@dataclass(frozen=True, kw_only=True)
class StopCounts:
    """A stop of a departure. `held`: the observation that holds; `unserved`: why the stop was skipped."""

    stop: str
    state: CountState
    held: Observation | None
    disputed: bool
    observations: tuple[Observation, ...]
    unserved: ReasonCode | None = None


def accepted(context: AppContext, person: Person | None, count: Count, key: str | None) -> Arrival | Stored:
    """A count to be written, or the result under which it is stored already.

    Raises Invalid (`idempotency-key-missing`, `bad-idempotency-key`, `stop-not-called-at`, `counted-too-early`,
    `counted-in-future`), NotFound (`unknown-departure`), Refused (`departure-cancelled`). A repeated key with the same
    count gives the stored id even after the departure was cancelled: a phone without coverage must learn that its count
    is stored.
    """
    person = allow(person, Action.RECORD_BOARDINGS)
    key = check_key(key)
    try:
        departure = context.departure(count.departure)
        if person.centre:
            allow_at(person, (call.stop for call in departure.calls))
        check_countable(departure, count.stop)
        check_counted_at(departure, count.recorded_at, context.now(), context.zone)
    except ShuttleError:
        with context.reading() as session:
            stored = store.find_key(session, key)
        if stored is None or stored[1] != count.fingerprint():
            raise
        return Stored(stored[0], replayed=True)
    hour = departure.planned_hour(count.stop)
    assert hour is not None
    return Arrival(
        id=new_id(),
        key=key,
        count=count,
        service_date=departure.date,
        hour=hour,
        source=person.id,
        role=person.role.value,
        received_at=context.now(),
    )


async def record(context: AppContext, person: Person | None, count: Count, key: str | None) -> Stored:
    """Record a count; it is on the disk when this returns. Raises as `accepted`, and Invalid (`idempotency-key-reused`)."""
    if context.watch.is_instant:
        arrival = accepted(context, person, count, key)
    else:
        arrival = await asyncio.to_thread(accepted, context, person, count, key)
    return _checked(arrival if isinstance(arrival, Stored) else await context.writer.write(arrival))


def record_and_wait(context: AppContext, person: Person | None, count: Count, key: str | None) -> Stored:
    """As `record`, for a thread."""
    arrival = accepted(context, person, count, key)
    return _checked(arrival if isinstance(arrival, Stored) else context.writer.put(arrival).result(timeout=30))


def _checked(stored: Stored) -> Stored:
    if stored.clash:
        raise Invalid(
            "idempotency-key-reused",
            "this Idempotency-Key was used for another count; take a new key for a new count",
            allowed="a new key",
        )
    return stored


def check_key(key: str | None) -> str:
    """The idempotency key. Raises Invalid (`idempotency-key-missing`, `bad-idempotency-key`). Source:
    draft-ietf-httpapi-idempotency-key-header.
    """
    if key is None or not key.strip():
        raise Invalid(
            "idempotency-key-missing",
            "send an Idempotency-Key with every count, a new one for each, the same one when you send it again",
            allowed=f"1 to {LONGEST_KEY} characters",
        )
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Invalid(
            "bad-idempotency-key",
            f"the Idempotency-Key has {len(key)} characters or some that cannot be printed",
            given=key[:40],
            allowed=f"1 to {LONGEST_KEY} printable characters",
        )
    return key


def new_id() -> str:
    """An id that increases with time, so that index entries are appended."""
    return f"{time.time_ns() // 1_000_000:012x}{_RANDOM.getrandbits(64):016x}"


def counts_of(session: Session, person: Person | None, departure: Departure) -> list[StopCounts]:
    """All stops of a departure with state and history, in order of the calls. Raises NotAllowed (`other-centre`)."""
    allow_at(allow(person, Action.READ_BOARDINGS), [call.stop for call in departure.calls])
    return _stop_counts(session, departure)


def _stop_counts(session: Session, departure: Departure) -> list[StopCounts]:
    observations = store.observations_of(session, departure.id)
    unserved = skipped_stops_on(session, departure.id)
    counts = []
    for stop in dict.fromkeys(call.stop for call in departure.calls):
        at_stop = tuple(observation for observation in observations if observation.count.stop == stop)
        reason = unserved.get(stop)
        counts.append(
            StopCounts(
                stop=stop,
                state=state(departure, at_stop, reason is not None),
                held=effective_observation(at_stop),
                disputed=disputed(at_stop),
                observations=at_stop,
                unserved=reason,
            )
        )
    return counts


def questions_about(context: AppContext, departure: Departure, stops: list[StopCounts]) -> list[CountQuestion]:
    """Questions about implausible counts of a departure, with the vehicle's seats where only one vehicle is possible."""
    vehicle = context.schedule().network.on(departure.date).only_vehicle
    counts = [stop.held.count for stop in stops if stop.held]
    return questions(departure, counts, vehicle.seats if vehicle else None)


def questions_on(context: AppContext, person: Person | None, day: date) -> dict[str, list[CountQuestion]]:
    """Departure -> questions, for departures of a date with implausible counts."""
    allow(person, Action.RECORD_BOARDINGS)
    schedule = context.schedule()
    vehicle = schedule.network.on(day).only_vehicle
    with context.reading() as session:
        latest = store.latest_counts_between(session, day, day)
    by_departure = {}
    for departure in schedule.departures_on(day).departures:
        stops = dict.fromkeys(call.stop for call in departure.calls)
        holders = (effective_observation(latest.get((departure.id, stop), ())) for stop in stops)
        by_departure[departure.id] = questions(
            departure, [each.count for each in holders if each], vehicle.seats if vehicle else None
        )
    return {departure: open_questions for departure, open_questions in by_departure.items() if open_questions}


def questions_after(context: AppContext, person: Person | None, departure_id: str) -> list[CountQuestion]:
    """Questions about a departure, for the person who has just counted on it."""
    allow(person, Action.RECORD_BOARDINGS)
    departure = context.departure(departure_id)
    with context.reading() as session:
        return questions_about(context, departure, _stop_counts(session, departure))


def observations_between(
    session: Session, person: Person | None, first: date, last: date, limit: int, after: int
) -> list[Observation]:
    """Observations of a span, in order of arrival. Raises Invalid (`bad-span`), NotAllowed (`other-centre`) for a centre's tablet."""
    allow_at(allow(person, Action.READ_BOARDINGS), ())
    if last < first:
        raise Invalid(
            "bad-span", f"from {first} to {last} runs backwards", given=f"{first} to {last}", allowed="from <= to"
        )
    return store.observations_between(session, first, last, limit, after)
