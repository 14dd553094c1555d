"""Dates at the ends of the calendar, stored outside the program: every page, feed, report and export still works."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Boolean, Date, Float, Integer, LargeBinary, String, Table, insert, select
from sqlalchemy.exc import IntegrityError

from shuttle.cli.ridership import count_exports
from shuttle.cli.timetable import exports
from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.ridership.fortnights import Period
from shuttle.jobs import JOBS
from shuttle.services.access.accounts import add_account, create_token
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import rollup
from shuttle.services.timetable.reference_data import import_reference_data
from shuttle.settings import Settings
from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.base import Document
from shuttle.store.tables.every import Base
from tests.builders import the_real_schedule
from tests.web.server.test_who_may import NAMES, QUERIES, routes

EDGES = (date.min, date.max)
ADMIN = Person("a", "Admin", Role.ADMIN)
MADE = datetime(2026, 11, 1, 12, tzinfo=UTC)
DATED: dict[str, Table] = {
    name: table for name, table in Base.metadata.tables.items() if any(isinstance(c.type, Date) for c in table.columns)
}
EVERYWHERE: dict[str, Any] = {
    "stop": "mo-gyldenpris",
    "origin": "vagsbunnen",
    "destination": "mo-gyldenpris",
    "day_type": "weekday",
    "timetable": "2024-10",
    "trip": "gyldenpris-weekday-1000",
    "role": "driver",
    "reason": "other",
    "boardings": 3,
    "weeks": 3,
    "seats": 8,
    "bands": [[0, 10]],
    "windows": [[540, 600]],
    "breakdowns": {"stop": {}, "day_type": {}},
    "withdrawn_at": None,
    "closed_at": None,
    "outcome": None,
    "calls": None,
    "origin_document": None,
}
OF_TABLE: dict[str, dict[str, Any]] = {
    "changes": {"kind": "cancel", "pattern": None, "departs": None},
    "passings": {"kind": "left"},
    "incidents": {"kind": "delayed", "minutes": 10, "withdrawn": False},
    "special_days": {"kind": "eve"},
    "timetables": {"status": "draft", "origin": None},
    "trials": {"measure": "boardings_per_departure", "stop": None},
    "filed_reports": {"period": Period.FORTNIGHT.value, "wanted": "csv"},
    "assignments": {"duty": "weekday-1"},
}


def filler(column: Any, number: int) -> Any:
    if isinstance(column.type, String):
        return f"edge-{number}"[: column.type.length or 80]
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Float):
        return 1.0
    if isinstance(column.type, Integer):
        return number if column.primary_key or column.name == "row" else 1
    if isinstance(column.type, LargeBinary):
        return b"edge"
    if isinstance(column.type, Document):
        return []
    return MADE


def edge_rows(table: Table, account: str) -> Iterator[dict[str, Any]]:
    """A row for each way to put the calendar's ends into the date columns, open ends too where they may stand."""
    columns = [column for column in table.columns if isinstance(column.type, Date)]
    choices = [(*EDGES, None) if column.nullable else EDGES for column in columns]
    for number, chosen in enumerate(itertools.product(*choices), start=9000):
        row = {c.name: filler(c, number) for c in table.columns if not isinstance(c.type, Date)}
        row |= {name: value for name, value in EVERYWHERE.items() if name in row}
        row |= {"account": account} if "account" in row else {}
        row |= OF_TABLE.get(table.name, {})
        row |= {column.name: day for column, day in zip(columns, chosen, strict=True)}
        if "departure" in row:
            row["departure"] = f"{chosen[0]}.gyldenpris-weekday-1000"
        yield row


@pytest.fixture
def spoilt(context: AppContext) -> AppContext:
    """A house with such rows in every table that has a date."""
    with context.transaction() as session:
        add_account(session, ADMIN, "driver", Role.DRIVER, context.now())
        account = session.scalars(select(AccountRow.id)).first()
    assert account is not None
    for table in DATED.values():
        stored = 0
        for row in edge_rows(table, account):
            try:
                with context.transaction() as session:
                    session.execute(insert(table).values(**row))
            except IntegrityError:
                continue  # the database itself refuses it
            stored += 1
        assert stored, f"no row of {table.name} was stored"
    context._versioned = None
    return context


def addresses() -> Iterator[str]:
    """Every address that can be read, of the things that the rows are about too."""
    for method, path in routes():
        if method == "GET":
            for names in ({}, {"timetable_id": "edge-9000", "trial_id": "edge-9001", "stop": "vagsbunnen"}):
                filled = path
                for name, value in ({"trial_id": "edge-9000"} | NAMES | names).items():
                    filled = filled.replace(f"{{{name}}}", value)
                yield filled + QUERIES.get(path, "")
    for lang in ("nb", "nn", "en"):
        yield from (f"/timetable.pdf?lang={lang}", f"/?lang={lang}", f"/feeds/departures.ics?lang={lang}")
    for day in ("2000-01-01", "2020-01-01", "2100-12-31"):
        yield from (f"/?date={day}", f"/timetable?date={day}", f"/timetable.pdf?date={day}", f"/plan/duties?from={day}")
        yield from (f"/api/v1/departures?date={day}", f"/api/v1/stops?date={day}", f"/api/v1/opening-hours?date={day}")
        yield f"/api/v1/timetables/2024-10/findings?valid_from={day}"
    for file_format in ("html", "pdf", "csv"):
        yield f"/api/v1/reports?from=2026-11-02&to=2026-11-15&format={file_format}"
    yield "/api/v1/changes?from=2100-01-01&to=2100-12-31"
    yield "/api/v1/ridership?from=2095-01-01&to=2100-12-31&by=day,stop"


MUST_OPEN = (
    *("/", "/timetable", "/timetable.pdf", "/plan", "/plan/calendar", "/plan/duties", "/driver", "/staff", "/admin"),
    *("/plan/places", "/plan/places/vagsbunnen", "/plan/places/network", "/plan/places/sheet"),
    *(
        "/ridership",
        "/ridership/trials",
        "/ridership/punctuality",
        "/plan/timetables/2024-10",
        "/api/v1/trials",
        "/api/v1/timetables",
    ),
    *("/feeds/departures.ics", "/feeds/gtfs.zip", "/feeds/netex.zip", "/feeds/gtfs-rt/alerts.pb", "/readyz"),
)


def test_no_stored_edge_date_closes_a_page_or_feed(client: TestClient, spoilt: AppContext) -> None:
    with spoilt.transaction() as session:
        token = create_token(session, ADMIN, Role.ADMIN, "admin", spoilt.now())
    client.headers["Authorization"] = f"Bearer {token}"
    answers = {address: client.get(address, follow_redirects=False).status_code for address in addresses()}
    assert {address: status for address, status in answers.items() if status >= 500} == {}
    assert {address: answers[address] for address in MUST_OPEN if answers[address] != 200} == {}


def test_no_stored_edge_date_stops_an_export_or_a_nightly_job(spoilt: AppContext, tmp_path: Path) -> None:
    settings, options = Settings(data_dir=tmp_path), exports.ExportOptions()
    writers: tuple[Callable[..., bytes], ...] = (
        exports.write_timetable_file,
        exports.write_calendar,
        exports.write_gtfs,
        exports.write_netex,
        count_exports.write_boardings,
        count_exports.write_tides,
        count_exports.write_gtfs_ride,
    )
    assert all(write(spoilt, settings, options) for write in writers)
    for job in JOBS:
        if job.name not in (
            "check-rollup",
            "drill-restore",
        ):  # the rows make counts without sums, which they are there to say
            job.work(spoilt, settings)
    rollup.rebuild(spoilt, ADMIN)
    with spoilt.transaction() as session:
        import_reference_data(session, ADMIN, the_real_schedule(), spoilt.now(), spoilt.today())
