"""Saving everything while the program runs, proving that it can be restored, and restoring without losing a count."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from shuttle.domain.access import Action, Person, allow
from shuttle.domain.errors import Invalid, Refused, Unavailable
from shuttle.services.house import House
from shuttle.services.installation import open_house
from shuttle.store import append_only, copies, schema
from shuttle.store.acts import record_act
from shuttle.store.database import is_postgres
from shuttle.store.schedule import raise_version, version

CONTENTS = "contents.json"
Contents = dict[str, tuple[int, str]]
"""Table -> how many rows, and their digest."""


def backup(house: House, person: Person | None, file: Path) -> Contents:
    """Write a copy of one moment to a file, verified by restoring it elsewhere. The file is there whole or not at all.

    Raises Unavailable (`file-not-written`, `copy-not-equal`).
    """
    allow(person, Action.ADMINISTER)
    try:
        handle, name = mkstemp(prefix=file.name, suffix=".part", dir=file.parent)
        os.close(handle)
    except OSError as error:
        raise Unavailable("file-not-written", f"{file} cannot be written: {error.strerror}", given=str(file)) from None
    part = Path(name)
    try:
        _write(house, part)
        contents = verify(house, part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return contents


def _write(house: House, file: Path) -> None:
    with house.reading() as session, ZipFile(file, "w", ZIP_DEFLATED) as archive:
        if is_postgres(session.connection()):
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        archive.writestr("schema", schema.current(house.engine) or "")
        contents = {}
        for table in copies.tables():
            with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as out:
                contents[str(table.name)] = copies.digest(_written(out, copies.lines(session, table)))
        archive.writestr(CONTENTS, orjson.dumps(contents))


def _written(out: IO[bytes], found: Iterator[bytes]) -> Iterator[bytes]:
    """The lines, on their way into a file."""
    for line in found:
        out.write(line + b"\n")
        yield line


def verify(house: House, file: Path) -> Contents:
    """Restore a backup into a database of its own and compare every table. Raises as `restore`."""
    with TemporaryDirectory() as folder:
        other = open_house(f"sqlite:///{Path(folder) / 'copy.db'}", house.zone)
        try:
            schema.upgrade(other.engine)
            with _opened(file) as archive, other.transaction() as session:
                return _put(archive, session)
        finally:
            other.close()


def restore(house: House, person: Person | None, file: Path) -> Contents:
    """Put a backup in the place of what the database holds.

    Raises Invalid (`not-a-backup`, `other-schema`), Refused (`would-lose-counts`) while the database has counts that the
    backup has not, Unavailable (`copy-not-equal`): whatever is raised, the database is as it was.
    """
    person = allow(person, Action.ADMINISTER)
    with _opened(file) as archive, house.transaction() as session:
        saved = {orjson.loads(line)["id"] for line in _lines(archive, "observations")}
        lost = copies.observation_ids(session) - saved
        if lost:
            raise Refused(
                "would-lose-counts",
                f"{len(lost)} counts are in the database and not in {file.name}; restore into an empty database instead",
                given=file.name,
                allowed="a backup that has every count, or an empty database",
            )
        known = version(session)
        contents = _put(archive, session)
        raise_version(session, beyond=known)
        record_act(session, house.now(), person.name, person.role.value, "restore", file.name[:200])
    return contents


def copy(house: House, person: Person | None, target_url: str) -> Contents:
    """Copy an installation into an empty database of either kind, and prove the copy equal.

    Raises Refused (`target-not-empty`), Unavailable (`copy-not-equal`).
    """
    allow(person, Action.ADMINISTER)
    target = open_house(target_url, house.zone)
    try:
        schema.upgrade(target.engine)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "copy.zip"
            _write(house, file)
            with _opened(file) as archive, target.transaction() as session:
                if copies.observation_ids(session):
                    raise Refused(
                        "target-not-empty", "the other database has counts already", allowed="an empty database"
                    )
                return _put(archive, session)
    finally:
        target.close()


def _put(archive: ZipFile, session: Session) -> Contents:
    """The rows of the backup in the place of all others, compared with what the backup says of itself."""
    with append_only.lifted(session.connection()):
        copies.empty(session)
    for table in copies.tables():
        copies.put_lines(session, table, _lines(archive, table.name))
    session.flush()
    contents = copies.digests(session)
    promised = {table: (number, hashed) for table, (number, hashed) in orjson.loads(archive.read(CONTENTS)).items()}
    if contents != promised:
        wrong = sorted(table for table in promised if contents.get(table) != promised[table])
        raise Unavailable("copy-not-equal", f"the copy differs from what was saved in {', '.join(wrong)}")
    return contents


def _lines(archive: ZipFile, table: str) -> Iterator[bytes]:
    try:
        with archive.open(f"{table}.jsonl") as file:
            for line in file:
                yield line.rstrip(b"\n")
    except (BadZipFile, KeyError, EOFError, zlib.error):
        name = Path(str(archive.filename)).name
        raise Invalid("not-a-backup", f"{name} is damaged in {table}", given=name, allowed="an older backup") from None


def _opened(file: Path) -> ZipFile:
    try:
        archive = ZipFile(file)
        known = archive.read("schema").decode()
        archive.getinfo(CONTENTS)
    except (OSError, BadZipFile, KeyError, UnicodeDecodeError):
        raise Invalid(
            "not-a-backup", f"{file} is not a backup", given=str(file), allowed="a file of `shuttle backup`"
        ) from None
    if known != schema.newest():
        archive.close()
        raise Invalid(
            "other-schema",
            f"{file.name} was saved with schema {known}; this program has {schema.newest()}",
            given=known,
            allowed=f"schema {schema.newest()}: restore with the program that saved it, then upgrade",
        )
    return archive
