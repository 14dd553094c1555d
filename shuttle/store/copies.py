"""Everything that the database holds, row by row: written to a file, read back, compared.

A copy does not depend on the kind of database: a table is lines of JSON in order of its key, so that what was saved from SQLite
can be restored into PostgreSQL, and two databases are equal when the digests of their tables are.
"""

import datetime
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Any

import orjson
from sqlalchemy import Connection, Date, Integer, LargeBinary, Table, delete, func, insert, select, text
from sqlalchemy.orm import Session

from shuttle.store.database import is_postgres
from shuttle.store.tables import Base
from shuttle.store.tables.base import Moment
from shuttle.store.tables.boardings import ObservationRow

AT_ONCE = 5000
_NOT_COPIED = {"leases", "sessions", "counting_keys", "tablets"}
"""What belongs to the running program: who holds the clock, and who is signed in."""


def tables() -> list[Table]:
    """The tables that a copy holds, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _NOT_COPIED]


def lines(session: Session, table: Table) -> Iterator[bytes]:
    """Each row as a line of JSON, in order of the key. A moment is in UTC, and its line what `isoformat` writes; bytes are in base64."""
    names = [str(column.name) for column in table.columns]
    query = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=AT_ONCE)
    for row in session.execute(query):
        yield orjson.dumps(dict(zip(names, row, strict=True)), default=_in_base64, option=orjson.OPT_SORT_KEYS)


def _in_base64(value: object) -> str:
    """How to write what JSON has no value for: of all that a column holds, bytes."""
    if not isinstance(value, bytes):
        raise TypeError(f"a copy cannot hold {type(value).__name__}")
    return b64encode(value).decode()


def digest(found: Iterable[bytes]) -> tuple[int, str]:
    """How many lines, and a hash of them all."""
    number, hashed = 0, blake2b(digest_size=16)
    for line in found:
        number += 1
        hashed.update(line + b"\n")
    return number, hashed.hexdigest()


def digests(session: Session) -> dict[str, tuple[int, str]]:
    """Of each table."""
    return {str(table.name): digest(lines(session, table)) for table in tables()}


def empty(session: Session) -> None:
    """Take every row out, sign-ins too."""
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(delete(table))


def put_lines(session: Session, table: Table, found: Iterable[bytes]) -> None:
    """Rows of a copy into an empty table."""
    readers = [(column.name, read) for column in table.columns if (read := _reader(column.type))]
    batch: list[dict[str, Any]] = []
    for line in found:
        row: dict[str, Any] = orjson.loads(line)
        for name, read in readers:
            if (value := row[name]) is not None:
                row[name] = read(value)
        batch.append(row)
        if len(batch) == AT_ONCE:
            session.execute(insert(table), batch)
            batch = []
    if batch:
        session.execute(insert(table), batch)
    _go_on_counting(session.connection(), table)


def _reader(kind: Any) -> Callable[[str], Any] | None:
    """How to read what JSON has no value for."""
    if isinstance(kind, Moment):
        return datetime.datetime.fromisoformat
    if isinstance(kind, LargeBinary):
        return b64decode
    return datetime.date.fromisoformat if isinstance(kind, Date) else None


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL gives out numbers from a sequence, which knows nothing of rows that came with theirs."""
    (key, *more) = table.primary_key.columns
    if not is_postgres(connection) or more or not isinstance(key.type, Integer) or key.autoincrement is False:
        return
    highest = connection.scalar(select(func.max(key)))
    sequence = connection.scalar(
        text("SELECT pg_get_serial_sequence(:table, :key)"), {"table": table.name, "key": key.name}
    )
    if sequence and highest:
        connection.execute(text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest})


def observation_ids(session: Session) -> set[str]:
    """The ids of all counts: what must never be lost."""
    return set(session.scalars(select(ObservationRow.id)))
