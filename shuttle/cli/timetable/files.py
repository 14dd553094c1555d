"""`shuttle check` and `shuttle import`: schedule files, GTFS feeds and paper counts.

`check` reads a folder (or one file of it) as a new installation would, without a database, and runs the quality checks of the resulting
days. An imported timetable becomes a draft, which a planner publishes.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from shuttle.cli.common import TERMINAL, fault_document, our_words, print_json, the_context
from shuttle.cli.ridership.count_files import check_counts, import_counts
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.timetable import quality_checks
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.trips import Timetable
from shuttle.feeds.folder_check import check_path
from shuttle.feeds.gtfs.importing import read_gtfs
from shuttle.feeds.schedule_files.folder import read_schedules
from shuttle.feeds.schedule_files.timetables import read_timetable_file
from shuttle.feeds.text_gate import read_bytes
from shuttle.language import Words
from shuttle.language.faults import fault_line
from shuttle.language.findings import finding_text
from shuttle.services.app_context import AppContext
from shuttle.services.timetable.reference_data import import_reference_data
from shuttle.services.timetable.timetables import add_draft
from shuttle.settings import read_settings

app = typer.Typer()

COUNTS = ".csv"

DATES_SHOWN = 3
"""Dates of a finding that a line names; of further ones the number."""

DAYS_CHECKED = 400
"""Days ahead that the quality checks cover."""


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A folder of schedule files, one file, or a .csv of paper counts")],
    json: Annotated[bool, typer.Option("--json", help="A JSON document instead of lines")] = False,
) -> None:
    """Print every fault of the files and the findings of the quality checks: exit 0 without an error, 1 with one."""
    if path.suffix == COUNTS and path.is_file():
        check_counts(path, json)
        return
    settings = read_settings()
    today = datetime.now(UTC).astimezone(settings.zone).date()
    schedule, faults = check_path(path, today)
    last = today + timedelta(days=DAYS_CHECKED)
    findings = quality_checks.check(schedule, today, last) if schedule and not faults else ()
    words = our_words(settings)
    if json:
        print_json(
            {
                "faults": [fault_document(fault) for fault in faults],
                "findings": [_document(f, words, schedule) for f in findings],
            }
        )
    else:
        for line in (
            *(fault_line(fault, words) for fault in faults),
            *(finding_line(finding, words, schedule) for finding in findings),
        ):
            print(line)
        if not faults and not findings:
            print(words.say("control.nothing"))
    if faults or any(finding.severity is quality_checks.FindingSeverity.ERROR for finding in findings):
        raise typer.Exit(1)


def finding_line(finding: quality_checks.QualityFinding, words: Words, schedule: Schedule | None) -> str:
    """A finding in one line, as `advarsel: 12.00 ... (2026-12-24)`."""
    shown, more = finding.dates[:DATES_SHOWN], len(finding.dates) - DATES_SHOWN
    days = ", ".join(words.date_figures(day) for day in shown)
    when = f" ({words.say('control.and_more', days=days, more=more) if more > 0 else days})" if shown else ""
    return f"{words.say(f'control.{finding.severity}')}: {finding_text(finding, words, schedule)}{when}"


def _document(finding: quality_checks.QualityFinding, words: Words, schedule: Schedule | None) -> dict[str, object]:
    return {
        "control": finding.control,
        "severity": str(finding.severity),
        "text": finding_text(finding, words, schedule),
        "dates": [day.isoformat() for day in finding.dates],
        "values": {name: str(value) for name, value in finding.values.items()},
    }


@app.command("import")
def import_file(
    path: Annotated[
        Path,
        typer.Argument(
            help="A timetable (.toml), a GTFS feed (.zip), paper counts (.csv), or a folder of schedule files"
        ),
    ],
    identifier: Annotated[str | None, typer.Option("--id", help="Id of the draft; from the file if left out")] = None,
    json: Annotated[bool, typer.Option("--json", help="A JSON document instead of lines")] = False,
) -> None:
    """Import a timetable as a draft, paper counts, or a folder's stops, running times, opening hours and calendar."""
    if path.is_dir():
        _import_folder(path, json)
        return
    if not path.is_file():
        raise NotFound("no-file", f"there is no file {path}", given=path, allowed="a .toml, .zip or .csv file")
    if path.suffix == COUNTS:
        import_counts(path, json)
        return
    with the_context() as (context, _settings):
        timetables, remarks = _read(path, context, identifier)
        with context.transaction() as session:
            drafts = [add_draft(session, TERMINAL, timetable, context.now()) for timetable in timetables]
    for remark in remarks:
        print(remark, file=sys.stderr)
    documents = [{"id": draft.id, "trips": len(draft.trips)} for draft in drafts]
    if json:
        print_json({**documents[0], "remarks": list(remarks), **({"drafts": documents} if documents[1:] else {})})
    else:
        for draft in drafts:
            print(f"{draft.id}: {len(draft.trips)} trips")


def _import_folder(folder: Path, json: bool) -> None:
    """Import a folder's network, opening hours and calendar. Its timetables are not imported: those are files of their own."""
    schedule = read_schedules(folder)
    with the_context() as (context, _settings), context.transaction() as session:
        import_reference_data(session, TERMINAL, schedule, context.now(), context.today())
    counts = {"stops": len(schedule.network.stops), "running_times": len(schedule.network.running_times)}
    if json:
        print_json(counts)
    else:
        print(", ".join(f"{name}: {count}" for name, count in counts.items()))


def _read(path: Path, context: AppContext, identifier: str | None) -> tuple[tuple[Timetable, ...], tuple[str, ...]]:
    """Drafts, and remarks about how they were read. Raises Invalid (`unknown-format`, `bad-schedule-files`) with every fault."""
    schedule = context.schedule()
    if path.suffix.lower() == ".zip":
        name = identifier or f"gtfs-{context.today().isoformat()}"
        feed = read_gtfs(read_bytes(path), schedule, name, context.zone)
        return feed.timetables, feed.remarks
    if path.suffix != ".toml":
        raise Invalid("unknown-format", f"{path} has no known format", given=path.suffix, allowed=".toml, .zip or .csv")
    patterns = list(schedule.network.pattern_by_id)
    day_types = [day_type.id for day_type in schedule.calendar.day_types]
    timetable = read_timetable_file(path, "", patterns, day_types)
    return (replace(timetable, id=identifier or timetable.id),), ()
