"""Backup and restore of many counts on SQLite; baseline: CREATE TABLE … AS SELECT of the same rows, without indexes.

The restore goes into a new installation, as after the loss of a machine, and lasts from opening the file to the last commit.
"""

import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from scripts.benchmarks.rows import Row, at_most, in_turn, measured
from shuttle.domain.access.permissions import Person, Role
from shuttle.services.app_context import AppContext
from shuttle.services.operation import backups
from shuttle.services.operation.installation import open_app_context, prepare
from shuttle.settings import SCHEDULES
from shuttle.store.ridership.rollup import make_sums

NAME = "backups"
COUNTS = 100_000
ADMIN = Person("bench", "bench", Role.ADMIN)
PER_MILLION = 1_000_000

_OBSERVATIONS = f"""
INSERT INTO observations (row, id, key, fingerprint, service_date, departure, stop, boardings, recorded_at, received_at, source, role)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {COUNTS})
SELECT i, printf('%012x', i * 30000) || lower(hex(randomblob(8))), lower(hex(randomblob(16))), lower(hex(randomblob(16))),
       day, day || '.trip-' || (i % 2740 / 20), 'stop-' || (i % 20), i % 9, day || ' 12:00:00.123456', day || ' 12:00:01.654321',
       'bus-' || (i % 5), 'driver'
FROM (SELECT i, date('2016-01-01', '+' || (i / 2740) || ' days') AS day FROM n)
"""
_COUNTS = """
INSERT INTO counts (service_date, departure, stop, source, role, observation, row, hour, boardings, alightings, left_behind, "full", holds)
SELECT service_date, departure, stop, source, role, id, row, 10, boardings, 0, 0, 0, 1 FROM observations ORDER BY 1, 2, 3, 4
"""


def a_context(folder: Path, name: str) -> AppContext:
    context = open_app_context(f"sqlite:///{folder / name}", ZoneInfo("Europe/Oslo"))
    prepare(context, SCHEDULES)
    return context


def fill(context: AppContext) -> None:
    with context.transaction() as session:
        session.execute(text(_OBSERVATIONS))
        session.execute(text(_COUNTS))
        make_sums(session.connection())


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def restored(folder: Path, file: Path) -> float:
    """Seconds of a restore into a new installation."""
    context = a_context(folder, "new.db")
    duration = seconds(lambda: backups.restore(context, ADMIN, file))
    context.close()
    (folder / "new.db").unlink()
    return duration


def stored(folder: Path, file: Path) -> float:
    """Seconds of storing the same rows in tables without indexes."""
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as bare:
        bare.execute("ATTACH DATABASE ? AS saved", (str(file),))
        duration = seconds(lambda: put(bare))
    (folder / "bare.db").unlink()
    return duration


def put(bare: sqlite3.Connection) -> None:
    bare.execute("BEGIN")
    for table in ("observations", "counts"):
        bare.execute(f"CREATE TABLE {table} AS SELECT * FROM saved.{table}")
    bare.execute("COMMIT")


def run(rounds: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "saved.db"
        context = a_context(folder, "shuttle.db")
        fill(context)
        number = sum(backups.backup(context, ADMIN, file).values())
        save, restore, baseline = in_turn(
            rounds,
            lambda: seconds(lambda: backups.backup(context, ADMIN, file)),
            lambda: restored(folder, file),
            lambda: stored(folder, file),
        )
        context.close()
    per_million = PER_MILLION / number
    return [
        at_most(
            "restoring ten million rows, by what these took", [10 * per_million * each for each in restore], "s", 60
        ),
        measured("restored", [number / each for each in restore], "rows/s"),
        measured("saved", [number / each for each in save], "rows/s"),
        measured(
            "a restore to the baseline", [one / other for one, other in zip(restore, baseline, strict=True)], "times"
        ),
        measured("a backup to the baseline", [one / other for one, other in zip(save, baseline, strict=True)], "times"),
    ]
