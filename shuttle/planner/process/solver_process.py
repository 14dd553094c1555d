"""The process that solves: a request on standard input, then lines of JSON on standard output.

`{"progress": ...}` says how far it is, `{"fold": ...}` gives parts of the answer that have changed, `{"answer": ...}` ends it. It is
niced as soon as every alternative has a first timetable (a second of the processor), so that pages stay quick on the same machine and
a first answer does too. It ends by itself when its parent is gone, and when it takes more memory than it may.
"""

import json
import os
import pickle
import resource
import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import TextIO

from shuttle.planner.process.request import TOO_LARGE, Document, EvaluateRequest, PlanRequest, Progress

NICENESS = 19
"""On a busy machine it leaves a process a fiftieth of a core."""

LOOK_SECONDS = 0.2
"""How often it is looked whether the parent is there still, and at the memory."""

UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in a unit of `ru_maxrss`."""


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
    parent = os.getppid()
    request: PlanRequest | EvaluateRequest = pickle.load(
        sys.stdin.buffer
    )  # from our own parent, over a pipe of its own
    threading.Thread(target=_watch, args=(parent, request.memory_mb), daemon=True).start()

    def write(line: Document) -> None:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        lines.flush()

    def tell(progress: Progress) -> None:
        write({"progress": {**asdict(progress), "gap": progress.gap}})

    def fold(part: Document) -> None:
        write({"fold": part})

    if isinstance(request, EvaluateRequest):
        from shuttle.planner.process.evaluate import evaluate

        write({"answer": evaluate(request)})
        return
    from shuttle.planner.process.run import answer

    write({"answer": answer(request, tell, stop, fold, _nicer)})


def _nicer() -> None:
    """Every alternative has its first timetable: what follows may take its time."""
    os.nice(NICENESS)


def _only_ours() -> TextIO:
    """Standard output for our lines alone: what a solver's library prints there by itself goes to standard error."""
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return lines


def _watch(parent: int, memory_mb: int) -> None:
    while os.getppid() == parent:
        if memory_mb and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT > memory_mb * 1024 * 1024:
            os._exit(TOO_LARGE)
        time.sleep(LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # a tree that is not waited for any more may still run in a thread
