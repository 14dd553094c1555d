"""Endings of `shuttle plan`: the result file, signals, and a closed standard output.

The file is replaced atomically, so that it holds a whole document at every moment. SIGINT and SIGTERM end the run, not the program: the
result so far is still printed.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.result import PlanResult, has_findings

WRITE_SECONDS = 0.5
"""Least time between two writings of a growing result."""

ENDINGS = {signal.SIGINT: "cancelled", signal.SIGTERM: "interrupted"}


class ResultFile:
    """The result as a JSON file. Raises Refused (`cannot-write`) when it is made, not after the run, if the file cannot be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._written = 0.0
        try:
            self._part.write_bytes(b"")
            self._part.unlink()
        except OSError as error:
            raise Refused(
                "cannot-write",
                f"the answer cannot be written to {path}: {error.strerror}",
                given=str(path),
                allowed="a file in a folder that exists and may be written to",
            ) from None

    def grown(self, result: PlanResult) -> None:
        """Write a result with findings, not too often. Until there is one, the file of an earlier run stays."""
        if monotonic() - self._written >= WRITE_SECONDS and has_findings(result):
            self.write(result)
            self._written = monotonic()

    def write(self, result: Mapping[str, object]) -> None:
        """Write to a temporary file and rename it: readers see the old document or the new one."""
        self._part.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        self._part.replace(self._path)


@contextmanager
def ended_by_signals() -> Iterator[Callable[[], str | None]]:
    """Yield a function that returns the status to end with after SIGINT or SIGTERM, else None. A second signal ends the program."""
    statuses: list[str] = []
    before: dict[signal.Signals, Any] = {}

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if statuses:
            raise KeyboardInterrupt
        statuses.append(ENDINGS[signal.Signals(number)])

    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, on_signal) for number in ENDINGS}
    try:
        yield lambda: statuses[0] if statuses else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def quiet_broken_pipe() -> Iterator[None]:
    """Printing that ends without an error where the reader of standard output has closed it (`| head -1`)."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # what Python flushes at exit is discarded
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
