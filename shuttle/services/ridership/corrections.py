"""Correcting counts, and counting afterwards: by staff and planners, with a reason, for as long as exact counts are kept."""

from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.boardings import CORRECTION, CorrectionReason, Count, Observation, check_countable
from shuttle.domain.timetable.departures import Departure
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import StopCounts, check_key, counts_of, new_id
from shuttle.store.access.people import accounts
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership.boardings import Arrival, Stored, store_arrivals

CORRECTOR = f"{CORRECTION}:"
"""Begins the observer of a correction; the account that corrected follows. So nobody's own count replaces a correction."""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What holds at a stop of a departure from now on. `alightings` None: nobody looked."""

    departure: str
    stop: str
    boardings: int
    alightings: int | None
    reason: str


@dataclass(frozen=True)
class CountedDeparture:
    """A departure of a day with the counts of each stop."""

    departure: Departure
    stops: tuple[StopCounts, ...]


def first_correctable(context: AppContext, kept_days: int) -> date:
    """The first date whose counts still have their observers and moments."""
    return context.today() - timedelta(days=kept_days)


def counts_on(context: AppContext, person: Person | None, day: date) -> tuple[CountedDeparture, ...]:
    """The departures of a date that have left, with all counts."""
    person = allow(person, Action.CORRECT_COUNTS)
    schedule, now = context.schedule(), context.now()
    with context.reading() as session:
        return tuple(
            CountedDeparture(departure, tuple(counts_of(session, person, departure)))
            for departure in schedule.departures_on(day).departures
            if departure.runs and instant(day, departure.departs, context.zone) <= now
        )


def observer_names(context: AppContext, person: Person | None) -> dict[str, str]:
    """Observer -> name of the account."""
    allow(person, Action.CORRECT_COUNTS)
    with context.reading() as session:
        names = {account.id: account.name for account in accounts(session)}
    return names | {f"{CORRECTOR}{account}": name for account, name in names.items()}


def correct_count(
    context: AppContext, person: Person | None, correction: Correction, key: str | None, kept_days: int
) -> Stored:
    """Store a correction, and who made it in the audit log; repeated under the same key it changes nothing.

    Raises Invalid (`bad-reason`, `bad-count`, `stop-not-called-at`, `idempotency-key-missing`, `idempotency-key-reused`), NotFound
    (`unknown-departure`), Refused (`departure-cancelled`, `not-left-yet`, `counts-forgotten`).
    """
    person = allow(person, Action.CORRECT_COUNTS)
    key = check_key(key)
    if correction.reason not in set(CorrectionReason):
        allowed = ", ".join(CorrectionReason)
        raise Invalid("bad-reason", "a correction needs a reason", given=correction.reason, allowed=allowed)
    departure = context.departure(correction.departure)
    now = context.now()
    count = Count(
        departure=departure.id, stop=correction.stop, boardings=correction.boardings, alightings=correction.alightings
    )
    _check_correctable(context, departure, count, kept_days)
    hour = departure.planned_hour(count.stop)
    assert hour is not None
    arrival = Arrival(
        id=new_id(),
        key=key,
        count=count,
        service_date=departure.date,
        hour=hour,
        source=f"{CORRECTOR}{person.id}",
        role=CORRECTION,
        received_at=now,
        reason=correction.reason,
    )
    with context.transaction() as session:
        before = next(each.held for each in counts_of(session, person, departure) if each.stop == count.stop)
        [stored] = store_arrivals(session.connection(), [arrival])
        if not stored.replayed and not stored.clash:
            details = {"stop": count.stop, "before": _words(before), "after": _text(count), "reason": correction.reason}
            add_entry(session, now, person.name, person.role.value, "correct-count", departure.id, details)
    if stored.clash:
        raise Invalid("idempotency-key-reused", "this key was used for another count", allowed="a new key")
    return stored


def _check_correctable(context: AppContext, departure: Departure, count: Count, kept_days: int) -> None:
    check_countable(departure, count.stop)
    first = first_correctable(context, kept_days)
    if departure.date < first:
        raise Refused(
            "counts-forgotten",
            f"the counts of {departure.date} are kept without observers and moments, and stand",
            given=departure.date,
            allowed=f"dates from {first} on",
        )
    leaves = instant(departure.date, departure.departs, context.zone)
    if leaves > context.now():
        raise Refused(
            "not-left-yet", f"{departure.id} has not left yet", given=departure.id, allowed="a past departure"
        )


def _text(count: Count) -> str:
    return f"{count.boardings}/{'-' if count.alightings is None else count.alightings}"


def _words(observation: Observation | None) -> str:
    return _text(observation.count) if observation else "-"
