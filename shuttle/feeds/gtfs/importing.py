"""A GTFS zip read into a draft timetable.

GTFS knows dates and stops where we know day types and patterns, so a trip is placed by what it does: the pattern is the one
with its stops in its order, the day type the one on most of whose dates it runs. What cannot be placed is a fault or, where
it only runs on single dates, a remark: nothing is dropped in silence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import zip_longest

from shuttle.domain.basics.errors import Fault, Invalid, Refused
from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import LATEST, Minute, dates, service_date
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call, Pattern
from shuttle.domain.timetable.trips import Timetable, Trip, trip_id
from shuttle.feeds.text_gate import csv_rows, zip_texts

LONGEST_SPAN = 3 * 366
MOST_FAULTS = 50

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "stops.txt": ("stop_id",),
    "trips.txt": ("trip_id", "service_id"),
    "stop_times.txt": ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"),
}


@dataclass(frozen=True)
class ImportedTimetable:
    """The draft, and what a person should know about how it was read."""

    timetable: Timetable
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Line:
    """A row of a file with its place."""

    file: str
    number: int
    values: Mapping[str, str]

    def fault(self, what: str, column: str, allowed: str) -> Fault:
        return Fault(what=what, where=self.file, line=self.number, given=self.values.get(column, ""), allowed=allowed)


def read_gtfs(content: bytes, schedule: Schedule, identifier: str, name: str = "") -> ImportedTimetable:
    """A draft timetable of the network and calendar of `schedule`.

    Raises Invalid (`bad-gtfs`) with every fault: file, line, what was given and what is allowed.
    """
    reading = _Reading(_unzipped(content), schedule)
    trips, remarks = reading.trips()
    if reading.faults:
        raise _refusal(reading.faults)
    if not trips:
        raise _refusal(
            [Fault(what="no trip runs on most days of any day type", where="trips.txt", allowed="regular trips")]
        )
    provenance = Provenance(source=f"GTFS: {reading.publisher}" if reading.publisher else "GTFS")
    timetable = Timetable(
        id=identifier, name=name or identifier, trips=tuple(trips), intended=reading.validity, provenance=provenance
    )
    return ImportedTimetable(timetable, tuple(remarks))


def _refusal(faults: list[Fault]) -> Invalid:
    shown = faults[:MOST_FAULTS]
    return Invalid("bad-gtfs", "; ".join(map(str, shown)), faults=shown)


def _unzipped(content: bytes) -> dict[str, list[_Line]]:
    """The lines of each file of the zip, at its top level."""
    return {name: _lines(name, text) for name, text in zip_texts(content, ".txt", "bad-gtfs").items()}


def _lines(name: str, text: str) -> list[_Line]:
    """The rows below the header; a cell that a row leaves out is empty, one beyond the header is passed over."""
    rows = csv_rows(text, name, ",", "bad-gtfs")
    _, header = next(rows, (1, []))
    columns = [column.strip() for column in header]
    return [
        _Line(
            name,
            line,
            {column: cell.strip() for column, cell in zip_longest(columns, cells[: len(columns)], fillvalue="")},
        )
        for line, cells in rows
    ]


@dataclass
class _Reading:
    """One feed being placed into our network and calendar; `faults` collects what cannot be."""

    files: dict[str, list[_Line]]
    schedule: Schedule
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, columns in _REQUIRED.items():
            lines = self.files.get(name)
            if not lines:
                self.faults.append(Fault(what="the file is missing or empty", where=name, allowed=", ".join(_REQUIRED)))
                continue
            missing = [column for column in columns if column not in lines[0].values]
            self.faults += [
                Fault(what=f"the column {column} is missing", where=name, line=1, allowed=column) for column in missing
            ]
        if "calendar.txt" not in self.files and "calendar_dates.txt" not in self.files:
            self.faults.append(
                Fault(what="no calendar", where="calendar.txt", allowed="calendar.txt or calendar_dates.txt")
            )
        self.faults += [
            line.fault("trips by frequency are not read", "trip_id", "a stop time for each trip")
            for line in self.files.get("frequencies.txt", [])[:1]
        ]
        if self.faults:
            raise _refusal(self.faults)
        self.service_dates = self._service_dates()
        running = [day for several in self.service_dates.values() for day in several]
        self.validity = Validity(min(running), max(running)) if running else Validity()

    @property
    def publisher(self) -> str:
        lines = self.files.get("feed_info.txt") or [_Line("", 0, {})]
        return " ".join(filter(None, (lines[0].values.get(c) for c in ("feed_publisher_name", "feed_version"))))

    def _service_dates(self) -> dict[str, set[date]]:
        """Every date on which each service runs."""
        found: dict[str, set[date]] = {}
        weekdays = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
        for line in self.files.get("calendar.txt", []):
            first, last = self._date(line, "start_date"), self._date(line, "end_date")
            if first and last and (last - first).days > LONGEST_SPAN:
                self.faults.append(line.fault("the service spans too long", "end_date", f"{LONGEST_SPAN} days"))
            elif first and last:
                runs = [line.values.get(weekday) == "1" for weekday in weekdays]
                found[line.values.get("service_id", "")] = {day for day in dates(first, last) if runs[day.weekday()]}
        for line in self.files.get("calendar_dates.txt", []):
            day, several = self._date(line, "date"), found.setdefault(line.values.get("service_id", ""), set())
            kind = line.values.get("exception_type")
            if kind not in ("1", "2"):
                self.faults.append(line.fault("unknown exception", "exception_type", "1 (added) or 2 (removed)"))
            elif day:
                (several.add if kind == "1" else several.discard)(day)
        return found

    def _date(self, line: _Line, column: str) -> date | None:
        given = line.values.get(column, "")
        try:
            if re.fullmatch(r"[0-9]{8}", given):
                return service_date(date(int(given[:4]), int(given[4:6]), int(given[6:])))
            self.faults.append(line.fault(f"{column} is not a date", column, "YYYYMMDD"))
        except ValueError:
            self.faults.append(line.fault(f"{column} is not a date", column, "YYYYMMDD"))
        except Invalid as refusal:
            self.faults.append(line.fault(f"{column} is no date of service", column, refusal.allowed))
        return None

    def trips(self) -> tuple[list[Trip], list[str]]:
        """The trips that are regular, in order, and a remark for each that is not."""
        calls_of = self._calls()
        found: dict[str, Trip] = {}
        remarks: list[str] = []
        for line in self.files["trips.txt"]:
            name = line.values["trip_id"]
            calls, running = calls_of.get(name), self.service_dates.get(line.values["service_id"], set())
            if calls is None:
                self.faults.append(line.fault("the trip has no stop times", "trip_id", "two stop times or more"))
                continue
            pattern = self._pattern(line, calls)
            day_types = self._day_types(running)
            if not day_types:
                remarks.append(f"{name} runs on {len(running)} dates and is no regular trip: enter it as a change")
            for day_type in day_types if pattern else ():
                assert pattern is not None
                trip = self._trip(pattern, day_type, calls)
                if trip.id in found:
                    remarks.append(f"{name} is the same departure as another trip: {trip.id}")
                found.setdefault(trip.id, trip)
        return sorted(found.values(), key=lambda trip: (trip.day_type, trip.departs, trip.pattern)), remarks

    def _calls(self) -> dict[str, tuple[Call, ...]]:
        """Calls by trip of the feed, in order of stop_sequence, numbered from 1."""
        found: dict[str, list[tuple[int, Call]]] = {}
        for line in self.files["stop_times.txt"]:
            sequence = line.values["stop_sequence"]
            if not re.fullmatch(r"[0-9]{1,9}", sequence):
                self.faults.append(line.fault("stop_sequence is not a number", "stop_sequence", "0, 1, 2, ..."))
                continue
            arrives, departs = self._minute(line, "arrival_time"), self._minute(line, "departure_time")
            stop = self._stop(line)
            if stop and arrives is not None and departs is not None:
                call = Call(stop, 0, arrives, departs)
                found.setdefault(line.values["trip_id"], []).append((int(sequence), call))
        return {
            trip: tuple(
                Call(call.stop, number, call.arrives, call.departs)
                for number, (_, call) in enumerate(sorted(calls, key=lambda pair: pair[0]), start=1)
            )
            for trip, calls in found.items()
            if len(calls) > 1
        }

    def _minute(self, line: _Line, column: str) -> Minute | None:
        given = line.values[column]
        match = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])", given)
        minute = int(match[1]) * 60 + int(match[2]) if match else LATEST + 1
        if match is None or minute > LATEST:
            self.faults.append(line.fault(f"{column} is not a time", column, "HH:MM:SS, at the latest 29:59:00"))
            return None
        return minute

    @cached_property
    def _stop_names(self) -> Mapping[str, str]:
        """The name of each stop of the feed."""
        return {row.values["stop_id"]: row.values.get("stop_name", "") for row in self.files["stops.txt"]}

    @cached_property
    def _by_name(self) -> Mapping[str, str]:
        return {stop.name: stop.id for stop in self.schedule.network.stops}

    def _stop(self, line: _Line) -> str | None:
        """Our stop: of the same id (a stop that moved has its date behind the id), or else of the same name."""
        given = line.values["stop_id"]
        ours = {stop.id for stop in self.schedule.network.stops}
        without_date = re.sub(r"_[0-9]{8}$", "", given)
        name = self._stop_names.get(given, "")
        found = next((stop for stop in (given, without_date, self._by_name.get(name)) if stop in ours), None)
        if found is None:
            allowed = ", ".join(f"{stop.id} ({stop.name})" for stop in self.schedule.network.stops)
            self.faults.append(line.fault(f"stop {given} is none of ours", "stop_id", allowed))
        return found

    def _pattern(self, line: _Line, calls: tuple[Call, ...]) -> Pattern | None:
        stops = tuple(call.stop for call in calls)
        fitting = [pattern for pattern in self.schedule.network.patterns if pattern.stops == stops]
        route, headsign = line.values.get("route_id"), line.values.get("trip_headsign")
        fitting.sort(key=lambda pattern: (pattern.id != route, pattern.headsign != headsign))
        if not fitting:
            allowed = "; ".join(f"{p.id}: {' '.join(p.stops)}" for p in self.schedule.network.patterns)
            what = f"no pattern calls at {' '.join(stops)}"
            self.faults.append(
                Fault(what=what, where=line.file, line=line.number, given=line.values["trip_id"], allowed=allowed)
            )
        return fitting[0] if fitting else None

    def _day_types(self, running: set[date]) -> list[str]:
        """The day types on more than half of whose dates, within the feed's span of the service, the trip runs.

        A service of less than a week says nothing about a kind of day.
        """
        if not running or max(running) - min(running) < timedelta(days=6):
            return []
        asked: dict[str, int] = {}
        met: dict[str, int] = {}
        for day in dates(min(running), max(running)):
            day_type = self.schedule.calendar.service_day(day).day_type
            asked[day_type] = asked.get(day_type, 0) + 1
            met[day_type] = met.get(day_type, 0) + (day in running)
        return [day_type for day_type, days in sorted(asked.items()) if 2 * met[day_type] > days]

    def _trip(self, pattern: Pattern, day_type: str, calls: tuple[Call, ...]) -> Trip:
        """Times that the running times give anyway are not kept: they would look set by hand."""
        departs = calls[0].departs
        first = Call(calls[0].stop, 1, departs, departs)
        last = Call(calls[-1].stop, calls[-1].sequence, calls[-1].arrives, calls[-1].arrives)
        told = (first, *calls[1:-1], last)
        try:
            derived = self.schedule.network.on(self.validity.first or date.min).calls(pattern, departs)
        except Refused:
            derived = ()
        try:
            return Trip(pattern.id, day_type, departs, None if derived == told else told)
        except Invalid as refusal:
            where = f"stop_times.txt, {trip_id(pattern.id, day_type, departs)}"
            self.faults.append(
                Fault(what=refusal.detail, where=where, line=None, given=refusal.given, allowed=refusal.allowed)
            )
            return Trip(pattern.id, day_type, departs)
