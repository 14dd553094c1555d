"""Queue worker: a thread of each web process that takes one row after another from a queue in the database.

The row says that it runs, so that one runs at a time in whichever process. Plans and roadmaps each have a queue and a worker of their own.
"""

import logging
from abc import ABC, abstractmethod
from threading import Event, Thread
from typing import Generic, TypeVar

from shuttle.domain.basics.errors import ShuttleError

log = logging.getLogger("shuttle.plans")

Row = TypeVar("Row")

POLL_SECONDS = 1.0
"""How often the queue is read without a call of `wake`."""

BEAT_SECONDS = 0.5
"""How often heartbeat, progress and result are written, and a request to cancel is read."""


class QueueWorker(ABC, Generic[Row]):
    """`name`: of the thread. `end_seconds`: how long `stop` waits for what runs. `start` and `stop` follow the web process."""

    def __init__(self, name: str, end_seconds: float) -> None:
        self.stopping = Event()
        self._end_seconds = end_seconds
        self._woken = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def take(self) -> Row | None:
        """Start the row that has been queued longest; None where none may start. Raises ShuttleError where the queue cannot be read."""

    @abstractmethod
    def solve(self, row: Row) -> None:
        """Follow a started row to its end, and store how it ended."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what runs is interrupted and keeps its result so far."""
        self.stopping.set()
        self._woken.set()
        if self._thread.is_alive():  # `stop` may come before `start`
            self._thread.join(timeout=self._end_seconds)

    def wake(self) -> None:
        """Read the queue now."""
        self._woken.set()

    def _run(self) -> None:
        while not self.stopping.is_set():
            self._woken.wait(POLL_SECONDS)
            self._woken.clear()
            try:
                while not self.stopping.is_set() and (row := self.take()) is not None:
                    self.solve(row)
            except ShuttleError as error:
                log.warning("queue of the %s not readable: %s", self._thread.name, error.whole)
