"""Backup, restore and copy of the whole database while the program runs, each verified value by value."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Refused, Unavailable
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.ridership import rollup
from shuttle.store.backup import backup_file, copies
from shuttle.store.engine import schema
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.operation.clock_readings import put_reading, reading
from shuttle.store.ridership import releases
from shuttle.store.ridership.boardings import first_counted_date
from shuttle.store.timetable.schedule import raise_version, record_replacement, version

Contents = dict[str, int]
"""Table -> number of rows."""


def backup(context: AppContext, person: Person | None, file: Path) -> Contents:
    """Write a verified backup of one snapshot to a file, atomically.

    Verification: the rows are stored in a database of their own, compared there with the source, and the file is read
    back from disk. Raises Unavailable (`file-not-written`, `copy-not-equal`).
    """
    allow(person, Action.ADMINISTER)
    try:
        handle, name = mkstemp(prefix=file.name, suffix=".part", dir=file.parent)
        os.close(handle)
    except OSError as error:
        raise Unavailable("file-not-written", f"{file} cannot be written: {error.strerror}", given=str(file)) from None
    part = Path(name)
    try:
        contents = _save(context, part)
        backup_file.seal(part)
        backup_file.check(part)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return contents


def note_download(context: AppContext, person: Person | None, name: str) -> None:
    """Record in the audit log that a person took a backup."""
    person = allow(person, Action.ADMINISTER)
    with context.transaction() as session:
        add_entry(session, context.now(), person.name, person.role, "download-backup", name)


def _save(context: AppContext, file: Path) -> Contents:
    backup_file.make(file)
    with copies.saving(context.engine, file) as copy:
        copy.save()
        copies.prove_equal(copy)
        return copy.rows()


def restore(context: AppContext, person: Person | None, file: Path) -> Contents:
    """Replace all content of the database by a backup, in one transaction.

    Raises Invalid (`not-a-backup`, `other-schema`), Refused (`would-lose-counts`) while the database has counts that
    the backup lacks, Unavailable (`copy-not-equal`). After any error the database is unchanged. Releases stay as they were
    published: one that the backup lacks, or has otherwise, is kept from the database.
    """
    person = allow(person, Action.ADMINISTER)
    backup_file.check(file)
    with copies.restoring(context.engine, file) as (session, copy):
        if lost := copy.lost():
            raise Refused(
                "would-lose-counts",
                f"{lost} counts are in the database and not in {file.name}; restore into an empty database instead",
                given=file.name,
                allowed="a backup that has every count, or an empty database",
            )
        version_before, published, clock = version(session), releases.all_rows(session), reading(session)
        copies.replace(session, copy)
        releases.keep(session, published)
        if clock is not None:
            put_reading(session, clock)  # a leap of the clock is confirmed by a person, not by a restore
        raise_version(session, context.now(), beyond=version_before)
        record_replacement(session, context.now())
        add_entry(session, context.now(), person.name, person.role.value, "restore", file.name[:200])
        return copy.rows()


def drill(context: AppContext, person: Person | None, file: Path) -> int:
    """Restore a backup into a scratch database beside it, which is deleted again; the number of its rows.

    Raises what `restore` raises, and Refused (`sums-differ`) where the restored sums are not those of the restored counts.
    """
    person = allow(person, Action.ADMINISTER)
    with TemporaryDirectory(prefix="drill-", dir=file.parent) as folder:
        scratch = open_app_context(f"sqlite:///{Path(folder) / 'scratch.db'}", context.zone)
        try:
            schema.upgrade(scratch.engine)
            contents = restore(scratch, person, file)
            differences = rollup.check(scratch, person)
        finally:
            scratch.close()
    if differences:
        raise Refused(
            "sums-differ", f"{len(differences)} sums of {file.name} differ from its counts", given=len(differences)
        )
    return sum(contents.values())


def copy(context: AppContext, person: Person | None, target_url: str) -> Contents:
    """Copy an installation into an empty database of either kind, and verify the copy.

    Raises Refused (`target-not-empty`), Unavailable (`copy-not-equal`).
    """
    allow(person, Action.ADMINISTER)
    target = open_app_context(target_url, context.zone)
    try:
        schema.upgrade(target.engine)
        with TemporaryDirectory() as folder:
            file = Path(folder) / "copy.db"
            contents = _save(context, file)
            with copies.restoring(target.engine, file) as (session, target_copy):
                if first_counted_date(session):
                    raise Refused(
                        "target-not-empty", "the other database has counts already", allowed="an empty database"
                    )
                copies.replace(session, target_copy)
    finally:
        target.close()
    return contents
