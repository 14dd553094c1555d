"""Starting the solver's process, hearing its progress, ending it. Loads no solver itself."""

import json
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shuttle.domain.basics.errors import Refused, Unavailable
from shuttle.planner.process.request import Document, EvaluateRequest, PlanRequest

GRACE_SECONDS = 1.0
"""How long the child may take to end by itself when it is asked to; then it is killed."""

OVERTIME_SECONDS = 30.0
"""How long after its time limit a child is believed to be writing its answer."""

TOP = Path(__file__).resolve().parent.parent.parent


def run(
    request: PlanRequest | EvaluateRequest,
    on_progress: Callable[[Document], None] = lambda _progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Document:
    """Solve in a child process and give its answer.

    Raises Refused (`plan-cancelled`) within about two seconds of `cancelled` turning true, Unavailable (`plan-overdue`, `plan-failed`)
    when the child does not end, or ends without an answer.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TOP), os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(
        [sys.executable, "-m", "shuttle.planner.process.solver_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as child:
        try:
            return _follow(child, request, on_progress, cancelled)
        finally:
            _end(child)


def _follow(
    child: "subprocess.Popen[bytes]",
    request: PlanRequest | EvaluateRequest,
    on_progress: Callable[[Document], None],
    cancelled: Callable[[], bool],
) -> Document:
    assert child.stdin is not None
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    errors: list[bytes] = []
    threading.Thread(target=_read, args=(child.stdout, lines.put), daemon=True).start()
    reading_errors = threading.Thread(
        target=_read, args=(child.stderr, lambda line: errors.append(line or b"")), daemon=True
    )
    reading_errors.start()
    child.stdin.write(pickle.dumps(request))
    child.stdin.close()
    latest = time.monotonic() + request.time_limit + OVERTIME_SECONDS
    while True:
        if cancelled():
            raise Refused("plan-cancelled", "the plan was cancelled")
        if time.monotonic() > latest:
            raise Unavailable("plan-overdue", "the solver did not end in time and was stopped")
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            continue
        if line is None:
            reading_errors.join(timeout=1)
            said = b"".join(errors).decode(errors="replace").strip().splitlines()
            raise Unavailable(
                "plan-failed", f"the solver ended without an answer: {said[-1] if said else 'it said nothing'}"
            )
        message: dict[str, Any] = json.loads(line)
        if "answer" in message:
            answer: Document = message["answer"]
            return answer
        on_progress(message["progress"])


def _read(stream: Any, put: Callable[[bytes | None], None]) -> None:
    for line in stream:
        put(line)
    put(None)


def _end(child: "subprocess.Popen[bytes]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
