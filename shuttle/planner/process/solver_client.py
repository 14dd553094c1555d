"""Starting the solver's process, folding what it finds into the answer, ending it. Loads no solver itself.

The answer is whole at every moment (`on_answer`), so that whoever keeps it has everything that was found, whatever ends the run: its
limit, somebody who stops it, the child's end by any signal, or that of the process which this runs in.
"""

import json
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.planning.result import PlanProgress, PlanResult
from shuttle.planner.process.empty_result import outline
from shuttle.planner.process.request import TOO_LARGE, Document, EvaluateRequest, PlanRequest

GRACE_SECONDS = 1.0
"""How long the child may take to end by itself when it is asked to; then it is killed."""

OVERTIME_SECONDS = 0.5
"""How long after the limit a plan's child may go on with what does not look at the clock."""

STARVED_SECONDS = 10.0
"""How much longer than that a child may run that has nothing to show and has had less of the processor than FIRST_SECONDS: on a
machine that is busy with other things it did not get its time yet."""

FIRST_SECONDS = 3.0

LOOK_SECONDS = 0.1

TOP = Path(__file__).resolve().parents[3]

Ending = Callable[[], str | None]
"""None while a run may go on; else the status with which it ends: `cancelled` or `interrupted`."""


def run(
    request: PlanRequest,
    on_progress: Callable[[PlanProgress], None] = lambda _progress: None,
    ending: Ending = lambda: None,
    on_answer: Callable[[PlanResult], None] = lambda _answer: None,
) -> PlanResult:
    """Solve in a child process; the answer, whatever ended it. `on_answer` hears of it each time that it has grown.

    Raises Unavailable (`plan-failed`) where the child ends by a fault of ours and has found nothing.
    """
    began = time.monotonic()
    request = replace(request, began=began)
    folding = _Folding(outline(request), on_answer, began)
    with _child(request) as child:
        status = _follow(child, request, folding, on_progress, ending)
    return folding.ended(status)


def evaluate_with_solver(request: EvaluateRequest) -> Document:
    """What only a solver can say of timetables. Raises Unavailable (`plan-failed`, `plan-overdue`)."""
    latest = time.monotonic() + 30.0 + request.time_limit * max(1, len(request.trips))
    with _child(request) as child:
        while time.monotonic() < latest:
            message = child.message()
            if message is not None and "answer" in message:
                answer: Document = message["answer"]
                return answer
            if child.ended:
                raise child.failure()
    raise Unavailable("plan-overdue", "the solver did not end in time and was stopped")


@dataclass
class _Folding:
    """The answer so far."""

    answer: PlanResult
    on_answer: Callable[[PlanResult], None]
    began: float
    """On the monotonic clock."""

    status: str = "out_of_time"
    """With which it would end now, by its own limit."""

    def fold(self, part: Document) -> None:
        self.status = part.get("status", self.status)
        day_types = {**self.answer["day_types"], **part.get("day_types", {})}
        # Until its end a run counts as interrupted: so it stays where nobody comes to end it.
        whole = {**self.answer, **part, "day_types": day_types, "status": "interrupted"}
        self.answer = cast(PlanResult, whole)
        self.on_answer(self.answer)

    def ended(self, status: str) -> PlanResult:
        self.answer = {**self.answer, "status": status, "seconds": round(time.monotonic() - self.began, 3)}
        self.on_answer(self.answer)
        return self.answer

    @property
    def empty(self) -> bool:
        return not any(found["proposals"] for found in self.answer["day_types"].values())


@dataclass
class _Child:
    process: "subprocess.Popen[bytes]"
    ended: bool = False
    _lines: "queue.SimpleQueue[bytes | None]" = field(default_factory=queue.SimpleQueue)
    _errors: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        threading.Thread(target=_read, args=(self.process.stdout, self._lines.put), daemon=True).start()
        self._reading = threading.Thread(target=_read, args=(self.process.stderr, self._note), daemon=True)
        self._reading.start()

    def ask(self, request: PlanRequest | EvaluateRequest) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(pickle.dumps(request))
            self.process.stdin.close()
        except BrokenPipeError:
            pass  # it has ended already: its output says so

    def message(self) -> dict[str, Any] | None:
        """The next line, or None where there is none for a moment. `ended` is set when there will be no more."""
        try:
            line = self._lines.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            return None
        if line is None:
            self.ended = True
            self.process.wait()
            return None
        try:
            message: dict[str, Any] = json.loads(line)
        except ValueError:
            return None  # it was killed in the middle of a line
        return message

    def failure(self) -> Unavailable:
        self._reading.join(timeout=1)
        said = b"".join(self._errors).decode(errors="replace").strip().splitlines()
        what = said[-1] if said else "it said nothing"
        return Unavailable("plan-failed", f"the solver ended without an answer: {what}")

    @property
    def processor_seconds(self) -> float:
        """What it has had of the processor; infinity where that cannot be known."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except (OSError, ValueError, IndexError):
            return float("inf")

    def _note(self, line: bytes | None) -> None:
        self._errors.append(line or b"")


@contextmanager
def _child(request: PlanRequest | EvaluateRequest) -> Iterator[_Child]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])}
    # A linear algebra library would take every core for what one does as quickly.
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "shuttle.planner.process.solver_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    with process:
        try:
            child = _Child(process)
            child.ask(request)
            yield child
        finally:
            process.kill()  # all that it had to say was heard; it may have ended already


def _follow(
    child: _Child, request: PlanRequest, folding: _Folding, on_progress: Callable[[PlanProgress], None], ending: Ending
) -> str:
    """Until it ends; the status with which it does."""
    assert request.began is not None
    latest = request.began + request.time_limit + OVERTIME_SECONDS
    while True:
        stopped = ending()
        if stopped is not None:
            _take_what_comes(child, folding)
            return stopped
        if time.monotonic() > latest and not _starved(child, folding, latest):
            return folding.status
        message = child.message()
        if child.ended:
            return _ended_by_itself(child, folding)
        if message is None:
            continue
        if "answer" in message:
            folding.answer = message["answer"]
            return str(folding.answer["status"])
        if "fold" in message:
            folding.fold(message["fold"])
        else:
            on_progress(message["progress"])


def _starved(child: _Child, folding: _Folding, latest: float) -> bool:
    late = time.monotonic() > latest + STARVED_SECONDS
    return folding.empty and not late and child.processor_seconds < FIRST_SECONDS


def _take_what_comes(child: _Child, folding: _Folding) -> None:
    """Ask it to end, and fold what it still says within its grace."""
    child.process.terminate()
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and not child.ended:
        message = child.message() or {}
        if "answer" in message:
            folding.answer = message["answer"]
            return
        if "fold" in message:
            folding.fold(message["fold"])


def _ended_by_itself(child: _Child, folding: _Folding) -> str:
    """Without an answer: killed from outside, too large, or by a fault of ours."""
    code = child.process.returncode
    if code == TOO_LARGE:
        folding.answer = {**folding.answer, "ended_by": "memory"}
    elif code >= 0 and folding.empty:
        raise child.failure()
    return "interrupted"


def _read(stream: Any, put: Callable[[bytes | None], None]) -> None:
    try:
        for line in stream:
            put(line)
    except ValueError:
        pass  # it was closed here: the run has ended, and nobody reads on
    put(None)
