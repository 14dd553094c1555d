"""Who keeps the clock, and who is at a run of a job: what a process says in the database for as long as it lives.

The clock is kept by a lease. A run is at work as long as it beats, whoever holds the clock by now. That it has stopped is judged by
watching: beats that stand still over 90 seconds of our own, which no clock on a wall can lengthen or shorten. So a
clock that leaps ahead, or a machine that sleeps and wakes, makes nobody seem gone who goes on.

A run whose process has gone is interrupted, and one that the clock had begun may be begun again, once. Who was suspended for
minutes and comes back to a run that was begun again may end the work (each job is made so that this does no harm, see
`upkeep`), but what it has to say of it is not written down any more.
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
from shuttle.store.operation.jobs import Run, Unfinished

log = logging.getLogger("shuttle.jobs")

LEASE = timedelta(seconds=90)
BEAT_SECONDS = 20.0
"""How often the clock looks what is due, and how often a run says that somebody is at it."""
LOST_SECONDS = 90.0
"""So long without a beat, and nobody is at a run any more."""
GONE_SECONDS = 10.0
"""So long after a run was given up it may be begun again: by then a process that was asked to end has ended."""
LATEST_START = timedelta(hours=12)
"""What was due longer ago is not begun any more."""


class SchedulerLease:
    """One a process. `every`: seconds between two beats; `seconds`: a clock that nobody sets."""

    def __init__(
        self, context: AppContext, every: float = BEAT_SECONDS, seconds: Callable[[], float] = monotonic
    ) -> None:
        self._context, self._every, self._seconds = context, every, seconds
        self._holder = f"{socket.gethostname()[:40]}-{os.getpid()}-{token_hex(4)}"
        self._ending = False
        self._saying = Lock()
        """Held while anything is said that must not be said after the end."""
        self._at: set[Run] = set()
        self._seen: dict[Unfinished, float] = {}
        """Since when others' runs have looked as they do."""

    def hold(self) -> bool:
        """Take or keep the lease of the clock; False while another process holds it, and once this one ends."""
        with self._saying:
            if self._ending:
                return False
            now = self._context.now()
            with self._context.transaction() as session:
                return store.take_lease(session, "clock", self._holder, now, now + LEASE)

    def look(self) -> None:
        """See which runs go on, and write down as interrupted those that do not. Asked every few seconds."""
        now = self._context.now()
        with self._context.reading() as session:
            found = [one for one in store.unfinished(session, now - LATEST_START) if one.run not in self._at]
        self._seen = {one: self._seen.get(one, self._seconds()) for one in found}
        for one in self._seen_for(store.RUNNING, LOST_SECONDS):
            with self._context.transaction() as session:
                store.interrupt(session, one.run, now, one.beats)

    def _seen_for(self, outcome: str, seconds: float) -> list[Unfinished]:
        now = self._seconds()
        return [one for one, since in self._seen.items() if one.outcome == outcome and now - since >= seconds]

    def begin(self, job: str, due: datetime) -> Run | None:
        """Begin a run of the clock; None when another process has, and once this one ends."""
        with self._saying:
            if self._ending:
                return None
            with self._context.transaction() as session:
                run = store.begin_run(session, job, due, self._context.now())
            return self._now_at(run)

    def begin_again(self, run: Run) -> Run | None:
        """Begin an interrupted run of the clock once more; None where that may not be, or not yet."""
        with self._saying:
            if self._ending or run not in {one.run for one in self._seen_for(store.INTERRUPTED, GONE_SECONDS)}:
                return None
            with self._context.transaction() as session:
                again = store.begin_again(session, run, self._context.now())
            return self._now_at(again)

    def _now_at(self, run: Run | None) -> Run | None:
        if run is not None:
            self._at.add(run)
        return run

    def begin_by_hand(self, job: str) -> Run:
        """Begin a run beside the set times; its due time is now, or where another has that, as little later as can be."""
        now = due = self._context.now()
        with self._saying:
            with self._context.transaction() as session:
                while (run := store.begin_run(session, job, due, now, by_hand=True)) is None:
                    due += timedelta.resolution
            self._at.add(run)
        return run

    @contextmanager
    def at(self, run: Run) -> Iterator[None]:
        """Beat while the block runs, however long it takes, so that nobody thinks that we are gone."""
        ended = Event()

        def go_on() -> None:
            while not ended.wait(self._every):
                try:
                    self.beat(run)
                except ShuttleError as error:  # the database is away: the job will notice, or it comes back in time
                    log.warning("the job %s could not say that it goes on: %s", run.job, error.whole)

        thread = Thread(target=go_on, name="beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def beat(self, run: Run) -> None:
        """Say that we are at a run; and keep the clock, if it is ours."""
        with self._saying:
            if self._ending:
                return
            with self._context.transaction() as session:
                store.end_lease(session, "clock", self._holder, self._context.now() + LEASE)
                store.beat(session, run)

    def end(self, run: Run, outcome: str, said: JobOutcome) -> bool:
        """Write down what came of a run; False when it was begun again by another process since."""
        try:
            with self._context.transaction() as session:
                ours = store.end_run(session, run, self._context.now(), outcome, said)
        finally:
            self._at.discard(run)
        if not ours:
            log.warning("the job %s has ended (%s), but it was begun again since", run.job, outcome)
        return ours

    def give_up(self) -> None:
        """The process ends soon: let another have the clock, and what has not ended. It may still end in time, and say so."""
        self._ending = True
        with self._saying, self._context.transaction() as session:
            now = self._context.now()
            store.end_lease(session, "clock", self._holder, now)
            for run in tuple(self._at):
                store.interrupt(session, run, now)
