"""Backup, restore and copy on both databases and across them; no restore loses a count."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from threading import Event, Thread

import orjson
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, Refused, Unavailable
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.fortnights import Period
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.services.access.accounts import create_token
from shuttle.services.app_context import AppContext
from shuttle.services.operation import backups
from shuttle.services.operation.installation import open_app_context
from shuttle.services.ridership import rollup
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.releases import freeze_due, release_document, released
from shuttle.services.timetable.changes import change_departure
from shuttle.store.backup import backup_file, copies
from shuttle.store.backup.tables_copied import tables
from shuttle.store.engine.database import sqlite_path
from shuttle.store.operation import stored_reports
from shuttle.store.operation.stored_reports import StoredReport
from shuttle.store.tables.calendar import SpecialDayRow
from shuttle.store.tables.installation import InstallationRow
from shuttle.store.tables.operation import LeaseRow
from shuttle.store.tables.ridership import ObservationRow
from tests.conftest import KINDS, NOON, OSLO, a_database

pytestmark = pytest.mark.slow

ADMIN = Person("a", "Admin", Role.ADMIN)
DRIVER = Person("d", "Bus", Role.DRIVER)
EVERY_BYTE = bytes(range(256))


def ride(context: AppContext, back: int) -> None:
    day = context.today() - timedelta(back)
    departure = context.schedule().departures_on(day).departures[0].id
    record_and_wait(
        context, DRIVER, Count(departure=departure, stop="vagsbunnen", boardings=back % 9, full=True), f"key-{back}"
    )


@pytest.fixture(params=KINDS)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AppContext]:
    """A second database, filled like a new installation."""
    folder = tmp_path / "other"
    folder.mkdir()
    for url in a_database(request.param, folder, filled=True):
        second = open_app_context(url, OSLO)
        second.now = lambda: NOON
        yield second
        second.close()


def everything(context: AppContext) -> dict[str, tuple[int, str]]:
    """Table -> number of rows and a hash of their values, independent of the kind of database."""
    contents = {}
    with context.reading() as session:
        for table in tables():
            names = [str(column.name) for column in table.columns]
            rows = [dict(zip(names, row, strict=True)) for row in session.execute(select(table))]
            lines = sorted(orjson.dumps(row, option=orjson.OPT_SORT_KEYS, default=bytes.hex) for row in rows)
            contents[table.name] = (len(lines), blake2b(b"\n".join(lines)).hexdigest())
    return contents


def keys(context: AppContext) -> set[str]:
    with context.reading() as session:
        return set(session.scalars(select(ObservationRow.key)))


def numbers(context: AppContext) -> dict[str, int]:
    return {table: number for table, (number, _) in everything(context).items()}


def test_what_was_saved_is_restored_into_either_kind_of_database(
    context: AppContext, other: AppContext, tmp_path: Path
) -> None:
    for back in range(1, 12):
        ride(context, back)
    report = StoredReport(Period.YEAR, Span(date(2025, 1, 1), date(2025, 12, 31)), "pdf", preliminary=False)
    with context.transaction() as session:
        create_token(session, ADMIN, Role.STAFF, "tablet", context.now())
        stored_reports.put(session, report, context.now(), EVERY_BYTE)
    file = tmp_path / "saved.db"
    saved = backups.backup(context, ADMIN, file)
    before = everything(context)
    assert saved == numbers(context)
    assert saved["observations"] == 11
    assert backups.restore(other, ADMIN, file) == saved
    after = everything(other)
    changed = {table for table in saved if after[table] != before[table]}
    assert changed == {"acts", "fact_edits", "service"}, (
        "that it was restored is written down, and every copy in memory is read anew"
    )
    assert rollup.check(other, ADMIN) == []
    with other.reading() as session:
        assert stored_reports.content(session, report) == EVERY_BYTE
    ride(other, 20)
    with other.transaction() as session:
        create_token(session, ADMIN, Role.STAFF, "another", other.now())
    # A restore is an edit of every fact: calendars are told, by a higher revision and a later moment.
    restored, original = (each.schedule().departures_on(NOON.date()).departures for each in (other, context))
    assert [replace(each, revision=0, changed_at=None) for each in restored] == [
        replace(each, revision=0, changed_at=None) for each in original
    ]
    assert all(new.revision > old.revision for new, old in zip(restored, original, strict=True))


def test_a_restore_changes_no_release_and_loses_none(context: AppContext, tmp_path: Path) -> None:
    day = context.today() - timedelta(60)
    for each in context.schedule().departures_on(day).departures:
        record_and_wait(context, DRIVER, Count(departure=each.id, stop="vagsbunnen", boardings=9), each.id)
    file = tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    freeze_due(context, ADMIN, 5)
    published = [release_document(each) for each in released(context, ADMIN)]
    assert published
    backups.restore(context, ADMIN, file)
    assert [release_document(each) for each in released(context, ADMIN)] == published
    assert freeze_due(context, ADMIN, 2) == [], "a lower threshold releases nothing again"


def test_calendars_keep_their_uids_when_an_installation_moves(
    context: AppContext, other: AppContext, tmp_path: Path
) -> None:
    """A new machine creates its own id; a restored backup brings the id that phones have subscribed to."""
    with other.transaction() as session:
        session.execute(update(InstallationRow).values(id="0" * 32))
    file = tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    backups.restore(other, ADMIN, file)
    assert other.installation() == context.installation() != "0" * 32


def test_a_running_service_sees_a_restore_after_as_many_changes(context: AppContext, tmp_path: Path) -> None:
    file, tomorrow = tmp_path / "saved.db", context.today() + timedelta(1)
    backups.backup(context, ADMIN, file)
    departure = context.schedule().departures_on(tomorrow).departures[0].id
    with context.transaction() as session:
        change_departure(session, ADMIN, departure, ChangeKind.CANCEL, ReasonCode.WEATHER, None, NOON)
    assert context.departure(departure).status == "cancelled"
    backups.restore(context, ADMIN, file)
    assert context.departure(departure).status == "scheduled"


def test_a_restore_leaves_no_large_log_behind_while_the_program_runs(context: AppContext, tmp_path: Path) -> None:
    file = tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    backups.restore(context, ADMIN, file)
    path = sqlite_path(context.engine)
    assert path is None or Path(f"{path}-wal").stat().st_size == 0


def test_a_restore_that_would_lose_a_count_is_refused_and_changes_nothing(context: AppContext, tmp_path: Path) -> None:
    ride(context, 1)
    file = tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    ride(context, 2)
    before = everything(context)
    with pytest.raises(Refused, match="1 counts are in the database"):
        backups.restore(context, ADMIN, file)
    assert everything(context) == before


def test_a_copy_is_verified_and_refused_where_there_are_counts(context: AppContext, other: AppContext) -> None:
    ride(context, 1)
    url = other.engine.url.render_as_string(hide_password=False)
    assert backups.copy(context, ADMIN, url) == numbers(context)
    assert everything(context) == everything(other)
    with pytest.raises(Refused, match="has counts already"):
        backups.copy(context, ADMIN, url)


def test_a_backup_while_people_count_is_one_moment(context: AppContext, tmp_path: Path) -> None:
    """Counts and sums agree, and every count acknowledged before its start is contained."""
    stop, counted = Event(), []

    def go_on_counting() -> None:
        for back in range(1, 300):
            if stop.is_set():
                return
            ride(context, back)
            counted.append(f"key-{back}")

    counting = Thread(target=go_on_counting)
    counting.start()
    while len(counted) < 20:
        stop.wait(0.01)
    before = list(counted)
    backups.backup(context, ADMIN, tmp_path / "saved.db")
    stop.set()
    counting.join()
    (tmp_path / "restored").mkdir()
    for url in a_database("sqlite", tmp_path / "restored", filled=True):
        restored = open_app_context(url, OSLO)
        backups.restore(restored, ADMIN, tmp_path / "saved.db")
        assert set(before) <= keys(restored)
        assert rollup.check(restored, ADMIN) == []
        restored.close()


def test_a_count_that_comes_during_a_restore_is_stored_after_it(
    context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ride(context, 1)
    file = tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    counting = Thread(target=ride, args=(context, 2))
    replace = copies.replace

    def replace_while_somebody_counts(session: Session, copy: copies.Copy) -> None:
        counting.start()
        counting.join(0.5)
        assert counting.is_alive(), "it waits"
        replace(session, copy)

    monkeypatch.setattr(copies, "replace", replace_while_somebody_counts)
    backups.restore(context, ADMIN, file)
    counting.join()
    assert keys(context) == {"key-1", "key-2"}
    assert rollup.check(context, ADMIN) == []


@pytest.fixture
def corrupting(context: AppContext) -> Iterator[AppContext]:
    """A database that stores other values than those it receives."""
    ride(context, 1)
    spoiling, mending = SPOILING[context.engine.dialect.name]
    with context.transaction() as session:
        for statement in spoiling:
            session.execute(text(statement))
    yield context
    with context.transaction() as session:  # others are given this database after us
        session.execute(text(mending))


def test_a_restore_that_goes_wrong_anywhere_changes_nothing(corrupting: AppContext, tmp_path: Path) -> None:
    context, file = corrupting, tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    before = everything(context)
    with pytest.raises(Unavailable, match="differs from what was saved in observations"):
        backups.restore(context, ADMIN, file)
    assert everything(context) == before
    with context.transaction() as session, pytest.raises(DBAPIError, match="only ever added"):
        session.execute(text("DELETE FROM acts"))


SPOILING = {
    "sqlite": (
        [
            "CREATE TRIGGER spoil AFTER INSERT ON observations BEGIN UPDATE observations SET boardings = boardings + 1; END"
        ],
        "DROP TRIGGER spoil",
    ),
    "postgresql": (
        [
            "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN NEW.boardings := NEW.boardings + 1; RETURN NEW; END $$",
            "CREATE TRIGGER spoil BEFORE INSERT ON observations FOR EACH ROW EXECUTE FUNCTION spoil()",
        ],
        "DROP FUNCTION spoil CASCADE",
    ),
}
"""Statements that alter every stored count from now on, and one that removes them."""


def test_a_backup_is_a_sound_database_of_one_file(context: AppContext, tmp_path: Path) -> None:
    ride(context, 1)
    file = tmp_path / "saved.db"
    backups.backup(context, ADMIN, file)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT key FROM observations").fetchall() == [("key-1",)]
    assert [path.name for path in tmp_path.glob("saved*")] == ["saved.db"]


def test_a_backup_holds_nothing_of_what_was_deleted_and_nobodys_sign_in(context: AppContext, tmp_path: Path) -> None:
    with context.transaction() as session:
        session.execute(insert(LeaseRow), {"name": "a-lease-of-now", "holder": "h", "until": context.now()})
        moment = {"key": "2026", "kind": "holiday", "nn": "", "en": "", "day_type": None}
        rows = [{**moment, "date": NOON.date() + timedelta(day), "nb": "forgotten-long-ago"} for day in range(2000)]
        session.execute(insert(SpecialDayRow), rows)
    with context.transaction() as session:
        session.execute(delete(SpecialDayRow).where(SpecialDayRow.nb == "forgotten-long-ago"))
    backups.backup(context, ADMIN, tmp_path / "saved.db")
    saved = (tmp_path / "saved.db").read_bytes()
    assert b"forgotten-long-ago" not in saved
    assert b"a-lease-of-now" not in saved


def test_a_backup_of_another_schema_is_refused(context: AppContext, tmp_path: Path) -> None:
    file = tmp_path / "saved.db"
    backup_file.make(file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    backup_file.seal(file)
    with pytest.raises(Invalid, match="saved with schema 0001"):
        backups.restore(context, ADMIN, file)


@pytest.mark.parametrize("content", [b"", b"PK nonsense", b"x" * 10_000])
def test_what_is_no_backup_is_refused(context: AppContext, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "corrupting.db"
    file.write_bytes(content)
    with pytest.raises(Invalid, match="is not a backup"):
        backups.restore(context, ADMIN, file)


def test_a_folder_that_is_not_there_is_said_and_leaves_nothing_behind(context: AppContext, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(Unavailable, match="cannot be written"):
        backups.backup(context, ADMIN, folder / "nowhere" / "saved.db")
    backups.backup(context, ADMIN, folder / "saved.db")
    assert [path.name for path in folder.iterdir()] == ["saved.db"]
