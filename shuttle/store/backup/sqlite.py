"""SQLite's copy: the file is attached to the connection, and SQLite itself moves and compares the rows.

`INSERT INTO … SELECT *` between tables that are made alike moves rows and indexes as they lie, in order and without looking
into them, which is some ten times as fast as storing them one by one. It goes by the position of a column; the comparison
goes by the name, so that tables which are not made alike are found out.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, Table
from sqlalchemy.orm import Session

from shuttle.store.backup.tables_copied import tables
from shuttle.store.engine.database import saying_unavailable


class AttachedFile:
    """The live database is `main` on the connection, the file is `saved`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self) -> None:
        for table in tables():
            self._connection.exec_driver_sql(f"INSERT INTO saved.{table.name} SELECT * FROM main.{table.name}")

    def put(self) -> None:
        for table in tables():
            self._connection.exec_driver_sql(f"INSERT INTO main.{table.name} SELECT * FROM saved.{table.name}")

    def rows(self) -> dict[str, int]:
        return {table.name: self._number(f"SELECT count(*) FROM saved.{table.name}") for table in tables()}

    def unequal(self) -> list[str]:
        return [table.name for table in tables() if self._number(_differs(table))]

    def lost(self) -> int:
        return self._number(
            "SELECT count(*) FROM main.observations AS here"
            " WHERE NOT EXISTS (SELECT 1 FROM saved.observations AS there WHERE there.id = here.id)"
        )

    def _number(self, query: str) -> int:
        return int(self._connection.exec_driver_sql(query).scalar_one())


def _differs(table: Table) -> str:
    """1 when the two have not as many rows, or a row of the one has no equal under its key in the other; else 0."""
    name, (first, *_) = table.name, (key := [f'"{column.name}"' for column in table.primary_key.columns])
    same_key = " AND ".join(f"there.{column} = here.{column}" for column in key)
    other = "".join(f' OR there."{c.name}" IS NOT here."{c.name}"' for c in table.columns if not c.primary_key)
    return (
        f"SELECT (SELECT count(*) FROM main.{name}) <> (SELECT count(*) FROM saved.{name}) OR EXISTS (SELECT 1"
        f" FROM main.{name} AS here LEFT JOIN saved.{name} AS there ON {same_key} WHERE there.{first} IS NULL{other})"
    )


@contextmanager
def saving(engine: Engine, file: Path) -> Iterator[AttachedFile]:
    """A reader of one moment: others go on writing to the live database. What becomes of a file left half-written is nobody's
    concern, so that its own journal and syncs are left out."""
    with _attached(engine, file) as connection:
        for pragma in ("journal_mode", "synchronous"):
            _driver(connection).execute(f"PRAGMA saved.{pragma} = OFF")
        with connection.begin():
            yield AttachedFile(connection)


@contextmanager
def restoring(engine: Engine, file: Path) -> Iterator[tuple[Session, AttachedFile]]:
    """A writer, who has the turn to write from beginning to end. The log, grown as large as the file, does not stay so."""
    with _attached(engine.execution_options(writing=True), file) as connection:
        with Session(connection) as session, session.begin():
            yield session, AttachedFile(session.connection())
        _driver(connection).execute("PRAGMA main.wal_checkpoint(TRUNCATE)")


@contextmanager
def _attached(engine: Engine, file: Path) -> Iterator[Connection]:
    """A connection with the file, before any transaction: in one nothing can be attached."""
    with saying_unavailable(), engine.connect() as connection:
        _driver(connection).execute("ATTACH DATABASE ? AS saved", (str(file),))
        try:
            yield connection
        finally:
            connection.rollback()
            _driver(connection).execute("DETACH DATABASE saved")


def _driver(connection: Connection) -> sqlite3.Connection:
    """What can be spoken to without beginning a transaction."""
    database = connection.connection.driver_connection
    assert isinstance(database, sqlite3.Connection)
    return database
