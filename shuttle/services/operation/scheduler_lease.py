"""Leader election for the scheduler (a lease), and failure detection for job runs (heartbeats), through the database.

A run is lost when its heartbeats stand still for 90 seconds of the observer's monotonic clock: wall clocks that jump
and machines that sleep make no live run seem lost. A lost scheduled run is started again, once. The outcome of its
former process, should that return, is discarded.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Event, Lock, Thread
from time import monotonic

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.services.app_context import AppContext
from shuttle.store.operation import jobs as store
from shuttle.store.operation.jobs import Run, UnfinishedRun

log = logging.getLogger("shuttle.jobs")

LEASE = timedelta(seconds=90)
BEAT_SECONDS = 20.0
"""Interval of the scheduler's checks and of a run's heartbeats."""
LOST_SECONDS = 90.0
"""Without a heartbeat for so long, a run is lost."""
GONE_SECONDS = 10.0
"""Delay between interruption and restart of a run: by then a process that received SIGTERM has ended."""
LATEST_START = timedelta(hours=12)
"""A run that was due longer ago is not started."""


class SchedulerLease:
    """One per process. `every`: seconds between heartbeats; `seconds`: a monotonic clock."""

    def __init__(
        self, context: AppContext, every: float = BEAT_SECONDS, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._context, self._every, self._seconds = context, every, seconds
        self._holder = f"{socket.gethostname()[:40]}-{os.getpid()}-{token_hex(4)}"
        self._ending = False
        self._writing = Lock()
        """Held during writes that must not happen after `give_up`."""
        self._running: set[Run] = set()
        self._unchanged_since: dict[UnfinishedRun, float] = {}
        """Other processes' runs -> monotonic time since which they are unchanged."""

    def hold(self) -> bool:
        """Take or renew the scheduler's lease; False while another process holds it, and after `give_up`."""
        with self._writing:
            if self._ending:
                return False
            now = self._context.now()
            with self._context.transaction() as session:
                return store.take_lease(session, "clock", self._holder, now, now + LEASE)

    def look(self) -> None:
        """Observe other processes' runs and mark lost ones as interrupted. Called every few seconds."""
        now = self._context.now()
        with self._context.reading() as session:
            runs = [each for each in store.unfinished(session, now - LATEST_START) if each.run not in self._running]
        self._unchanged_since = {each: self._unchanged_since.get(each, self._seconds()) for each in runs}
        for each in self._unchanged_for(store.RUNNING, LOST_SECONDS):
            with self._context.transaction() as session:
                store.interrupt(session, each.run, now, each.beats)

    def _unchanged_for(self, outcome: str, seconds: float) -> list[UnfinishedRun]:
        now = self._seconds()
        return [
            each for each, since in self._unchanged_since.items() if each.outcome == outcome and now - since >= seconds
        ]

    def begin(self, job: str, due: datetime) -> Run | None:
        """Start a scheduled run; None when the due time has a run, and after `give_up`."""
        with self._writing:
            if self._ending:
                return None
            with self._context.transaction() as session:
                run = store.begin_run(session, job, due, self._context.now())
            return self._track(run)

    def begin_again(self, run: Run) -> Run | None:
        """Start an interrupted scheduled run again; None where that is not allowed, or too early."""
        with self._writing:
            if self._ending or run not in {each.run for each in self._unchanged_for(store.INTERRUPTED, GONE_SECONDS)}:
                return None
            with self._context.transaction() as session:
                again = store.begin_again(session, run, self._context.now())
            return self._track(again)

    def _track(self, run: Run | None) -> Run | None:
        if run is not None:
            self._running.add(run)
        return run

    def begin_by_hand(self, job: str) -> Run:
        """Start a run outside the schedule. Its due time is now, or the next free microsecond."""
        now = due = self._context.now()
        with self._writing:
            with self._context.transaction() as session:
                while (run := store.begin_run(session, job, due, now, by_hand=True)) is None:
                    due += timedelta.resolution
            self._running.add(run)
        return run

    @contextmanager
    def at(self, run: Run) -> Iterator[None]:
        """Send heartbeats while the block runs, however long it takes."""
        ended = Event()

        def send_heartbeats() -> None:
            while not ended.wait(self._every):
                try:
                    self.beat(run)
                except ShuttleError as error:  # the database is away: the job fails as well, or it returns in time
                    log.warning("no heartbeat of job %s: %s", run.job, error.whole)

        thread = Thread(target=send_heartbeats, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def beat(self, run: Run) -> None:
        """Send a heartbeat for a run, and renew the lease if this process holds it."""
        with self._writing:
            if self._ending:
                return
            with self._context.transaction() as session:
                store.end_lease(session, "clock", self._holder, self._context.now() + LEASE)
                store.beat(session, run)

    def end(self, run: Run, outcome: str, detail: JobOutcome) -> bool:
        """Store the outcome of a run; False when another process has started it again."""
        try:
            with self._context.transaction() as session:
                stored = store.end_run(session, run, self._context.now(), outcome, detail)
        finally:
            self._running.discard(run)
        if not stored:
            log.warning("outcome of job %s (%s) discarded: it was started again by another process", run.job, outcome)
        return stored

    def give_up(self) -> None:
        """On shutdown: release the lease and interrupt own runs. A run may still end in time and store its outcome."""
        self._ending = True
        with self._writing, self._context.transaction() as session:
            now = self._context.now()
            store.end_lease(session, "clock", self._holder, now)
            for run in tuple(self._running):
                store.interrupt(session, run, now)
