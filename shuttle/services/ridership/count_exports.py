"""Exports of exact counts. Each export is recorded in the audit log before the figures are returned."""

from datetime import date

from shuttle.domain.access.permissions import Action, Person, allow, allow_at
from shuttle.domain.ridership.counted_departures import CountedSpan, counted_span
from shuttle.domain.ridership.summaries import Span
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import boardings as store
from shuttle.store.ridership.skipped_stops import skipped_stops_between


def export_counts(
    context: AppContext, person: Person | None, first: date | None, last: date | None, form: str
) -> CountedSpan:
    """All counts from `first` (None: the first count) to `last` (None: today), for a file in the format `form`.

    Raises NotSignedIn, NotAllowed, Invalid (`bad-span`, `span-too-long`).
    """
    person = allow(person, Action.READ_BOARDINGS)
    allow_at(person, ())  # a centre's tablet exports nothing: the counts are those of all centres
    now, today = context.now(), context.today()
    schedule = context.schedule()
    with context.transaction() as session:
        end = last or max(today, first or today)
        span = Span(first or min(store.first_counted_date(session) or end, end), end)
        latest = store.latest_counts_between(session, span.first, span.last)
        skipped = skipped_stops_between(session, span.first, span.last)
        counted = counted_span(schedule, span, latest, now, context.zone, skipped)
        details = {"from": span.first.isoformat(), "to": span.last.isoformat(), "departures": len(counted.departures)}
        add_entry(session, now, person.name, person.role.value, "export-counts", form, details)
    return counted
