"""Everything that the database holds, in a file beside it: put into the file, put back, and compared.

The file (`sealed`) is a SQLite database with the same tables, whatever the live database is. So "the copy" is always that file
and "the live database" always what the service works with; SQLite attaches the file to its own connection (`attached`), and
PostgreSQL exchanges rows with it in streams (`streamed`). Neither keeps more than a few rows in memory.
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
    """A file beside the live database, inside a transaction of the live one."""

    def save(self) -> None:
        """The live database's rows into the empty file."""

    def put(self) -> None:
        """The file's rows into the live database, which is empty."""

    def rows(self) -> dict[str, int]:
        """Table -> how many rows the file has."""

    def unequal(self) -> list[str]:
        """The tables of which any value differs between the two."""

    def lost(self) -> int:
        """How many counts the live database has and the file has not."""


def saving(engine: Engine, file: Path) -> AbstractContextManager[Copy]:
    """One moment of the live database, while others go on writing to it, and an empty file to save it in."""
    if is_postgres(engine):
        from shuttle.store.backup import (
            postgres_stream,  # its driver takes a tenth of a second, which SQLite need not pay
        )

        return postgres_stream.saving(engine, file)
    return sqlite.saving(engine, file)


def restoring(engine: Engine, file: Path) -> AbstractContextManager[tuple[Session, Copy]]:
    """A transaction of the live database in which nobody else writes, and a file to restore from."""
    if is_postgres(engine):
        from shuttle.store.backup import postgres_stream

        return postgres_stream.restoring(engine, file)
    return sqlite.restoring(engine, file)


def replace(session: Session, copy: Copy) -> None:
    """Put the file's rows in the place of all that the live database has. Raises Unavailable (`copy-not-equal`)."""
    empty(session)
    copy.put()
    prove_equal(copy)


def prove_equal(copy: Copy) -> None:
    """Compare every value of every table. Raises Unavailable (`copy-not-equal`)."""
    if wrong := copy.unequal():
        raise Unavailable("copy-not-equal", f"the copy differs from what was saved in {', '.join(sorted(wrong))}")
