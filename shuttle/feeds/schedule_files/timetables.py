"""`timetables/*.toml`: one version of the timetable a file, as a person writes and reads it.

Trips stand as lists of times per pattern and day type. A trip whose times a planner set by hand stands alone, with its
calls; all others get theirs from the running times, and so the file holds no time twice. A file with `valid_from` is
published from that date, one without is a draft.
"""

from collections.abc import Collection, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import tomlkit

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Timetable, TimetableStatus, Trip
from shuttle.feeds.toml.lines import read_toml
from shuttle.feeds.toml.tables import TomlTable


def read_timetable_file(path: Path, where: str = "") -> Timetable:
    """One file alone; whether its patterns and day types exist is not looked at.

    Raises Invalid (`bad-schedule-files`) with every fault.
    """
    faults: list[Fault] = []
    timetable = read_timetable(TomlTable.whole(read_toml(path, where), faults))
    if timetable is None or faults:
        raise Invalid("bad-schedule-files", "; ".join(map(str, faults)), faults=faults)
    return timetable


def read_timetable(
    file: TomlTable,
    patterns: Collection[str] | None = None,
    day_types: Collection[str] | None = None,
    named: str | None = None,
) -> Timetable | None:
    """The timetable, or None with the faults noted in `file.faults`.

    `patterns`, `day_types`: those that exist; `named`: the id that it is to have instead of the file's.
    """
    identifier, name = file.identifier("id", "timetable"), file.text("name")
    validity, provenance = file.validity(), file.provenance()
    trips: list[Trip] = []
    for table in file.tables("trips"):
        pattern, day_type = (
            table.choice("pattern", patterns, "pattern"),
            table.choice("day_type", day_types, "day type"),
        )
        for trip in _trips(table, pattern, day_type):
            if any(trip.id == other.id for other in trips):
                table.fault(f"{trip.id} stands twice", given=time_of_day_text(trip.departs), allowed="each time once")
            else:
                trips.append(trip)
        table.refuse_unknown_keys()
    status = TimetableStatus.PUBLISHED if validity.first else TimetableStatus.DRAFT
    return file.build(
        lambda: Timetable(
            id=named or identifier,
            name=name,
            trips=tuple(trips),
            intended=validity,
            status=status,
            provenance=provenance,
        )
    )


def _trips(table: TomlTable, pattern: str, day_type: str) -> list[Trip]:
    """`departs`: a list of times; or `calls`: one trip whose times were set by hand."""
    if table.has("departs") == table.has("calls"):
        table.fault("a table of trips has either departs or calls", allowed="departs = [...] or calls = [...]")
    if table.has("calls"):
        calls = tuple(filter(None, (_call(call, n) for n, call in enumerate(table.tables("calls"), start=1))))
        trip = table.build(lambda: _by_hand(pattern, day_type, calls))
        return [trip] if trip else []
    times = table.items("departs") if table.has("departs") else []
    minutes = [table.minute_from(time, "departs", position) for position, time in enumerate(times)]
    return [] if table.broken else [Trip(pattern, day_type, minute) for minute in minutes]


def _by_hand(pattern: str, day_type: str, calls: tuple[Call, ...]) -> Trip:
    if len(calls) < 2:
        raise Invalid("short-trip", f"a trip with {len(calls)} call", given=len(calls), allowed="two calls or more")
    return Trip(pattern, day_type, calls[0].departs, calls)


def _call(table: TomlTable, sequence: int) -> Call | None:
    """A call has a stop and `arrives`, `departs` or both; one that is not there is the same as the other."""
    stop = table.text("stop")
    if not table.has("arrives") and not table.has("departs"):
        table.fault("a call has no time", allowed="arrives, departs or both")
    arrives = table.minute("arrives") if table.has("arrives") else None
    departs = table.minute("departs") if table.has("departs") else None
    early, late = arrives if arrives is not None else departs, departs if departs is not None else arrives
    return table.build(lambda: Call(stop, sequence, early or 0, late or 0))


def write_timetable(timetable: Timetable, validity: Validity | None = None) -> str:
    """The timetable as TOML that `read_timetable_file` reads back; `validity` is what it holds for, if not as intended."""
    validity, provenance = validity or timetable.intended, timetable.provenance
    values = {
        "id": timetable.id,
        "name": timetable.name,
        "valid_from": validity.first,
        "valid_to": validity.last,
        "source": provenance.source,
        "assumed": provenance.assumed,
        "reason": provenance.reason,
        "trips": [*_lists(timetable.trips), *(_by_calls(trip) for trip in _sorted(timetable.trips) if trip.calls)],
    }
    return tomlkit.dumps({key: value for key, value in values.items() if value})


def _sorted(trips: Collection[Trip]) -> list[Trip]:
    """Weekdays before holidays would need the calendar; by name is enough to make two files comparable."""
    return sorted(trips, key=lambda trip: (trip.pattern, trip.day_type, trip.departs))


def _lists(trips: Collection[Trip]) -> Iterator[dict[str, Any]]:
    """The trips whose times follow from the running times: a list of times for each pattern and day type."""
    plain = [trip for trip in _sorted(trips) if trip.calls is None]
    for (pattern, day_type), group in groupby(plain, key=lambda trip: (trip.pattern, trip.day_type)):
        yield {"pattern": pattern, "day_type": day_type, "departs": [time_of_day_text(trip.departs) for trip in group]}


def _by_calls(trip: Trip) -> dict[str, Any]:
    """A trip whose times were set by hand: a line for each call."""
    calls = tomlkit.array()
    for call in trip.calls or ():
        line = tomlkit.inline_table()
        line.update(
            {"stop": call.stop, "arrives": time_of_day_text(call.arrives), "departs": time_of_day_text(call.departs)}
        )
        calls.append(line)
    return {"pattern": trip.pattern, "day_type": trip.day_type, "calls": calls.multiline(True)}
