"""Queue worker: a thread of each web process that takes one row after another from a queue in the database.

The row says that it runs, so that one runs at a time in whichever process. Plans and roadmaps each have a queue and a worker of their own.

A database that does not answer ends nothing: heartbeats are left out, how a row ended is stored when the database is back, and a row is taken
for lost by its heartbeat only by a worker to which the database has answered all that time.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from math import inf
from threading import Event, Thread
from time import monotonic
from typing import Generic, TypeVar

from shuttle.domain.basics.errors import ShuttleError, Unavailable
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.store.planning.queues import LOST_AFTER

log = logging.getLogger("shuttle.plans")

Row = TypeVar("Row")

POLL_SECONDS = 1.0
"""How often the queue is read without a call of `wake`."""

BEAT_SECONDS = 0.5
"""How often heartbeat, progress and result are written, and a request to cancel is read."""


LONGEST_AWAY = 900.0
"""Seconds for which the end of a row waits for the database."""


def failure_of(error: ShuttleError) -> JobOutcome:
    """A failure as its planner may read it; what is inside, as the database's address, goes to the log."""
    if error.inside:
        log.warning("a plan failed: %s", error.whole)
    return JobOutcome(error.code, {"given": error.given, "allowed": error.allowed, "detail": error.detail})


class QueueWorker(ABC, Generic[Row]):
    """`name`: of the thread. `end_seconds`: how long `stop` waits for what runs. `start` and `stop` follow the web process."""

    def __init__(self, name: str, end_seconds: float) -> None:
        self.stopping = Event()
        self._end_seconds = end_seconds
        self._woken = Event()
        self._answers_since = -inf
        self._thread = Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def take(self) -> Row | None:
        """Start the row that has been queued longest; None where none may start. Raises ShuttleError where the queue cannot be read."""

    @abstractmethod
    def solve(self, row: Row) -> None:
        """Follow a started row to its end, and store how it ended."""

    @property
    def may_judge(self) -> bool:
        """Whether the database has answered for so long that a heartbeat without news tells of a lost process."""
        return monotonic() - self._answers_since > LOST_AFTER.total_seconds()

    def is_beating(self, write: Callable[[], None]) -> bool:
        """Write a heartbeat; False where the database does not answer, which the next one finds out anew."""
        try:
            write()
        except Unavailable as error:
            self._silent(error)
            return False
        return True

    def patiently(self, write: Callable[[], None]) -> None:
        """Write when the database is back. Raises Unavailable where it is away for LONGEST_AWAY, or the process ends."""
        latest = monotonic() + LONGEST_AWAY
        while True:
            try:
                return write()
            except Unavailable as error:
                self._silent(error)
                if monotonic() > latest or self.stopping.wait(POLL_SECONDS):
                    raise

    def _silent(self, error: ShuttleError) -> None:
        self._answers_since = monotonic()
        log.warning("the database does not answer the %s: %s", self._thread.name, error.whole)

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
                self._silent(error)
