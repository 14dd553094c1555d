"""`shuttle export`: timetables, feeds and counts as files.

A format is a function from AppContext, settings and options to bytes. A file is written completely or not at all.
"""

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from tempfile import mkstemp
from typing import Annotated
from zipfile import ZipFile

import typer

from shuttle.cli.common import the_context
from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates, parse_date
from shuttle.domain.timetable.trips import publication_on
from shuttle.feeds.gtfs.schedule import gtfs_zip, published_feed
from shuttle.feeds.gtfs.tables import zipped
from shuttle.feeds.ical.calendars import departures_calendar, rolling_window, stop_calendar
from shuttle.feeds.ical.components import Site
from shuttle.feeds.netex import NetexSettings, netex_zip
from shuttle.feeds.schedule_files.facts_out import write_network, write_opening_times
from shuttle.feeds.schedule_files.folder import NETWORK, OPENING_HOURS
from shuttle.feeds.schedule_files.timetables import write_timetable
from shuttle.services.app_context import AppContext
from shuttle.settings import Settings

app = typer.Typer()


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """Options of an export; a writer uses those that it needs."""

    first: date | None = None
    last: date | None = None
    stop: str | None = None
    timetable: str | None = None
    language: str = "nb"


Writer = Callable[[AppContext, Settings, ExportOptions], bytes]

WRITERS: dict[str, str] = {
    "timetable": "shuttle.cli.timetable.exports:write_timetable_file",
    "facts": "shuttle.cli.timetable.exports:write_facts",
    "ics": "shuttle.cli.timetable.exports:write_calendar",
    "gtfs": "shuttle.cli.timetable.exports:write_gtfs",
    "netex": "shuttle.cli.timetable.exports:write_netex",
    "boardings": "shuttle.cli.ridership.count_exports:write_boardings",
    "tides": "shuttle.cli.ridership.count_exports:write_tides",
    "gtfs-ride": "shuttle.cli.ridership.count_exports:write_gtfs_ride",
}
"""Format -> module and function of its writer, imported on use."""

FOLDERS = frozenset({"tides", "facts"})
"""Formats written as a folder of files, unless the output's name ends in .zip."""


@app.command()
def export(
    file_format: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join(WRITERS))],
    first: Annotated[str | None, typer.Option("--from", help="First date, YYYY-MM-DD")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last date, YYYY-MM-DD")] = None,
    output: Annotated[
        Path | None, typer.Option(help="File (tides, facts: folder or .zip file); standard output if left out")
    ] = None,
    stop: Annotated[str | None, typer.Option(help="ics: only this stop")] = None,
    timetable: Annotated[str | None, typer.Option(help="timetable: its id; the one in force if left out")] = None,
    lang: Annotated[str | None, typer.Option(help="nb, nn or en")] = None,
) -> None:
    """Write a timetable, a calendar, a feed or counts to a file."""
    if file_format not in WRITERS:
        allowed = ", ".join(WRITERS)
        detail = f"there is no format {file_format!r}; the formats are {allowed}"
        raise Invalid("unknown-format", detail, given=file_format, allowed=allowed)
    if lang not in (None, "nb", "nn", "en"):
        raise Invalid("unknown-language", f"there is no language {lang!r}", given=lang, allowed="nb, nn, en")
    module, _, function = WRITERS[file_format].partition(":")
    writer: Writer = getattr(importlib.import_module(module), function)
    with the_context() as (context, settings):
        span = _span(first, last)
        content = writer(
            context,
            settings,
            ExportOptions(
                first=span[0], last=span[1], stop=stop, timetable=timetable, language=lang or settings.language
            ),
        )
    if output is None:
        sys.stdout.buffer.write(content)
    elif file_format in FOLDERS and output.suffix != ".zip":
        write_folder(output, content)
    else:
        write_whole(output, content)


def _span(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    begins, ends = (parse_date(text) if text else None for text in (first, last))
    if begins and ends and ends < begins:
        raise Invalid(
            "bad-span", f"from {begins} to {ends} runs backwards", given=f"{begins} to {ends}", allowed="forwards"
        )
    return begins, ends


def write_whole(path: Path, content: bytes) -> None:
    """Write a file completely or not at all. Raises Refused (`cannot-write`)."""
    try:
        handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as problem:
        raise Refused("cannot-write", f"{path} cannot be written: {problem.strerror}", given=path) from None


def write_folder(folder: Path, archive: bytes) -> None:
    """Write the files of a zip into a folder, in their order. Raises Refused (`cannot-write`)."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Refused("cannot-write", f"{folder} cannot be made: {problem.strerror}", given=folder) from None
    with ZipFile(BytesIO(archive)) as files:
        for name in files.namelist():
            write_whole(folder / name, files.read(name))


def write_timetable_file(context: AppContext, _settings: Settings, options: ExportOptions) -> bytes:
    """The timetable in force, or the one with the id, as TOML. Raises NotFound (`unknown-timetable`)."""
    schedule = context.schedule()
    day = options.first or context.today()
    publication = publication_on(schedule.periods, day)
    timetable_id = options.timetable or (publication.timetable if publication else None)
    if timetable_id is None or timetable_id not in schedule.timetable_by_id:
        allowed = ", ".join(schedule.timetable_by_id) or "none"
        what = f"there is no timetable {timetable_id!r}" if timetable_id else f"no timetable applies on {day}"
        raise NotFound("unknown-timetable", f"{what}; there are {allowed}", given=timetable_id, allowed=allowed)
    own = [period.valid for period in schedule.periods if period.timetable == timetable_id]
    valid = Validity(own[0].first, own[-1].last) if own else None
    return write_timetable(schedule.timetable_by_id[timetable_id], valid).encode()


def write_facts(context: AppContext, _settings: Settings, _options: ExportOptions) -> bytes:
    """`network.toml` and `opening-hours.toml` with every value that holds or has held, as `import` reads them."""
    schedule = context.schedule()
    files = {
        NETWORK: write_network(schedule.network),
        OPENING_HOURS: write_opening_times(schedule.opening_times),
    }
    return zipped(files)


def write_calendar(context: AppContext, settings: Settings, options: ExportOptions) -> bytes:
    """All departures, or those of a stop, as iCalendar; the rolling window unless dates are given."""
    today = context.today()
    window = rolling_window(today)
    days = dates(options.first or window[0], options.last or max(window[-1], options.first or window[0]))
    site = Site(f"{context.installation()}.shuttle", settings.public_address)
    if options.stop is None:
        return departures_calendar(context.schedule(), today, settings.zone, options.language, days, site)
    return stop_calendar(context.schedule(), options.stop, today, settings.zone, options.language, days, site)


def write_gtfs(context: AppContext, settings: Settings, options: ExportOptions) -> bytes:
    """The same feed as `/feeds/gtfs.zip` unless dates are given."""
    schedule, publisher = context.schedule(), settings.publisher_for(context.schedule().details)
    if options.first is None and options.last is None:
        return zipped(published_feed(schedule, context.now(), publisher).files)
    return gtfs_zip(schedule, options.first or context.today(), options.last, publisher=publisher)


def write_netex(context: AppContext, settings: Settings, options: ExportOptions) -> bytes:
    """The next 400 days unless dates are given."""
    assigned = NetexSettings(settings.netex_codespace, settings.netex_quays_of, settings.netex_company)
    first = options.first or context.today()
    schedule = context.schedule()
    return netex_zip(schedule, first, options.last, assigned, publisher=settings.publisher_for(schedule.details))
