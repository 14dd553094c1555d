"""Check of schedule files: a folder, one file of it, or a timetable that stands alone.

A file of a folder is read with the whole folder, since most faults (a stop that does not exist, two timetables on the same dates)
need the other files. Only the faults of that file are returned.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.scenario_files.reader import read_scenario_file
from shuttle.feeds.schedule_files.folder import NETWORK, TIMETABLES, read_schedules
from shuttle.feeds.schedule_files.timetables import read_timetable_file

SCENARIOS = "scenarios"
SUBFOLDERS = (TIMETABLES, SCENARIOS)


def check_path(path: Path, today: date) -> tuple[Schedule | None, tuple[Fault, ...]]:
    """The schedule that the path holds (None for a file that stands alone, or with faults) and every fault.

    Scenarios are read for the date `today`, and only where the schedule itself has no fault.
    """
    if not path.exists():
        allowed = "a folder of schedule files or a file"
        return None, (Fault(what="there is no such file or folder", where=str(path), allowed=allowed),)
    folder = path if path.is_dir() else _folder_of(path)
    if folder is None:
        return None, _faults(lambda: read_timetable_file(path))
    schedule, faults = _check_folder(folder, today)
    if path.is_dir():
        return schedule, faults
    own = [fault for fault in faults if Path(fault.where).resolve() == path.resolve()]
    return schedule, tuple(replace(fault, where=str(path)) for fault in own)


def _folder_of(path: Path) -> Path | None:
    """The folder of schedule files that a file belongs to."""
    parent = path.resolve().parent
    folder = parent.parent if parent.name in SUBFOLDERS else parent
    return folder if (folder / NETWORK).is_file() else None


def _check_folder(folder: Path, today: date) -> tuple[Schedule | None, tuple[Fault, ...]]:
    try:
        schedule = read_schedules(folder)
    except Invalid as refusal:
        return None, refusal.faults
    faults: list[Fault] = []
    for path in sorted((folder / SCENARIOS).glob("*.toml")):
        faults += _faults(partial(read_scenario_file, path, schedule, today))
    return schedule, tuple(faults)


def _faults(read: Callable[[], object]) -> tuple[Fault, ...]:
    try:
        read()
    except Invalid as refusal:
        return refusal.faults
    return ()
