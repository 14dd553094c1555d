"""Writer thread for counts with group commit: one thread per process, many counts in one commit.

The cost of a commit is the disk's sync, not the row. All counts that queue up during a commit go into the next one
together. A sender gets its answer after the commit of its count has returned. A failed commit fails for all its counts.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread

from sqlalchemy import Engine

from shuttle.domain.basics.errors import ShuttleError, Unavailable
from shuttle.store.engine.database import translating_errors
from shuttle.store.engine.deadlines import deadline
from shuttle.store.ridership.boardings import Arrival, Stored, store_arrivals

log = logging.getLogger("shuttle.store")

MAX_BATCH = 200
"""Counts in one commit: enough to share the cost of the sync, few enough to keep the wait of the last one short."""

MAX_QUEUED = 5000
"""Longest queue; further senders get Unavailable at once instead of waiting for minutes."""

GATHER_SECONDS = 0.006
"""Pause before a commit when the last batch had several counts, to gather a larger batch. Measured with 32 senders:
throughput is a fifth higher than with 2 ms, and lower again with 12 ms.
"""

COMMIT_SECONDS = 4.0
"""Deadline of a commit in PostgreSQL: the next batch waits as well, and a sender waits 10 s at most."""

Promise = Future[Stored] | asyncio.Future[Stored]
"""The sender's future: of a thread or of an event loop."""

_Waiting = tuple[Arrival, Promise]
_Outcome = Stored | ShuttleError


class BoardingsWriter:
    """The thread starts with the first count; `close` writes the queued counts and ends it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writing=True)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: Thread | None = None
        self.commits = 0
        self.on_commit: Callable[[float, int], None] = lambda _seconds, _counts: None
        """Called by the thread after each commit with its seconds and its number of counts."""

    @property
    def queued(self) -> int:
        """Number of queued counts."""
        return self._queue.qsize()

    def put(self, arrival: Arrival) -> Future[Stored]:
        """Queue a count; the future yields its result after the commit, or raises Unavailable."""
        promise: Future[Stored] = Future()
        self._queue_up(arrival, promise)
        return promise

    async def write(self, arrival: Arrival) -> Stored:
        """As `put`, for an event loop: it is woken once per commit, not once per count."""
        promise: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._queue_up(arrival, promise)
        return await promise

    def _queue_up(self, arrival: Arrival, promise: Promise) -> None:
        if self._queue.qsize() >= MAX_QUEUED:
            raise Unavailable(
                "too-many-waiting", "too many counts are waiting to be written; send it again in a moment"
            )
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name="boardings-writer", daemon=True)
            self._thread.start()
        self._queue.put((arrival, promise))

    def close(self) -> None:
        """Write the queued counts, then end the thread."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        several = False
        while (first := self._queue.get()) is not None:
            if several:
                time.sleep(GATHER_SECONDS)
            batch, ending = [first], False
            while len(batch) < MAX_BATCH:
                try:
                    following = self._queue.get_nowait()
                except Empty:
                    break
                if following is None:
                    ending = True
                    break
                batch.append(following)
            several = len(batch) > 1
            self._write(batch)
            if ending:
                return

    def _write(self, batch: Sequence[_Waiting]) -> None:
        began = time.perf_counter()
        try:
            with deadline(COMMIT_SECONDS), translating_errors(), self._engine.begin() as connection:
                stored = store_arrivals(connection, [arrival for arrival, _ in batch])
        except Unavailable as error:
            _deliver(batch, [error] * len(batch))
        except Exception:
            if len(batch) > 1:  # a count that the database refuses must not fail the others
                for waiting in batch:
                    self._write([waiting])
                return
            log.exception("count not written")
            _deliver(batch, [Unavailable("not-written", "the count could not be written; it is not stored")])
        else:
            self.commits += 1
            self.on_commit(time.perf_counter() - began, len(batch))
            _deliver(batch, stored)


def _deliver(batch: Sequence[_Waiting], outcomes: Sequence[_Outcome]) -> None:
    """Set the result of each future; an event loop is woken once for all its futures."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Promise, _Outcome]]] = {}
    for (_, promise), outcome in zip(batch, outcomes, strict=True):
        if isinstance(promise, asyncio.Future):
            by_loop.setdefault(promise.get_loop(), []).append((promise, outcome))
        else:
            _settle([(promise, outcome)])
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop has ended: no receiver is left
            loop.call_soon_threadsafe(_settle, settled)


def _settle(several: list[tuple[Promise, _Outcome]]) -> None:
    for promise, outcome in several:
        if promise.done():
            continue  # cancelled by its sender; the count is stored nevertheless
        if isinstance(outcome, ShuttleError):
            promise.set_exception(outcome)
        else:
            promise.set_result(outcome)
