"""Import of paper counts from CSV: every fault has its line, and no value is guessed.

A line names its departure by `departure`, or by `date` and `departs` (with `pattern` where two leave at once). A line without
figures was not counted and adds nothing. An unknown column is refused, since it might name a person.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from shuttle.domain.basics.errors import Fault, Invalid, ShuttleError
from shuttle.domain.basics.service_time import instant, parse_iso_date, parse_time_of_day, time_of_day_text
from shuttle.domain.ridership.boardings import LEFT_BEHIND, MOST, Count, check_countable, check_wheelchairs
from shuttle.domain.ridership.paper_counts import PaperCount
from shuttle.domain.timetable.departures import Departure, Schedule, split_departure_id
from shuttle.feeds.counts.boardings_csv import COLUMNS
from shuttle.feeds.text_gate import csv_rows, decoded

FIGURES = ("boardings", "alightings", "left_behind", "full", "wheelchairs")
READ = ("departure", "date", "departs", "pattern", "stop", *FIGURES)
"""Columns that are read; the other columns of an export are ignored."""

Cells = dict[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class PaperSheet:
    """A sheet as read: its counts, the number of lines without figures, and its faults."""

    counts: tuple[PaperCount, ...] = ()
    blank: int = 0
    faults: tuple[Fault, ...] = ()


def read_paper_counts(
    name: str, content: bytes, schedule: Schedule, now: datetime, zone: ZoneInfo, count_wheelchairs: bool = False
) -> PaperSheet:
    """Read a sheet (UTF-8, comma or semicolon). Departures are those of the schedule that have left at `now`.

    A figure for wheelchairs is a fault unless they are counted.
    """
    try:
        text = decoded(content, name, "bad-counts")
    except Invalid as refusal:
        return PaperSheet(faults=refusal.faults)
    reader = _SheetReader(name=name, schedule=schedule, now=now, zone=zone, count_wheelchairs=count_wheelchairs)
    reader.read(text)
    return PaperSheet(
        tuple(reader.counts), reader.blank, tuple(sorted(reader.faults, key=lambda fault: fault.line or 0))
    )


@dataclass(kw_only=True)
class _SheetReader:
    """One reading of a sheet, line by line; a fault does not end it."""

    name: str
    schedule: Schedule
    now: datetime
    zone: ZoneInfo
    count_wheelchairs: bool
    counts: list[PaperCount] = field(default_factory=list)
    blank: int = 0
    faults: list[Fault] = field(default_factory=list)
    _days: dict[date, tuple[Departure, ...]] = field(default_factory=dict)
    _lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def fault(self, line: int, what: str, value: object = "", allowed: str = "") -> None:
        shown = " ".join(str(value).split())[:80]  # a cell may hold a line break, and a fault is one line
        self.faults.append(Fault(what=what, where=self.name, line=line, given=shown, allowed=allowed))

    def read(self, text: str) -> None:
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        try:
            self._read_rows(csv_rows(text, self.name, delimiter, "bad-counts"), delimiter)
        except Invalid as refusal:
            self.faults.extend(refusal.faults)

    def _read_rows(self, rows: Iterator[tuple[int, list[str]]], delimiter: str) -> None:
        _, header = next(rows, (1, []))
        columns = [name.strip().lower() for name in header]
        if not self._columns_hold(columns):
            return
        for line, cells in rows:
            if len(cells) != len(columns):
                self.fault(line, f"there are {len(cells)} cells", delimiter.join(cells), f"{len(columns)} cells")
            else:
                self._row(line, {column: cell.strip() for column, cell in zip(columns, cells, strict=True)})

    def _columns_hold(self, columns: list[str]) -> bool:
        allowed_columns = {*READ, *COLUMNS}
        allowed = ", ".join(READ)
        before = len(self.faults)
        for column in dict.fromkeys(columns):
            if column not in allowed_columns:
                self.fault(1, "a column is not known", column, allowed)
            elif columns.count(column) > 1:
                self.fault(1, "a column stands there twice", column, "each column once")
        for needed in ("stop", "boardings"):
            if needed not in columns:
                self.fault(1, f"the column {needed} is missing", ", ".join(columns), allowed)
        if "departure" not in columns and not {"date", "departs"} <= set(columns):
            self.fault(1, "no column names the departure", ", ".join(columns), "departure, or date and departs")
        return len(self.faults) == before

    def _row(self, line: int, cells: Cells) -> None:
        before = len(self.faults)
        figures = {name: self._figure(line, name, cells.get(name, "")) for name in FIGURES}
        self._attempt(line, lambda: check_wheelchairs(figures["wheelchairs"], self.count_wheelchairs))
        departure = self._departure(line, cells)
        if departure is None or len(self.faults) > before:
            return
        if all(figure is None for figure in figures.values()):
            self.blank += 1
            return
        if not self._is_countable(line, departure, cells["stop"]):
            return
        boardings, full = figures["boardings"], figures["full"]
        if boardings is None:
            self.fault(line, "boardings is empty beside other figures", "", f"0 to {MOST}, or no figures at all")
            return
        place = (departure.id, cells["stop"])
        if place in self._lines:
            what = f"{departure.id} at {cells['stop']} stands on line {self._lines[place]} already"
            self.fault(line, what, boardings, "one line for each departure and stop")
            return
        self._lines[place] = line
        yes = None if full is None else bool(full)
        count = Count(
            departure=place[0],
            stop=place[1],
            boardings=boardings,
            alightings=figures["alightings"],
            left_behind=figures["left_behind"],
            full=yes,
            wheelchairs=figures["wheelchairs"],
        )
        self.counts.append(PaperCount(departure, count, line))

    def _figure(self, line: int, name: str, text: str) -> int | None:
        if name == "left_behind" and text in LEFT_BEHIND:
            return LEFT_BEHIND[text]
        most = 1 if name == "full" else MOST
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 4 and int(text) <= most:
            return int(text)
        classes = ", 3-5, 6+" if name == "left_behind" else ""
        self.fault(line, f"{name} is not a count", text, f"a whole number from 0 to {most}{classes}, or empty")
        return None

    def _departure(self, line: int, cells: Cells) -> Departure | None:
        if cells.get("departure"):
            day, trip = self._attempt(line, lambda: split_departure_id(cells["departure"])) or (None, "")
            if day is None:
                return None
            departures = [departure for departure in self._on(day) if departure.trip == trip]
            return self._only(line, departures, cells["departure"], day)
        missing = [name for name in ("date", "departs") if not cells.get(name)]
        if missing:
            self.fault(line, f"{' and '.join(missing)} is empty", "", "departure, or date and departs")
            return None
        on = self._attempt(line, lambda: parse_iso_date(cells["date"]))
        at = self._attempt(line, lambda: parse_time_of_day(cells["departs"]))
        if on is None or at is None:
            return None
        pattern = cells.get("pattern", "")
        departures = [
            departure
            for departure in self._on(on)
            if at in (departure.planned, departure.departs) and pattern in ("", departure.pattern)
        ]
        return self._only(line, departures, f"{on} {time_of_day_text(at)} {pattern}".strip(), on)

    def _on(self, day: date) -> tuple[Departure, ...]:
        if day not in self._days:
            self._days[day] = self.schedule.departures_on(day).departures
        return self._days[day]

    def _only(self, line: int, departures: list[Departure], name: str, day: date) -> Departure | None:
        if len(departures) == 1:
            return departures[0]
        if departures:
            ids = ", ".join(departure.id for departure in departures)
            self.fault(line, "several departures leave then", name, f"the column departure with one of {ids}")
        else:
            leaving = ", ".join(
                f"{time_of_day_text(departure.departs)} ({departure.trip})" for departure in self._on(day)
            )
            self.fault(line, "there is no such departure", name, leaving or f"nothing left on {day}")
        return None

    def _is_countable(self, line: int, departure: Departure, stop: str) -> bool:
        before = len(self.faults)
        if instant(departure.date, departure.departs, self.zone) > self.now:
            self.fault(line, f"{departure.id} has not left yet", departure.id, "departures that have left")
        self._attempt(line, lambda: check_countable(departure, stop))
        return len(self.faults) == before

    def _attempt(self, line: int, make: Callable[[], T]) -> T | None:
        """The value, or None with a fault on the line."""
        try:
            return make()
        except ShuttleError as error:
            self.fault(line, error.detail, error.given, error.allowed)
            return None
