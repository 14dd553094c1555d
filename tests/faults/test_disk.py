"""A full disk, and a disk that loses unsynced writes, on SQLite.

A full disk is a file size limit, which the kernel enforces on the running process. A power cut is a copy of the
database as it was at the last answer: the WAL truncated to its length at that moment. This proves that nothing is
acknowledged before it is in the WAL. That the WAL is synced before the answer is SQLite's promise for synchronous=FULL;
the last test checks that setting.
"""

import resource
import shutil
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import open_app_context
from shuttle.services.ridership import rollup
from shuttle.store.engine import database
from tests.conftest import OSLO
from tests.faults.conftest import ADMIN
from tests.faults.program import Program, Senders
from tests.faults.test_kill import lost, stored

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the limit of a running process is Linux's"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def files_of(context: AppContext) -> tuple[Path, Path]:
    path = database.sqlite_path(context.engine)
    assert path is not None
    return path, path.with_name(path.name + "-wal")


def limit(program: Program, size: int | None) -> None:
    """Limit the size of the program's files."""
    assert program.process is not None
    resource.prlimit(
        program.process.pid, resource.RLIMIT_FSIZE, NO_LIMIT if size is None else (size, resource.RLIM_INFINITY)
    )


def test_a_full_disk_acknowledges_nothing_and_the_program_recovers(
    program: Program, senders: Senders, own_context: AppContext
) -> None:
    senders.start()
    senders.wait_for(20)
    limit(program, max(path.stat().st_size for path in files_of(own_context)) + 8192)
    began = time.monotonic()
    while 503 not in senders.statuses:  # not only 503: a checkpoint frees space in the WAL
        assert time.monotonic() - began < 120, "the disk did not become full"
        time.sleep(0.01)
    assert program.answers(), "reading goes on"
    limit(program, None)
    senders.wait_for(20)
    senders.stop()
    assert senders.statuses <= {200, 201, 503}
    assert lost(senders.acknowledged, stored(own_context)) == []
    assert rollup.check(own_context, ADMIN) == []
    with own_context.reading() as session:
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"


@pytest.mark.parametrize("answers", [1, 7, 40])
def test_what_was_acknowledged_is_in_the_log_at_the_moment_of_the_answer(
    program: Program, senders: Senders, own_context: AppContext, tmp_path: Path, answers: int
) -> None:
    path, log = files_of(own_context)
    senders.start()
    senders.wait_for(answers)
    acknowledged = list(senders.acknowledged)
    length = log.stat().st_size
    senders.wait_for(20)  # what comes after the cut is written, and lost
    program.kill()
    senders.stop()
    cut = tmp_path / "cut"
    cut.mkdir()
    shutil.copyfile(path, cut / "shuttle.db")
    (cut / "shuttle.db-wal").write_bytes(log.read_bytes()[:length])
    after = open_app_context(f"sqlite:///{cut / 'shuttle.db'}", OSLO)
    try:
        assert lost(acknowledged, stored(after)) == []
        assert rollup.check(after, ADMIN) == []
        with after.reading() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
    finally:
        after.close()


def test_the_cut_really_loses_what_was_written_after_it(
    program: Program, senders: Senders, own_context: AppContext, tmp_path: Path
) -> None:
    path, log = files_of(own_context)
    senders.start()
    senders.wait_for(5)
    length = log.stat().st_size
    senders.wait_for(100)
    program.kill()
    senders.stop()
    shutil.copyfile(path, tmp_path / "cut.db")
    (tmp_path / "cut.db-wal").write_bytes(log.read_bytes()[:length])
    with sqlite3.connect(tmp_path / "cut.db") as cut:
        kept = cut.execute("SELECT count(*) FROM observations").fetchone()[0]
    cut.close()
    assert 0 < kept < len(senders.acknowledged)


def test_every_commit_waits_for_the_disk(own_context: AppContext) -> None:
    with own_context.reading() as session:
        assert session.scalar(text("PRAGMA synchronous")) == 2
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
