"""Paper counts (CSV) for `shuttle check` and `shuttle import`.

Unlike schedule files they cannot be checked without the database: a line is valid if its departure has left by the installation's
timetable and changes.
"""

from pathlib import Path

import typer

from shuttle.cli.common import TERMINAL, fault_document, print_json, the_context
from shuttle.feeds.counts.paper_counts import PaperSheet, read_paper_counts
from shuttle.feeds.text_gate import read_bytes
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.paper_counts import import_paper_counts
from shuttle.settings import Settings


def check_counts(path: Path, json: bool) -> None:
    """Print every fault of the sheet, or the number of its counts; exit 1 where it has a fault."""
    with the_context() as (context, settings):
        sheet = _read(path, context, settings)
    if json:
        faults = [fault_document(fault) for fault in sheet.faults]
        print_json({"faults": faults, "counts": len(sheet.counts), "blank": sheet.blank})
    else:
        for fault in sheet.faults:
            print(fault)
        if not sheet.faults:
            print(f"counts: {len(sheet.counts)}, blank: {sheet.blank}")
    if sheet.faults:
        raise typer.Exit(1)


def import_counts(path: Path, json: bool) -> None:
    """Import a sheet, all of it or nothing."""
    with the_context() as (context, settings):
        imported = import_paper_counts(context, TERMINAL, _read(path, context, settings), path.name)
    figures = {"added": imported.added, "known": imported.known, "blank": imported.blank}
    if json:
        print_json(figures)
    else:
        print(", ".join(f"{name}: {figure}" for name, figure in figures.items()))


def _read(path: Path, context: AppContext, settings: Settings) -> PaperSheet:
    now, schedule = context.now(), context.schedule()
    return read_paper_counts(str(path), read_bytes(path), schedule, now, context.zone, settings.count_wheelchairs)
