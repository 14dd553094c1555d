"""Everything that can be said about a path of schedule files: the folder, one file of it, or a timetable that stands alone.

A file of a folder is read with the whole folder, since most of what can be wrong with it (a stop that does not exist, a
table for the same dates) only shows beside the others; then only its own faults are told.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from shuttle.domain.departures import Schedule
from shuttle.domain.errors import Fault, Invalid
from shuttle.feeds.schedule_files import NETWORK, TIMETABLES, read_schedules
from shuttle.feeds.timetable_files import read_timetable_file

SUBFOLDERS = (TIMETABLES, "scenarios")


def check_path(path: Path) -> tuple[Schedule | None, tuple[Fault, ...]]:
    """The schedule that the path holds (None for a file that stands alone, or with faults) and every fault."""
    if not path.exists():
        return None, (
            Fault("there is no such file or folder", str(path), allowed="a folder of schedule files or a file"),
        )
    if path.is_dir():
        return _read(lambda: read_schedules(path))
    folder = _folder_of(path)
    if folder is None:
        return None, _read(lambda: read_timetable_file(path))[1]
    schedule, faults = _read(lambda: read_schedules(folder))
    own = [fault for fault in faults if Path(fault.where).resolve() == path.resolve()]
    return schedule, tuple(replace(fault, where=str(path)) for fault in own)


def _folder_of(path: Path) -> Path | None:
    """The folder of schedule files that a file belongs to."""
    parent = path.resolve().parent
    folder = parent.parent if parent.name in SUBFOLDERS else parent
    return folder if (folder / NETWORK).is_file() else None


def _read(read: Callable[[], object]) -> tuple[Schedule | None, tuple[Fault, ...]]:
    try:
        found = read()
    except Invalid as refusal:
        return None, refusal.faults
    return (found if isinstance(found, Schedule) else None), ()
