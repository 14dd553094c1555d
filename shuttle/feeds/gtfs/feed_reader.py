"""A GTFS zip read into dated trips: for each trip its calls at our stops and every date on which it runs.

GTFS names stops, patterns and days in its own way. A stop is ours by its id (without the date of its version) or else by its name,
a trip has the pattern with its stops in its order. An unreadable value is a fault with file, line, value and the values allowed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from functools import cached_property
from itertools import zip_longest
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.service_time import LATEST, Minute, dates, service_date
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call, Pattern
from shuttle.feeds.text_gate import csv_rows, zip_texts

LONGEST_SPAN = 3 * 366
MOST_FAULTS = 50

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "stops.txt": ("stop_id",),
    "trips.txt": ("trip_id", "service_id"),
    "stop_times.txt": ("trip_id", "stop_id", "stop_sequence", "arrival_time", "departure_time"),
}
OPTIONAL = ("agency.txt", "calendar.txt", "calendar_dates.txt", "frequencies.txt", "feed_info.txt")
"""What else is read; every other file of the zip is passed over unread."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, kw_only=True)
class DatedTrip:
    """A trip of the feed (or several alike, by their ids): our pattern, its calls numbered from 1, and its dates."""

    ids: tuple[str, ...]
    pattern: Pattern
    calls: tuple[Call, ...]
    dates: frozenset[date]

    @property
    def name(self) -> str:
        return " ".join(self.ids)


@dataclass(frozen=True)
class _Line:
    """A row of a file with its place."""

    file: str
    number: int
    values: Mapping[str, str]

    def fault(self, what: str, column: str, allowed: str) -> Fault:
        return Fault(what=what, where=self.file, line=self.number, given=self.values.get(column, ""), allowed=allowed)


def refusal(faults: list[Fault]) -> Invalid:
    """`bad-gtfs` with the first of the faults."""
    shown = faults[:MOST_FAULTS]
    return Invalid("bad-gtfs", "; ".join(map(str, shown)), faults=shown)


def read_feed(content: bytes, schedule: Schedule, zone: tzinfo) -> "FeedReader":
    """The feed's trips, placed into the stops and patterns of `schedule`. Raises Invalid (`bad-gtfs`) with every fault."""
    texts = zip_texts(content, (*REQUIRED, *OPTIONAL), "bad-gtfs")
    reader = FeedReader(files={name: _lines(name, text) for name, text in texts.items()}, schedule=schedule, zone=zone)
    reader.check_files()
    reader.read()
    if reader.faults:
        raise refusal(reader.faults)
    return reader


def _lines(name: str, text: str) -> list[_Line]:
    """The rows below the header. A cell that a row leaves out is empty, one beyond the header is passed over."""
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


@dataclass(kw_only=True)
class FeedReader:
    """One feed being read: `trips`: the result; `faults`: unreadable values; `remarks`: notes for the person who imports."""

    files: dict[str, list[_Line]]
    schedule: Schedule
    zone: tzinfo
    faults: list[Fault] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    trips: list[DatedTrip] = field(default_factory=list)

    @property
    def publisher(self) -> str:
        """Name of the publisher and version of the feed."""
        lines = self.files.get("feed_info.txt") or [_Line("", 0, {})]
        return " ".join(filter(None, (lines[0].values.get(c) for c in ("feed_publisher_name", "feed_version"))))

    def check_files(self) -> None:
        """Raises Invalid where a file or column is missing, or where trips run by frequency."""
        for name, columns in REQUIRED.items():
            lines = self.files.get(name)
            if not lines:
                self.faults.append(Fault(what="the file is missing or empty", where=name, allowed=", ".join(REQUIRED)))
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
            raise refusal(self.faults)

    def read(self) -> None:
        """Read the trips; those of the same pattern and times become one with the dates of all."""
        dates_of, calls_of = self._service_dates(), self._calls()
        self._check_zone([day for days in dates_of.values() for day in days])
        alike: dict[tuple[str, tuple[Call, ...]], DatedTrip] = {}
        lines = {}
        for line in self.files["trips.txt"]:
            name = line.values["trip_id"]
            if name in lines:
                self.faults.append(line.fault("the trip stands twice", "trip_id", "each trip_id once"))
                continue
            lines[name] = line
            calls = calls_of.get(name)
            if calls is None:
                self.faults.append(line.fault("the trip has no stop times", "trip_id", "two stop times or more"))
            elif pattern := self._pattern(line, calls):
                days = frozenset(dates_of.get(line.values["service_id"], ()))
                self._add(alike, DatedTrip(ids=(name,), pattern=pattern, calls=calls, dates=days))
        if unknown := sorted(calls_of.keys() - lines.keys()):
            self.remarks.append(f"stop_times.txt has trips that trips.txt has not: {', '.join(unknown[:10])}")
        self.trips = list(alike.values())

    def _add(self, alike: dict[tuple[str, tuple[Call, ...]], DatedTrip], trip: DatedTrip) -> None:
        if not trip.dates:
            self.remarks.append(f"{trip.name} runs on no date: it is left out")
            return
        key = (trip.pattern.id, trip.calls)
        other = alike.get(key)
        if other is None:
            alike[key] = trip
            return
        if twice := sorted(other.dates & trip.dates):
            self.remarks.append(
                f"{trip.name} is the same departure as {other.name} on {len(twice)} dates from {twice[0]}: one is kept"
            )
        alike[key] = DatedTrip(
            ids=(*other.ids, *trip.ids), pattern=trip.pattern, calls=trip.calls, dates=other.dates | trip.dates
        )

    def _service_dates(self) -> dict[str, set[date]]:
        """Every date on which each service runs."""
        days_of: dict[str, set[date]] = {}
        for line in self.files.get("calendar.txt", []):
            service = line.values.get("service_id", "")
            first, last = self._date(line, "start_date"), self._date(line, "end_date")
            if service in days_of:
                self.faults.append(line.fault("the service stands twice", "service_id", "each service_id once"))
            elif first and last and (last - first).days > LONGEST_SPAN:
                self.faults.append(line.fault("the service spans too long", "end_date", f"{LONGEST_SPAN} days"))
            elif first and last:
                runs = [line.values.get(weekday) == "1" for weekday in _WEEKDAYS]
                days_of[service] = {day for day in dates(first, last) if runs[day.weekday()]}
        for line in self.files.get("calendar_dates.txt", []):
            day, days = self._date(line, "date"), days_of.setdefault(line.values.get("service_id", ""), set())
            kind = line.values.get("exception_type")
            if kind not in ("1", "2"):
                self.faults.append(line.fault("unknown exception", "exception_type", "1 (added) or 2 (removed)"))
            elif day:
                (days.add if kind == "1" else days.discard)(day)
        every_day = [day for days in days_of.values() for day in days]
        if every_day and (max(every_day) - min(every_day)).days > LONGEST_SPAN:
            allowed = f"at most {LONGEST_SPAN} days from the first date to the last"
            what = f"the feed spans {min(every_day)} to {max(every_day)}"
            self.faults.append(Fault(what=what, where="calendar_dates.txt", allowed=allowed))
        return days_of

    def _date(self, line: _Line, column: str) -> date | None:
        text = line.values.get(column, "")
        try:
            if re.fullmatch(r"[0-9]{8}", text):
                return service_date(date(int(text[:4]), int(text[4:6]), int(text[6:])))
            self.faults.append(line.fault(f"{column} is not a date", column, "YYYYMMDD"))
        except ValueError:
            self.faults.append(line.fault(f"{column} is not a date", column, "YYYYMMDD"))
        except Invalid as outside:
            self.faults.append(line.fault(f"{column} is no date of service", column, outside.allowed))
        return None

    def _check_zone(self, days: Iterable[date]) -> None:
        """The feed's times must be ours: its time zone has the same offset on every date."""
        noons = [datetime.combine(day, time(12)) for day in sorted(set(days))]
        for line in self.files.get("agency.txt", []):
            name = line.values.get("agency_timezone", "")
            try:
                theirs = ZoneInfo(name) if name else self.zone
                differs = any(noon.replace(tzinfo=theirs).utcoffset() != self._offset(noon) for noon in noons)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                differs = True
            if differs:
                allowed = f"{self.zone}, or a time zone with the same hours"
                self.faults.append(line.fault("the times are of another time zone", "agency_timezone", allowed))

    def _offset(self, noon: datetime) -> object:
        return noon.replace(tzinfo=self.zone).utcoffset()

    def _calls(self) -> dict[str, tuple[Call, ...]]:
        """Calls by trip of the feed, in order of stop_sequence, numbered from 1."""
        calls_of: dict[str, list[tuple[int, Call]]] = {}
        cut: dict[str, None] = {}
        for line in self.files["stop_times.txt"]:
            sequence, trip = line.values["stop_sequence"], line.values["trip_id"]
            if not re.fullmatch(r"[0-9]{1,9}", sequence):
                self.faults.append(line.fault("stop_sequence is not a number", "stop_sequence", "0, 1, 2, ..."))
                continue
            arrives, departs = self._minute(line, "arrival_time"), self._minute(line, "departure_time")
            stop = self._stop(line)
            if stop and arrives is not None and departs is not None:
                calls_of.setdefault(trip, []).append((int(sequence), Call(stop, 0, arrives, departs)))
                if any(
                    not line.values[c].endswith(":00") for c in ("arrival_time", "departure_time") if line.values[c]
                ):
                    cut[trip] = None
        if cut:
            self.remarks.append(f"times with seconds are cut to whole minutes in {', '.join(cut)}")
        return {
            trip: tuple(
                Call(call.stop, number, call.arrives, call.departs)
                for number, (_, call) in enumerate(sorted(calls, key=lambda pair: pair[0]), start=1)
            )
            for trip, calls in calls_of.items()
            if len(calls) > 1
        }

    def _minute(self, line: _Line, column: str) -> Minute | None:
        """A time of day; where only one of arrival and departure is written, it is both."""
        text = line.values[column] or line.values["arrival_time"] or line.values["departure_time"]
        match = re.fullmatch(r"([0-9]{1,2}):([0-5][0-9]):([0-5][0-9])", text)
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
        text = line.values["stop_id"]
        ours = {stop.id for stop in self.schedule.network.stops}
        without_date = re.sub(r"_[0-9]{8}$", "", text)
        names = (text, without_date, self._by_name.get(self._stop_names.get(text, "")))
        stop = next((name for name in names if name in ours), None)
        if stop is None:
            allowed = ", ".join(f"{stop.id} ({stop.name})" for stop in self.schedule.network.stops)
            self.faults.append(line.fault(f"stop {text} is none of ours", "stop_id", allowed))
        return stop

    def _pattern(self, line: _Line, calls: tuple[Call, ...]) -> Pattern | None:
        stops = tuple(call.stop for call in calls)
        patterns = [pattern for pattern in self.schedule.network.patterns if pattern.stops == stops]
        route, headsign = line.values.get("route_id"), line.values.get("trip_headsign")
        patterns.sort(key=lambda pattern: (pattern.id != route, pattern.headsign != headsign))
        if not patterns:
            allowed = "; ".join(f"{p.id}: {' '.join(p.stops)}" for p in self.schedule.network.patterns)
            what = f"no pattern calls at {' '.join(stops)}"
            self.faults.append(
                Fault(what=what, where=line.file, line=line.number, given=line.values["trip_id"], allowed=allowed)
            )
        return patterns[0] if patterns else None
