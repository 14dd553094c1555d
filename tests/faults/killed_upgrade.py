"""An upgrade of a filled database that is killed repeatedly; a program of its own, which kills copies of itself.

python -m tests.faults.killed_upgrade ADDRESS FOLDER ROWS KILLS

The database starts with an early schema and ROWS counts. The migrations are the program's, and one more that rewrites
every count. Each time another process upgrades and is killed: at a statement, within one, or just before the commit.
Another connection then reads the database's state. The last upgrade is not killed. Prints a JSON document of the
results.
"""

import json
import os
import random
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Engine, event, inspect, text

from shuttle.store.engine import schema
from shuttle.store.engine.database import open_database

EARLY = "0008"
LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE observations SET boardings = boardings + 1")
    op.create_table("of_a_later_release", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("UPDATE observations SET left_behind = boardings")
    op.create_index("ix_later", "observations", ["left_behind", "boardings"])
"""
COUNTS = """
INSERT INTO observations (row, id, key, fingerprint, service_date, departure, stop, boardings, recorded_at, received_at, source, role)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
SELECT i, 'o' || i, 'key-' || i, 'f', {day}, '2026-01-01.t', 's', i % 9, {now}, {now}, 'd', 'driver' FROM n
"""
Snapshot = dict[str, Any]
Prepare = Callable[[Engine], None]
"""Registers on an engine what kills the upgrading process."""


def main(address: str, folder: Path, rows: int, kills: int) -> dict[str, Any]:
    migrations = folder / "migrations"
    shutil.copytree(schema.MIGRATIONS, migrations)
    (migrations / "versions" / "9999_later.py").write_text(LATER.format(newest=schema.newest()), encoding="utf-8")
    schema.MIGRATIONS = migrations
    begin(address, rows)
    old, chance, snapshots = snapshot(address), random.Random(1), []
    statements, seconds = upgraded(address, at_commit)
    before_commit = snapshot(address)
    for number in range(kills):
        killer = after(chance.uniform(0.1, 1) * seconds) if number % 2 else at_statement(chance.randint(1, statements))
        upgraded(address, killer)
        snapshots.append(snapshot(address))
    upgraded(address, lambda _engine: None)
    new = snapshot(address)
    all_snapshots = [before_commit, *snapshots]
    return {
        "rows": rows,
        "statements": statements,
        "seconds": seconds,
        "old": sum(each == old for each in all_snapshots),
        "new": sum(each == new for each in all_snapshots),
        "between": [each for each in all_snapshots if each not in (old, new)],
        "revision": new["revision"],
        "sum": [old["sum"], new["sum"]],
    }


def begin(address: str, rows: int) -> None:
    """Create a database with the early schema and the counts."""
    engine = open_database(address)
    with engine.execution_options(writing=True).begin() as connection:
        command.upgrade(schema._configured(connection), EARLY)
        postgres = engine.dialect.name == "postgresql"
        values = (
            {"day": "DATE '2026-01-01'", "now": "now()"}
            if postgres
            else {"day": "'2026-01-01'", "now": "'2026-01-01 12:00:00.000000'"}
        )
        connection.execute(text(COUNTS.format(rows=rows, **values)))
    engine.dispose()


def upgraded(address: str, prepare: Prepare) -> tuple[int, float]:
    """Upgrade in a process of its own until it is killed or done; returns its statements and seconds."""
    read, write = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        engine = open_database(address)

        @event.listens_for(engine, "before_cursor_execute")
        def tell(*_: object) -> None:
            os.write(write, b".")

        prepare(engine)
        schema.upgrade(engine)
        os._exit(0)
    os.close(write)
    statements = 0
    while signals := os.read(read, 65536):
        statements += len(signals)
    os.close(read)
    os.waitpid(pid, 0)
    return statements, time.monotonic() - began


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after(seconds: float) -> Prepare:
    def wait() -> None:
        time.sleep(seconds)
        die()

    return lambda _engine: threading.Thread(target=wait, daemon=True).start()


def at_statement(number: int) -> Prepare:
    def prepare(engine: Engine) -> None:
        left = [number]

        @event.listens_for(engine, "after_cursor_execute")
        def count(*_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                die()

    return prepare


def at_commit(engine: Engine) -> None:
    """Kill before the commit reaches the disk."""

    @event.listens_for(engine, "commit")
    def now(_connection: object) -> None:
        die()


def snapshot(address: str) -> Snapshot:
    """Revision, tables with columns and indexes, number and sums of the counts."""
    engine = open_database(address)
    try:
        seen = inspect(engine)
        tables = {
            name: [
                [f"{column['name']} {column['type']}" for column in seen.get_columns(name)],
                sorted(str(index["name"]) for index in seen.get_indexes(name)),
            ]
            for name in sorted(seen.get_table_names())
        }
        with engine.connect() as connection:
            sums = connection.execute(text("SELECT count(*), sum(boardings), sum(left_behind) FROM observations")).one()
            well = engine.dialect.name == "postgresql" or connection.scalar(text("PRAGMA integrity_check")) == "ok"
        return {
            "revision": schema.current(engine),
            "tables": tables,
            "sum": [sums[0], int(sums[1]), sums[2] and int(sums[2])],
            "well": well,
        }
    finally:
        engine.dispose()


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
