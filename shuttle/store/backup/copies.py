"""Copies between the live database and a backup file: save, restore and compare.

The file (`backup_file`) is a SQLite database with the same tables, for a live database of either kind. SQLite attaches the
file to its own connection (`sqlite`); PostgreSQL exchanges rows with it in streams (`postgres_stream`). Neither keeps
more than a few rows in memory.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import Unavailable
from shuttle.store.backup import sqlite
from shuttle.store.backup.tables_copied import empty
from shuttle.store.engine.database import is_postgres


class Copy(Protocol):
    """A backup file, opened within a transaction of the live database."""

    def save(self) -> None:
        """Copy all rows of the live database into the empty file."""

    def put(self) -> None:
        """Copy all rows of the file into the empty live database."""

    def rows(self) -> dict[str, int]:
        """Table -> number of rows in the file."""

    def unequal(self) -> list[str]:
        """Names of the tables that differ in any value."""

    def lost(self) -> int:
        """Number of observations that the live database has and the file lacks."""


def saving(engine: Engine, file: Path) -> AbstractContextManager[Copy]:
    """A consistent snapshot of the live database, which stays writable, and an empty file to save it to."""
    if is_postgres(engine):
        from shuttle.store.backup import postgres_stream  # lazy: importing the driver takes 0.1 s

        return postgres_stream.saving(engine, file)
    return sqlite.saving(engine, file)


def restoring(engine: Engine, file: Path) -> AbstractContextManager[tuple[Session, Copy]]:
    """The only writing transaction of the live database, and a file to restore from."""
    if is_postgres(engine):
        from shuttle.store.backup import postgres_stream

        return postgres_stream.restoring(engine, file)
    return sqlite.restoring(engine, file)


def replace(session: Session, copy: Copy) -> None:
    """Replace all rows of the live database by those of the file. Raises Unavailable (`copy-not-equal`)."""
    empty(session)
    copy.put()
    prove_equal(copy)


def prove_equal(copy: Copy) -> None:
    """Compare every value of every table. Raises Unavailable (`copy-not-equal`)."""
    if unequal := copy.unequal():
        raise Unavailable("copy-not-equal", f"the copy differs from what was saved in {', '.join(sorted(unequal))}")
