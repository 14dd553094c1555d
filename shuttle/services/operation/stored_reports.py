"""Stored reports of ended periods: the fortnight's, the six weeks' and the year's.

A report is written on the first morning after its period, marked as preliminary, and written again after the grace
period for late counts (that of releases). The final report never changes, so that a meeting's paper stays the same.
Reports are stored in the database: every host serves them and every backup contains them.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound
from shuttle.domain.ridership.fortnights import ANCHOR, Period, latest
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.operation.wall_clock import check_clock
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
    """Write the reports that are due and not stored; returns those written. Raises Refused (`clock-leapt`)."""
    person = allow(person, Action.ADMINISTER)
    check_clock(context)
    with context.reading() as session:
        first, existing = first_counted(session), set(store.stored_reports(session))
    written = []
    for report in _due(context, first, anchor):
        if report in existing:
            continue
        content = written_report(context, person, report.span, words, report.wanted, fonts)
        with context.transaction() as session:
            if store.put(session, report, context.now(), content):
                written.append(report)
    with context.transaction() as session:
        store.forget_preliminary(session)
    return tuple(written)


def _due(context: AppContext, first: date | None, anchor: date) -> Iterator[StoredReport]:
    """Reports of the latest ended periods; none for a period before the first count."""
    for period in Period:
        span = latest(period, context.today(), anchor)
        if first is not None and first <= span.last:
            preliminary = context.today() <= span.last + GRACE
            yield from (StoredReport(period, span, format_, preliminary) for format_ in FORMATS)


def stored_reports(context: AppContext, person: Person | None) -> list[StoredReport]:
    """All stored reports, the latest period first, for persons who may see exact figures."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        return store.stored_reports(session)


def read_stored_report(context: AppContext, person: Person | None, name: str) -> tuple[StoredReport, bytes]:
    """A stored report and its content; recorded in the audit log. Raises NotFound (`unknown-report`)."""
    person = allow(person, Action.READ_EXACT_RIDERSHIP)
    with context.reading() as session:
        report = next((each for each in store.stored_reports(session) if each.name == name), None)
        content = None if report is None else store.content(session, report)
    if report is None or content is None:  # content is None: a preliminary report, deleted meanwhile
        raise NotFound("unknown-report", f"there is no report {name[:80]!r}", given=name[:80])
    with context.transaction() as session:
        add_entry(session, context.now(), person.name, person.role.value, "read-report", report.name)
    return report, content
