"""Every ending of `shuttle plan` leaves its result: limit, signals, killed processes, and a closed standard output."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.builders import SCHEDULES

EVENING = SCHEDULES / "scenarios" / "nesttun-evening.toml"
TOP = Path(__file__).resolve().parent.parent.parent
PATIENCE = 120.0
"""Seconds after which a test gives up; nothing is asserted of how long a thing takes."""

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("installation")]


class Planning:
    """The command as a process of its own, which may be killed. Its result is written to a file."""

    def __init__(self, folder: Path, seconds: int = 600) -> None:
        self.file = folder / "answer.json"
        command = [sys.executable, "-m", "shuttle", "plan", str(EVENING), "--time-limit", str(seconds), "--json"]
        self.process = subprocess.Popen(
            [*command, "--output", str(self.file)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(TOP), "SHUTTLE_LANGUAGE": "en"},
        )

    def answer(self) -> dict[str, Any]:
        """The file's content at this moment: always a whole document."""
        document: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))
        return document

    def has_all(self) -> bool:
        return self.file.exists() and all(day["proposals"] for day in self.answer()["day_types"].values())

    @property
    def child(self) -> int:
        here = Path(f"/proc/{self.process.pid}/task")
        children = [int(pid) for task in here.iterdir() for pid in (task / "children").read_text().split()]
        (child,) = children
        return child


def until(holds: Callable[[], bool]) -> None:
    latest = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < latest, "gave up waiting"
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def planning(tmp_path: Path) -> Iterator[Planning]:
    one = Planning(tmp_path)
    with one.process:
        try:
            until(one.has_all)
            yield one
        finally:
            one.process.kill()


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, "interrupted"), (signal.SIGINT, "cancelled")], ids=["SIGTERM", "Ctrl-C"]
)
def test_a_signal_ends_a_plan_with_its_result(planning: Planning, number: signal.Signals, status: str) -> None:
    child = planning.child
    planning.process.send_signal(number)
    printed, errors = planning.process.communicate(timeout=PATIENCE)
    assert (planning.process.returncode, b"Traceback" in errors) == (3, False)
    answer = json.loads(printed)
    assert (answer["status"], answer) == (status, planning.answer())
    assert planning.has_all()
    until(lambda: not is_running(child))


def test_a_killed_solver_leaves_the_result_that_it_had_sent(planning: Planning) -> None:
    os.kill(planning.child, signal.SIGKILL)
    printed, errors = planning.process.communicate(timeout=PATIENCE)
    assert (planning.process.returncode, b"Traceback" in errors) == (3, False)
    assert json.loads(printed)["status"] == planning.answer()["status"] == "interrupted"
    assert planning.has_all()


def test_a_killed_command_leaves_a_whole_file_and_no_solver(planning: Planning) -> None:
    child = planning.child
    planning.process.kill()
    planning.process.wait(timeout=PATIENCE)
    assert planning.answer()["status"] == "interrupted"
    assert planning.has_all()
    until(lambda: not is_running(child))


@pytest.mark.parametrize("closed", [("stdout",), ("stdout", "stderr")], ids=["| head -1", "2>&1 | head -1"])
def test_a_closed_standard_output_loses_no_result(tmp_path: Path, closed: tuple[str, ...]) -> None:
    one = Planning(tmp_path, seconds=12)
    with one.process:
        assert one.process.stdout and one.process.stderr
        if "stderr" in closed:
            one.process.stderr.readline()
            one.process.stderr.close()
        one.process.stdout.close()
        errors = b"" if "stderr" in closed else one.process.stderr.read()
        assert (one.process.wait(timeout=PATIENCE), b"Traceback" in errors) == (3, False)
    assert one.answer()["status"] == "out_of_time"
    assert one.has_all()


def test_a_file_that_cannot_be_written_is_refused_before_solving(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shuttle", "plan", str(EVENING), "--output", str(tmp_path / "no" / "answer.json")]
    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode != 0
    assert len(done.stderr.strip().splitlines()) == 1 and "cannot be written" in done.stderr
