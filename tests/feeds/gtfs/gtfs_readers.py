"""Readers of GTFS: what leaves on a date, as another program would find it in the zip."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import partridge

from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.gtfs.schedule import gtfs_zip
from tests.builders import PUBLISHER

Calls = tuple[tuple[str, int, int], ...]
"""Stop, arrival and departure of each call, in seconds."""
ByDate = dict[date, set[tuple[str, Calls]]]
"""Headsign and calls of each trip that runs."""


def static_zip(schedule: Schedule, first: date, last: date | None = None) -> bytes:
    """The static feed as our publisher writes it."""
    return gtfs_zip(schedule, first, last, publisher=PUBLISHER)


def lines(content: bytes, name: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if name not in archive.namelist():
            return []
        return list(csv.DictReader(io.StringIO(archive.read(name).decode())))


def trip_of(row: dict[str, str]) -> str:
    """Our trip of a row: its GTFS trip id without the digest of the content."""
    return row["trip_id"].partition("_")[0]


def by_the_letter(content: bytes, days: list[date]) -> ByDate:
    """The reference's text, followed date by date with nothing but the csv module."""
    calls: dict[str, list[tuple[int, str, int, int]]] = {}
    for row in lines(content, "stop_times.txt"):
        times = [
            sum(int(part) * unit for part, unit in zip(row[c].split(":"), (3600, 60, 1), strict=True))
            for c in ("arrival_time", "departure_time")
        ]
        calls.setdefault(row["trip_id"], []).append((int(row["stop_sequence"]), row["stop_id"], times[0], times[1]))
    by_date: ByDate = {}
    for day in days:
        written, weekday = f"{day:%Y%m%d}", f"{day:%A}".lower()
        running = {
            row["service_id"]
            for row in lines(content, "calendar.txt")
            if row["start_date"] <= written <= row["end_date"] and row[weekday] == "1"
        }
        for row in lines(content, "calendar_dates.txt"):
            if row["date"] == written:
                (running.add if row["exception_type"] == "1" else running.discard)(row["service_id"])
        by_date[day] = {
            (row["trip_headsign"], tuple((stop, a, d) for _, stop, a, d in sorted(calls[row["trip_id"]])))
            for row in lines(content, "trips.txt")
            if row["service_id"] in running
        }
    return by_date


def by_partridge(content: bytes, days: list[date]) -> ByDate:
    return {day: set(trips) for day, trips in trips_by_partridge(content, days).items()}


def calls_by_partridge(content: bytes, days: list[date]) -> dict[date, list[Calls]]:
    return {day: [calls for _, calls in trips] for day, trips in trips_by_partridge(content, days).items()}


def trips_by_partridge(content: bytes, days: list[date]) -> dict[date, list[tuple[str, Calls]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gtfs.zip"
        path.write_bytes(content)
        services = partridge.read_service_ids_by_date(str(path))
        feed = partridge.load_feed(str(path))
        times = feed.stop_times.sort_values(["trip_id", "stop_sequence"])
        calls: dict[str, Calls] = {
            str(trip): tuple(zip(rows.stop_id, map(int, rows.arrival_time), map(int, rows.departure_time), strict=True))
            for trip, rows in times.groupby("trip_id")
        }
        by_service: dict[str, list[tuple[str, Calls]]] = {}
        for row in feed.trips.itertuples():
            by_service.setdefault(row.service_id, []).append((row.trip_headsign, calls[row.trip_id]))
    return {day: [trip for name in services.get(day, ()) for trip in by_service.get(name, ())] for day in days}


GtfsReader = Callable[[bytes, list[date]], ByDate]
GTFS_READERS: tuple[GtfsReader, ...] = (by_the_letter, by_partridge)
