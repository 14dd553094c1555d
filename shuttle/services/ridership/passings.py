"""Recording passings: when a departure left a stop or arrived there."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from shuttle.domain.access.permissions import Action, Person, allow, allow_at
from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.passings import Passing, PassingKind, check_moment
from shuttle.services.app_context import AppContext
from shuttle.store.ridership import passings as store


@dataclass(frozen=True)
class PassingReport:
    """A reported passing; `at` None withdraws the earlier one."""

    departure: str
    stop: str
    kind: PassingKind
    at: datetime | None


def record_passing(context: AppContext, person: Person | None, key: str, report: PassingReport) -> tuple[Passing, bool]:
    """The passing, and whether it is new: a repeated key with the same content changes nothing.

    Raises NotFound (`unknown-departure`, `unknown-call`), Refused (`cancelled-departure`), Invalid (`bad-passing`,
    `key-used-otherwise`).
    """
    person = allow(person, Action.RECORD_BOARDINGS)
    passing = Passing(
        key=key,
        departure=report.departure,
        stop=report.stop,
        kind=report.kind,
        at=report.at,
        said_by=person.name,
        said_at=context.now(),
    )
    _check_possible(context, passing, person)
    try:
        with context.transaction() as session:
            if stored := store.passing_with_key(session, key):
                return _same(stored, passing), False
            store.add_passing(session, passing)
            return passing, True
    except IntegrityError:  # a concurrent request stored this key first
        with context.reading() as session:
            stored = store.passing_with_key(session, key)
            if stored is None:
                raise
            return _same(stored, passing), False


def _check_possible(context: AppContext, passing: Passing, person: Person) -> None:
    departure = context.schedule().departure(passing.departure)
    allow_at(person, (call.stop for call in departure.calls))
    if not departure.runs:
        raise Refused("cancelled-departure", f"{departure.id} is cancelled", given=departure.id)
    call = (
        departure.last_call(passing.stop) if passing.kind is PassingKind.ARRIVED else departure.first_call(passing.stop)
    )
    if call is None:
        stops = ", ".join(call.stop for call in departure.calls)
        raise NotFound(
            "unknown-call", f"{departure.id} does not call at {passing.stop!r}", given=passing.stop, allowed=stops
        )
    planned = call.arrives if passing.kind is PassingKind.ARRIVED else call.departs
    check_moment(passing.at, instant(departure.date, planned, context.zone), passing.said_at)


def _same(stored: Passing, passing: Passing) -> Passing:
    if replace(passing, said_at=stored.said_at, said_by=stored.said_by) != stored:
        raise Invalid(
            "key-used-otherwise",
            f"the key {passing.key!r} was used for another passing",
            given=passing.key,
            allowed="a new key for what has not been said before",
        )
    return stored
