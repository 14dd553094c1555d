"""Recording skipped stops: a departure did not call at a stop, with the reason."""

from datetime import date

from shuttle.domain.access.permissions import Action, Person, allow, allow_at
from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.boardings import check_countable
from shuttle.domain.ridership.skipped_stops import SkippedStop, SkipReasons
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.services.app_context import AppContext
from shuttle.store.ridership import skipped_stops as store


def record_skipped_stop(
    context: AppContext, person: Person | None, departure_id: str, stop: str, reason: ReasonCode | None
) -> None:
    """Record a skipped stop; `reason` None withdraws it. A repeated report adds nothing.

    Raises NotFound (`unknown-departure`), Invalid (`stop-not-called-at`), Refused (`departure-cancelled`, `not-yet`).
    """
    person = allow(person, Action.RECORD_BOARDINGS)
    departure = context.departure(departure_id)
    allow_at(person, (call.stop for call in departure.calls))
    check_countable(departure, stop)
    if departure.date > context.today():
        raise Refused(
            "not-yet",
            f"{departure.id} has not run yet; cancel or retime it instead",
            given=departure.id,
            allowed="departures of today and before",
        )
    with context.transaction() as session:
        if store.skipped_stops_on(session, departure.id).get(stop) is not reason:
            store.add_skipped_stop(
                session,
                SkippedStop(
                    departure=departure.id, stop=stop, reason=reason, role=person.role.value, said_at=context.now()
                ),
            )


def skipped_stops_between(context: AppContext, first: date, last: date) -> SkipReasons:
    """(departure, stop) -> why the stop was not served, on service dates from `first` to `last`."""
    with context.reading() as session:
        return store.skipped_stops_between(session, first, last)
