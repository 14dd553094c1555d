"""One thread per process that writes counts, many in one commit.

The disk's sync, not the row, is what a commit costs. So whatever has queued up while the last commit was on its way goes into
the next one together (group commit), and each sender gets an answer only when the commit that holds its count has returned.
A commit that fails fails everyone in it: nobody is told that a count is stored when it is not.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Thread

from sqlalchemy import Engine

from shuttle.domain.errors import ShuttleError, Unavailable
from shuttle.store.boardings import Arrival, Stored, store_arrivals
from shuttle.store.database import saying_unavailable

log = logging.getLogger("shuttle.store")

MOST_AT_ONCE = 200
"""Counts in one commit: enough to make the sync cheap, few enough to keep the last one's wait short."""

LONGEST_QUEUE = 5000
"""Beyond this the sender is asked to come back, instead of waiting for minutes."""

_Waiting = tuple[Arrival, "Future[Stored]"]


class BoardingsWriter:
    """Started with the first count; `close` writes what is queued and ends the thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(writing=True)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread: Thread | None = None
        self.commits = 0

    @property
    def queued(self) -> int:
        return self._queue.qsize()

    def put(self, arrival: Arrival) -> "Future[Stored]":
        """Queue a count; the future gives what became of it once it is on the disk, or raises Unavailable."""
        if self._queue.qsize() >= LONGEST_QUEUE:
            raise Unavailable(
                "too-many-waiting", "too many counts are waiting to be written; send it again in a moment"
            )
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._run, name="boardings-writer", daemon=True)
            self._thread.start()
        future: Future[Stored] = Future()
        self._queue.put((arrival, future))
        return future

    def close(self) -> None:
        """Write what is queued, then end."""
        if self._thread is not None and self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
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
            self._write(batch)
            if ending:
                return

    def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            with saying_unavailable(), self._engine.begin() as connection:
                stored = store_arrivals(connection, [arrival for arrival, _ in batch])
        except ShuttleError as error:
            self._fail(batch, error)
        except Exception:
            if len(batch) > 1:  # one that the database cannot take must not fail its neighbours
                for one in batch:
                    self._write([one])
                return
            log.exception("a count could not be written")
            self._fail(batch, Unavailable("not-written", "the count could not be written; it is not stored"))
        else:
            self.commits += 1
            for (_, future), answer in zip(batch, stored, strict=True):
                if future.set_running_or_notify_cancel():
                    future.set_result(answer)

    @staticmethod
    def _fail(batch: Sequence[_Waiting], error: ShuttleError) -> None:
        for _, future in batch:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
