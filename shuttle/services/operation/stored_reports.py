"""Reports that the house writes by itself when a period is over, and keeps: the fortnight's, the six weeks', the year's.

A report is written on the first morning after its period, marked as preliminary, and once more when late counts have been waited
for as long as for released figures. After that it stays what it was, whatever is counted or corrected later: what a meeting has
had on the table is not another paper next week. It is kept in the database, so that every host offers it and every backup has it.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound
from shuttle.domain.ridership.fortnights import ANCHOR, Period, latest
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.releases import GRACE
from shuttle.services.ridership.reports import written_report
from shuttle.store.operation import stored_reports as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.operation.stored_reports import StoredReport
from shuttle.store.ridership.releases import first_counted

FORMATS = ("pdf", "csv")


def write_due(
    context: AppContext, person: Person | None, words: Words, fonts: Path | None, anchor: date = ANCHOR
) -> tuple[StoredReport, ...]:
    """Write what is due and not there; what was written."""
    person = allow(person, Action.ADMINISTER)
    with context.reading() as session:
        begun, there = first_counted(session), set(store.stored_reports(session))
    made = []
    for report in _due(context, begun, anchor):
        if report in there:
            continue
        content = written_report(context, person, report.span, words, report.wanted, fonts)
        with context.transaction() as session:
            if store.put(session, report, context.now(), content):
                made.append(report)
    with context.transaction() as session:
        store.forget_preliminary(session)
    return tuple(made)


def _due(context: AppContext, begun: date | None, anchor: date) -> Iterator[StoredReport]:
    """Those of the last periods that are over; of days before the first count there is nothing to report."""
    for period in Period:
        span = latest(period, context.today(), anchor)
        if begun is not None and begun <= span.last:
            preliminary = context.today() <= span.last + GRACE
            yield from (StoredReport(period, span, wanted, preliminary) for wanted in FORMATS)


def stored_reports(context: AppContext, person: Person | None) -> list[StoredReport]:
    """What has been written, the latest period first, for who may see exact figures."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        return store.stored_reports(session)


def read_stored_report(context: AppContext, person: Person | None, name: str) -> tuple[StoredReport, bytes]:
    """A report as it was written, and a line in the record of acts. Raises NotFound (`unknown-report`)."""
    person = allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        report = next((found for found in store.stored_reports(session) if found.name == name), None)
        content = None if report is None else store.content(session, report)
    if report is None or content is None:  # the second: a preliminary one, taken away just now
        raise NotFound("unknown-report", f"there is no report {name[:80]!r}", given=name[:80])
    with context.transaction() as session:
        add_entry(session, context.now(), person.name, person.role.value, "read-report", report.name)
    return report, content
