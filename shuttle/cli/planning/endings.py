"""How `shuttle plan` may end, and what it leaves: a file that is whole at every moment, and an answer also when it is stopped."""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from shuttle.domain.basics.errors import Refused

WRITE_SECONDS = 0.5
"""How often a growing answer is written, at most."""

ENDINGS = {signal.SIGINT: "cancelled", signal.SIGTERM: "interrupted"}


class AnswerFile:
    """The answer as a file beside what is printed. Raises Refused (`cannot-write`) at once where it cannot be written."""

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

    def grown(self, answer: dict[str, Any]) -> None:
        """Written when there is something in it; an older answer stays until then."""
        if monotonic() - self._written >= WRITE_SECONDS and _has_something(answer):
            self.write(answer)
            self._written = monotonic()

    def write(self, answer: dict[str, Any]) -> None:
        """Under another name first: whoever reads the file finds one answer or the next."""
        self._part.write_text(json.dumps(answer, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        self._part.replace(self._path)


def _has_something(answer: dict[str, Any]) -> bool:
    return bool(answer["conflicts"]) or any(found["proposals"] for found in answer["day_types"].values())


@contextmanager
def ended_by_signals() -> Iterator[Callable[[], str | None]]:
    """Within it SIGINT and SIGTERM do not end the program: what is given tells with which status to end. A second one does."""
    asked: list[str] = []
    before: dict[signal.Signals, Any] = {}

    def hear(number: int, _frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(ENDINGS[signal.Signals(number)])

    if threading.current_thread() is threading.main_thread():
        before = {number: signal.signal(number, hear) for number in ENDINGS}
    try:
        yield lambda: asked[0] if asked else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def until_nobody_reads() -> Iterator[None]:
    """Printing that ends quietly where the reader of standard output has gone (`| head -1`); what was found is kept elsewhere."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # what is still to be flushed at exit goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
