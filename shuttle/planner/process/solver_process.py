"""The process that solves: a request on standard input, progress and then the answer as lines of JSON on standard output.

It is niced, so that pages stay quick on the same machine, and ends by itself when whoever started it is gone.
"""

import json
import os
import pickle
import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import TextIO

from shuttle.planner.process.evaluate import evaluate
from shuttle.planner.process.request import EvaluateRequest, PlanRequest, Progress
from shuttle.planner.process.result import result_document


class _Stop:
    """Set by SIGTERM: end with what there is."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked


def main() -> None:
    stop, lines = _Stop(), _only_ours()
    signal.signal(signal.SIGTERM, lambda *_: setattr(stop, "asked", True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(19)
    parent = os.getppid()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    request: PlanRequest | EvaluateRequest = pickle.load(
        sys.stdin.buffer
    )  # from our own parent, over a pipe of its own

    def write(line: dict[str, object]) -> None:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        lines.flush()

    def tell(progress: Progress) -> None:
        write({"progress": {**asdict(progress), "gap": progress.gap}})

    document = evaluate(request) if isinstance(request, EvaluateRequest) else result_document(request, tell, stop)
    write({"answer": document})


def _only_ours() -> TextIO:
    """Standard output for our lines alone: what a solver's library prints there by itself goes to standard error."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return lines


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    main()
