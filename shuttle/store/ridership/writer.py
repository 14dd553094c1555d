"""One thread per process that writes counts, many in one commit.

The disk's sync, not the row, is what a commit costs. So whatever has queued up while the last commit was on its way goes into
the next one together (group commit), and each sender gets an answer only when the commit that holds its count has returned.
A commit that fails fails everyone in it: nobody is told that a count is stored when it is not.
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
from shuttle.store.engine.database import saying_unavailable
from shuttle.store.engine.deadlines import deadline
from shuttle.store.ridership.boardings import Arrival, Stored, store_arrivals

log = logging.getLogger("shuttle.store")

MOST_AT_ONCE = 200
"""Counts in one commit: enough to make the sync cheap, few enough to keep the last one's wait short."""

LONGEST_QUEUE = 5000
"""Beyond this the sender is asked to come back, instead of waiting for minutes."""

GATHER_SECONDS = 0.006
"""How long the thread waits for more when several came the last time: a longer batch costs less for each in it. Of 32 senders
who wait for their answers a fifth more are served than with 2 ms; with 12 it is fewer again."""

COMMIT_SECONDS = 4.0
"""How long a batch waits for PostgreSQL: those in the next one wait as well, and a sender waits for ten seconds at most."""

Promise = Future[Stored] | asyncio.Future[Stored]
"""Where the answer is awaited: a thread's future or an event loop's."""

_Waiting = tuple[Arrival, Promise]
_Outcome = Stored | ShuttleError


class BoardingsWriter:
    """Started with the first count; `close` writes what is queued and ends the thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writing=True)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: Thread | None = None
        self.commits = 0
        self.on_commit: Callable[[float, int], None] = lambda _seconds, _counts: None
        """Told by the thread after each commit how long it took and how many counts it held."""

    @property
    def queued(self) -> int:
        return self._queue.qsize()

    def put(self, arrival: Arrival) -> Future[Stored]:
        """Queue a count; the future gives what became of it once it is on the disk, or raises Unavailable."""
        promise: Future[Stored] = Future()
        self._queue_up(arrival, promise)
        return promise

    async def write(self, arrival: Arrival) -> Stored:
        """As `put`, for an event loop: all that wait on it are woken once a commit, not once a count."""
        promise: asyncio.Future[Stored] = asyncio.get_running_loop().create_future()
        self._queue_up(arrival, promise)
        return await promise

    def _queue_up(self, arrival: Arrival, promise: Promise) -> None:
        if self._queue.qsize() >= LONGEST_QUEUE:
            raise Unavailable(
                "too-many-waiting", "too many counts are waiting to be written; send it again in a moment"
            )
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name="boardings-writer", daemon=True)
            self._thread.start()
        self._queue.put((arrival, promise))

    def close(self) -> None:
        """Write what is queued, then end."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        several = False
        while (first := self._queue.get()) is not None:
            if several:
                time.sleep(GATHER_SECONDS)
            batch, ending = [first], False
            while len(batch) < MOST_AT_ONCE:
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
            with deadline(COMMIT_SECONDS), saying_unavailable(), self._engine.begin() as connection:
                stored = store_arrivals(connection, [arrival for arrival, _ in batch])
        except Unavailable as error:
            _tell(batch, [error] * len(batch))
        except Exception:
            if len(batch) > 1:  # one that the database cannot take must not fail its neighbours
                for one in batch:
                    self._write([one])
                return
            log.exception("a count could not be written")
            _tell(batch, [Unavailable("not-written", "the count could not be written; it is not stored")])
        else:
            self.commits += 1
            self.on_commit(time.perf_counter() - began, len(batch))
            _tell(batch, stored)


def _tell(batch: Sequence[_Waiting], outcomes: Sequence[_Outcome]) -> None:
    """Give everyone their answer; an event loop is woken once for all who wait on it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Promise, _Outcome]]] = {}
    for (_, promise), outcome in zip(batch, outcomes, strict=True):
        if isinstance(promise, asyncio.Future):
            by_loop.setdefault(promise.get_loop(), []).append((promise, outcome))
        else:
            _settle([(promise, outcome)])
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop has ended: nobody is left to be told
            loop.call_soon_threadsafe(_settle, settled)


def _settle(several: list[tuple[Promise, _Outcome]]) -> None:
    for promise, outcome in several:
        if promise.done():
            continue  # whoever asked has gone; the count is stored all the same
        if isinstance(outcome, ShuttleError):
            promise.set_exception(outcome)
        else:
            promise.set_result(outcome)
