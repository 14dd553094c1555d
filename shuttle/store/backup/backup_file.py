"""Backup file: a SQLite database followed by a SHA-256 digest.

SQLite does not detect a changed byte of a row, and a truncated file may still open. So the digest of all preceding
bytes is appended. SQLite ignores it, because its header states the number of pages. Any program for SQLite opens the
file.
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
_CHUNK = 1 << 20  # bytes


def make(file: Path) -> None:
    """Create an empty database with the newest schema in one file, without a WAL beside it, so that it can be moved."""
    engine = open_database(f"sqlite:///{file}")
    try:
        schema.upgrade(engine)
        with transaction(engine) as session:
            empty(session)  # deletes the rows that migrations insert
    finally:
        engine.dispose()
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = DELETE")


def seal(file: Path) -> None:
    """Append the digest and sync the file. Raises Unavailable (`file-not-written`)."""
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
    """Verify a file's digest and schema. Raises Invalid: `not-a-backup` for an unsealed or damaged file, `other-schema`."""
    try:
        with file.open("rb") as opened:
            size = max(0, opened.seek(0, os.SEEK_END) - _LENGTH)
            opened.seek(size)
            mark, digest = opened.read(len(_MARK)), opened.read()
            if mark != _MARK:
                raise _not_a_backup(file)
            if _digest(opened, size) != digest:
                raise Invalid("not-a-backup", f"{file.name} is damaged", given=file.name, allowed="an older backup")
        revision = _schema(file)
    except (OSError, sqlite3.DatabaseError):
        raise _not_a_backup(file) from None
    if revision != schema.newest():
        raise Invalid(
            "other-schema",
            f"{file.name} was saved with schema {revision}; this program has {schema.newest()}",
            given=revision,
            allowed=f"schema {schema.newest()}: restore with the program that saved it, then upgrade",
        )


def _schema(file: Path) -> str | None:
    with closing(sqlite3.connect(file)) as database:
        row: tuple[str] | None = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _digest(opened: IO[bytes], size: int) -> bytes:
    """Hexadecimal digest of the first `size` bytes; leaves the file's position behind them."""
    opened.seek(0)
    digest, remaining = sha256(), size
    while piece := opened.read(min(remaining, _CHUNK)):
        digest.update(piece)
        remaining -= len(piece)
    return digest.hexdigest().encode()


def _not_a_backup(file: Path) -> Invalid:
    return Invalid("not-a-backup", f"{file} is not a backup", given=str(file), allowed="a file of `shuttle backup`")
