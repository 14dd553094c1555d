"""Copies of PostgreSQL: rows stream from a server-side cursor into the file, and back by COPY, in the values that
SQLite stores.

A moment is a text in UTC, a boolean is 0 or 1, a document is its JSON text. In that form rows of server and file are
compared value by value. Documents are parsed first: PostgreSQL orders their keys in its own way.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import zip_longest
from math import inf
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    LargeBinary,
    String,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import Float

from shuttle.store.backup.tables_copied import tables
from shuttle.store.engine.database import reading, transaction
from shuttle.store.engine.deadlines import deadline
from shuttle.store.ridership.boardings import WRITERS_LOCK
from shuttle.store.tables.base import Document, Moment
from shuttle.store.tables.every import Base

Row = tuple[Any, ...]

FETCH_SIZE = 5000
"""Rows per fetch of the cursor."""

_AS_SAVED: list[tuple[type | tuple[type, ...], str]] = [
    (Moment, "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"),
    (Date, "to_char({}, 'YYYY-MM-DD')"),
    (Boolean, "{}::int"),
    (Document, "{}::text"),
    ((Integer, Float, LargeBinary, String), "{}"),
]
"""Column types -> PostgreSQL expression of the value that SQLite stores."""


class StreamedFile:
    """The live database on its connection, and the file on a connection of its own."""

    def __init__(self, connection: Connection, file: sqlite3.Connection) -> None:
        self._connection = connection
        self._file = file

    def save(self) -> None:
        self._file.execute("BEGIN")
        for table in tables():
            marks = ", ".join("?" * len(table.columns))
            self._file.executemany(f"INSERT INTO {table.name} ({_names(table)}) VALUES ({marks})", self._live(table))
        self._file.execute("COMMIT")

    def put(self) -> None:
        for table in tables():
            with (
                self._driver().cursor() as cursor,
                cursor.copy(f"COPY {table.name} ({_names(table)}) FROM STDIN") as stream,
            ):
                for row in self._file.execute(f"SELECT {_names(table)} FROM {table.name}"):
                    stream.write_row(row)
            _advance_sequence(self._connection, table)

    def rows(self) -> dict[str, int]:
        return {
            table.name: self._file.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0] for table in tables()
        }

    def unequal(self) -> list[str]:
        return [table.name for table in tables() if not self._equal(table)]

    def lost(self) -> int:
        """Merges both lists of ids, each read once in order."""
        saved = (row[0] for row in self._file.execute("SELECT id FROM observations ORDER BY id"))
        saved_id, number = next(saved, None), 0
        for (identifier,) in self._streamed('SELECT id FROM observations ORDER BY id COLLATE "C"'):
            while saved_id is not None and saved_id < identifier:
                saved_id = next(saved, None)
            number += saved_id != identifier
        return number

    def _equal(self, table: Table) -> bool:
        documents = [index for index, column in enumerate(table.columns) if isinstance(column.type, Document)]
        key = ", ".join(f'"{column.name}"' for column in table.primary_key.columns)
        saved = self._file.execute(f"SELECT {_names(table)} FROM {table.name} ORDER BY {key}")
        return all(
            here == there or (here and there and _read(here, documents) == _read(there, documents))
            for here, there in zip_longest(self._live(table), saved)
        )

    def _live(self, table: Table) -> Iterator[Row]:
        """Rows of the server in order of the primary key, in the values that SQLite stores."""
        key = ", ".join(_in_order(column) for column in table.primary_key.columns)
        return self._streamed(f"SELECT {', '.join(map(_as_saved, table.columns))} FROM {table.name} ORDER BY {key}")

    def _streamed(self, query: str) -> Iterator[Row]:
        with self._driver().cursor("streamed") as cursor:
            cursor.itersize = FETCH_SIZE
            yield from cursor.execute(query)

    def _driver(self) -> psycopg.Connection[Any]:
        connection = self._connection.connection.driver_connection
        assert isinstance(connection, psycopg.Connection)
        return connection


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _as_saved(column: Column[Any]) -> str:
    for kinds, expression in _AS_SAVED:
        if isinstance(column.type, kinds):
            return expression.format(f'"{column.name}"')
    raise TypeError(f"no backup format for column {column}")


def _in_order(column: Column[Any]) -> str:
    """SQLite's order: texts by their bytes, whatever the server's collation."""
    return f'"{column.name}" COLLATE "C"' if isinstance(column.type, String) else f'"{column.name}"'


def _read(row: Row, documents: Sequence[int]) -> list[Any]:
    values = list(row)
    for index in documents:
        if row[index] is not None:
            values[index] = orjson.loads(str(row[index]))
    return values


def _advance_sequence(connection: Connection, table: Table) -> None:
    """Set the sequence of a numeric key past the rows copied with their own numbers."""
    (key, *more) = table.primary_key.columns
    if more or not isinstance(key.type, Integer) or key.autoincrement is False:
        return
    highest = connection.scalar(select(func.max(key)))
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :key)"), {"table": table.name, "key": key.name}
    )
    if sequence and highest:
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


@contextmanager
def saving(engine: Engine, file: Path) -> Iterator[StreamedFile]:
    """A consistent snapshot (REPEATABLE READ); other transactions may write."""
    with _beside(file) as beside, reading(engine) as session, _translating_driver_errors(engine):
        for pragma in ("journal_mode", "synchronous"):
            beside.execute(f"PRAGMA {pragma} = OFF")
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        _lift_time_limits(session)
        yield StreamedFile(session.connection(), beside)


@contextmanager
def restoring(engine: Engine, file: Path) -> Iterator[tuple[Session, StreamedFile]]:
    """The only writer: waits for others, and blocks them until it ends; readers go on."""
    with _beside(file) as beside, transaction(engine) as session, _translating_driver_errors(engine):
        _lift_time_limits(session)
        session.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
        session.execute(text(f"LOCK TABLE {', '.join(Base.metadata.tables)} IN EXCLUSIVE MODE"))
        yield session, StreamedFile(session.connection(), beside)


@contextmanager
def _beside(file: Path) -> Iterator[sqlite3.Connection]:
    with deadline(each=inf), closing(sqlite3.connect(file, isolation_level=None)) as beside:
        yield beside


def _lift_time_limits(session: Session) -> None:
    for limit in ("statement_timeout", "lock_timeout"):
        session.execute(text(f"SET LOCAL {limit} = 0"))


@contextmanager
def _translating_driver_errors(engine: Engine) -> Iterator[None]:
    """Raise errors of the two drivers, used directly here, as SQLAlchemy's."""
    try:
        yield
    except (psycopg.Error, sqlite3.Error) as error:
        kind = psycopg.Error if isinstance(error, psycopg.Error) else sqlite3.Error
        raise DBAPIError.instance("COPY", None, error, kind, dialect=engine.dialect) from error
