"""A program that dies or shuts down during a job: the next process restarts the job once and completes it."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from shuttle.cli.operation.serve import GRACE_SECONDS
from shuttle.services.app_context import AppContext
from shuttle.services.operation.scheduler_lease import GONE_SECONDS
from shuttle.store.operation.jobs import latest_runs
from shuttle.store.tables.operation import JobRunRow
from tests.faults.program import LONGEST_END, Program
from tests.faults.slow_job import LOST_SECONDS

pytestmark = pytest.mark.slow
on_one = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def programs(
    database_url: str, own_context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Program]:
    """Two programs on one database, with a job that has been due for a few minutes."""
    due = own_context.now().astimezone(own_context.zone) - timedelta(minutes=5)
    monkeypatch.setenv("SLOW_JOB_DUE", f"{due:%H:%M}")
    return [Program(database_url, tmp_path, "tests.faults.slow_job") for _ in range(2)]


def run(context: AppContext) -> JobRunRow:
    with context.reading() as session:
        return latest_runs(session)["slow"]


def events(folder: Path) -> list[str]:
    file = folder / "events"
    return file.read_text("utf-8").splitlines() if file.exists() else []


def wait_until(happened: Callable[[], bool], seconds: float = 180) -> None:
    until = monotonic() + seconds
    while not happened():
        assert monotonic() < until, "it did not happen"
        sleep(0.05)


def exit_code(program: Program) -> int:
    """Exit code of a process after SIGTERM, within its time limit."""
    assert program.process is not None
    code = program.process.wait(timeout=LONGEST_END)
    program.process = None
    return code


def let_end(folder: Path, context: AppContext) -> list[str]:
    """The recorded events, once the job has ended."""
    (folder / "may-end").touch()
    wait_until(lambda: run(context).outcome == "done")
    return events(folder)


def test_a_job_of_a_killed_program_is_restarted_once(
    programs: list[Program], own_context: AppContext, tmp_path: Path
) -> None:
    first, second = programs
    with first.running(), second.running():
        assert first.process is not None and second.process is not None
        wait_until(lambda: len(events(tmp_path)) == 1)
        sleep(1.5 * LOST_SECONDS)
        (begins,) = events(tmp_path)  # no other process starts it while the first runs
        killed, other = (first, second) if begins.endswith(f" {first.process.pid}") else (second, first)
        assert other.process is not None
        pid = other.process.pid
        killed.kill()
        wait_until(lambda: len(events(tmp_path)) == 2)
        assert let_end(tmp_path, own_context) == [begins, f"begins {pid}", f"ends {pid}"]
        killed.start()
        sleep(1.5 * LOST_SECONDS)
        assert len(events(tmp_path)) == 3
    assert run(own_context).begun == 2


def asked_to_end_in_the_midst(program: Program, own_context: AppContext, tmp_path: Path) -> subprocess.Popen[bytes]:
    """The process of a program that received SIGTERM during a job, once the job is stored as interrupted."""
    assert program.process is not None
    wait_until(lambda: len(events(tmp_path)) == 1)
    program.process.terminate()
    wait_until(lambda: run(own_context).outcome == "interrupted")
    return program.process


@on_one
def test_a_job_that_outlasts_its_program_is_completed_by_the_next(
    programs: list[Program], own_context: AppContext, tmp_path: Path
) -> None:
    program = programs[0]
    with program.running():
        process = asked_to_end_in_the_midst(program, own_context, tmp_path)
        assert process.poll() is None, "the interruption is stored before the process has ended"
        assert exit_code(program) == 0
        program.start()
        assert program.process is not None
        wait_until(lambda: len(events(tmp_path)) == 2)
        assert let_end(tmp_path, own_context)[-1] == f"ends {program.process.pid}"
    assert run(own_context).begun == 2


@on_one
def test_a_job_that_ends_while_its_program_ends_is_done(
    programs: list[Program], own_context: AppContext, tmp_path: Path
) -> None:
    program = programs[0]
    with program.running():
        asked_to_end_in_the_midst(program, own_context, tmp_path)
        let_end(tmp_path, own_context)
        assert exit_code(program) == 0
    assert run(own_context).begun == 1


def test_no_process_restarts_a_job_before_its_program_has_ended() -> None:
    assert GRACE_SECONDS < GONE_SECONDS
