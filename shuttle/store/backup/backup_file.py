"""A copy as a file: a SQLite database of its own that any program for SQLite opens, and a seal that any flipped byte breaks.

SQLite does not notice when a byte of a row is another one, and a file that was cut off may still open. So the file ends with
the digest of everything before it, which SQLite does not look at: its own head says how many pages there are.
"""

import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import IO

from shuttle.domain.basics.errors import Invalid, Unavailable
from shuttle.store.backup.tables_copied import empty
from shuttle.store.engine import schema
from shuttle.store.engine.database import open_database, transaction

_MARK = b"\nshuttle backup, sha256 "
_LENGTH = len(_MARK) + sha256().digest_size * 2
_AT_ONCE = 1 << 20


def make(file: Path) -> None:
    """An empty database with the newest schema, in one file: without a log beside it, so that it can be moved."""
    engine = open_database(f"sqlite:///{file}")
    try:
        schema.upgrade(engine)
        with transaction(engine) as session:
            empty(session)  # what the schema itself begins with belongs to this new database
    finally:
        engine.dispose()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = DELETE")


def seal(file: Path) -> None:
    """Close a file; it is on the disk when this returns. Raises Unavailable (`file-not-written`)."""
    try:
        with file.open("r+b") as opened:
            size = opened.seek(0, os.SEEK_END)
            digest = _digest(opened, size)
            opened.write(_MARK + digest)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise Unavailable("file-not-written", f"{file} cannot be written: {error.strerror}", given=str(file)) from None


def check(file: Path) -> None:
    """Read a file through. Raises Invalid (`not-a-backup`) for what was never sealed or is not as it was, and `other-schema`."""
    try:
        with file.open("rb") as opened:
            size = max(0, opened.seek(0, os.SEEK_END) - _LENGTH)
            opened.seek(size)
            mark, said = opened.read(len(_MARK)), opened.read()
            if mark != _MARK:
                raise _not_a_backup(file)
            if _digest(opened, size) != said:
                raise Invalid("not-a-backup", f"{file.name} is damaged", given=file.name, allowed="an older backup")
        known = _schema(file)
    except (OSError, sqlite3.DatabaseError):
        raise _not_a_backup(file) from None
    if known != schema.newest():
        raise Invalid(
            "other-schema",
            f"{file.name} was saved with schema {known}; this program has {schema.newest()}",
            given=known,
            allowed=f"schema {schema.newest()}: restore with the program that saved it, then upgrade",
        )


def _schema(file: Path) -> str | None:
    with closing(sqlite3.connect(file)) as database:
        found: tuple[str] | None = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return found[0] if found else None


def _digest(opened: IO[bytes], size: int) -> bytes:
    """Of the first bytes; leaves the file standing behind them."""
    opened.seek(0)
    hashed, left = sha256(), size
    while piece := opened.read(min(left, _AT_ONCE)):
        hashed.update(piece)
        left -= len(piece)
    return hashed.hexdigest().encode()


def _not_a_backup(file: Path) -> Invalid:
    return Invalid("not-a-backup", f"{file} is not a backup", given=str(file), allowed="a file of `shuttle backup`")
