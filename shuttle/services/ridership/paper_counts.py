"""Import of paper counts: all rows of a sheet in one transaction, or none."""

from dataclasses import dataclass

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.ridership.paper_counts import PAPER
from shuttle.feeds.counts.paper_counts import PaperSheet
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import new_id
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import boardings as store
from shuttle.store.ridership.boardings import Arrival

MAX_PARAMETERS = 500
"""Counts per statement; databases limit the number of bind parameters."""


@dataclass(frozen=True)
class Imported:
    """Numbers of rows added, rows stored before (`known`), and rows without a count (`blank`)."""

    added: int
    known: int
    blank: int


def import_paper_counts(context: AppContext, person: Person | None, sheet: PaperSheet, name: str) -> Imported:
    """Store a sheet; a repeated sheet adds nothing. Raises Invalid (`bad-counts`) with every fault, and stores nothing."""
    person = allow(person, Action.RECORD_BOARDINGS)
    if sheet.faults:
        detail = f"{len(sheet.faults)} faults, the first: {sheet.faults[0]}"
        raise Invalid("bad-counts", detail, faults=sheet.faults)
    days = [line.departure.date for line in sheet.counts]
    now = context.now()
    with context.transaction() as session:
        latest = store.latest_counts_between(session, min(days), max(days)) if days else {}
        arrivals = []
        for line in sheet.counts:
            key = line.key(latest.get((line.count.departure, line.count.stop), ()))
            if key is not None:
                arrivals.append(
                    Arrival(
                        id=new_id(),
                        key=key,
                        count=line.count,
                        service_date=line.departure.date,
                        hour=line.hour,
                        source=PAPER,
                        role=PAPER,
                        received_at=now,
                    )
                )
        added = 0
        for start in range(0, len(arrivals), MAX_PARAMETERS):
            stored = store.store_arrivals(session.connection(), arrivals[start : start + MAX_PARAMETERS])
            added += sum(not (each.replayed or each.clash) for each in stored)
        imported = Imported(added, len(sheet.counts) - added, sheet.blank)
        details = {"added": imported.added, "known": imported.known, "blank": imported.blank}
        add_entry(session, now, person.name, person.role.value, "import-counts", name, details)
    return imported
