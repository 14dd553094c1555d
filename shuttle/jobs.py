"""The clock: the same acts, at set times, once for each due time however many processes run.

Which process ticks is decided by a lease in the database, renewed also while a job takes long; that a job runs once for a due
time, by a row whose key is that time. A due time is a wall-clock time of the service, once for each date: on the night when
the clock goes back, the first 02:30; when it goes forward, the moment that would have been 02:30. A clock that is set back
makes nothing due a second time, and what it wrote down while it was ahead holds nothing off. Misfires: of several missed due
times only the latest runs, and none that is older than twelve hours; that one is written down as missed.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from secrets import token_hex
from threading import Event, Thread
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from shuttle.domain.access import Action, Person, allow
from shuttle.domain.errors import NotFound, ShuttleError
from shuttle.domain.remarks import Remark, remark_of
from shuttle.language import words
from shuttle.services import upkeep
from shuttle.services.house import House
from shuttle.settings import PRINT_FONTS, REPORTS, Settings
from shuttle.store import jobs as store
from shuttle.store.acts import record_act

log = logging.getLogger("shuttle.jobs")

LEASE = timedelta(seconds=90)
TICK_SECONDS = 20.0
"""How often the clock looks what is due, and how often the lease is renewed while something runs."""
LATEST_START = timedelta(hours=12)
Work = Callable[[House, Settings], Remark]


@dataclass(frozen=True)
class Job:
    """A name, the wall-clock time of its due times, and what it does."""

    name: str
    hour: int
    minute: int
    work: Work

    def due_on(self, day: date, zone: ZoneInfo) -> datetime:
        """The due time of a date, in UTC."""
        return datetime.combine(day, time(self.hour, self.minute), zone).astimezone(UTC)


JOBS = (
    Job("backup", 2, 40, lambda house, settings: upkeep.save_everything(house, settings.data_dir / "backups")),
    Job("check-rollup", 3, 10, lambda house, _: upkeep.check_rollup(house)),
    Job(
        "release-figures",
        3,
        20,
        lambda house, settings: upkeep.release_figures(
            house, settings.suppression_threshold, settings.fortnight_anchor
        ),
    ),
    Job(
        "write-reports",
        3,
        25,
        lambda house, settings: upkeep.write_reports(
            house,
            settings.data_dir / REPORTS,
            words(settings.language),
            PRINT_FONTS if PRINT_FONTS.is_dir() else None,
            settings.fortnight_anchor,
        ),
    ),
    Job(
        "forget-observers",
        3,
        30,
        lambda house, settings: upkeep.forget_observers(
            house, settings.keep_observers_days, settings.keep_sign_ins_days
        ),
    ),
    Job("estimate-demand", 3, 40, lambda house, _: upkeep.estimate(house)),
    Job("name-uncounted", 6, 0, lambda house, _: upkeep.name_uncounted(house)),
    Job("look-ahead", 6, 10, lambda house, _: upkeep.look_ahead(house)),
)
"""In the order of the night."""


def job_named(name: str) -> Job:
    """Raises NotFound (`unknown-job`)."""
    found = next((job for job in JOBS if job.name == name), None)
    if found is None:
        allowed = ", ".join(job.name for job in JOBS)
        raise NotFound("unknown-job", f"there is no job {name!r}; there are {allowed}", given=name, allowed=allowed)
    return found


class Clock:
    """One a process; it ticks everywhere, and does something only where it holds the lease."""

    def __init__(self, house: House, settings: Settings, every: float = TICK_SECONDS) -> None:
        self._house, self._settings, self._every = house, settings, every
        self._holder = f"{socket.gethostname()[:40]}-{os.getpid()}-{token_hex(4)}"
        self._held = False
        self._scheduler = BackgroundScheduler(timezone=house.zone)

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=self._every,
            max_instances=1,
            coalesce=True,
            next_run_time=datetime.now(self._house.zone),
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Waits for a job that is running."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Each job with its next due time, in the order of the night."""
        return [(job.name, next_due(self._house, job)) for job in JOBS]

    def run_now(self, person: Person, name: str) -> str:
        """Run a job beside its set times, as an act of that person; what came of it: `done` or `failed`.

        Raises NotFound (`unknown-job`).
        """
        allow(person, Action.ADMINISTER)
        job, now = job_named(name), self._house.now()
        with self._house.transaction() as session:
            record_act(session, now, person.name, person.role.value, "run-job", name)
        run(self._house, self._settings, job, now)
        with self._house.reading() as session:
            return store.latest_runs(session)[name].outcome

    def tick(self) -> list[str]:
        """Run what is due, if this process holds the clock; the names of what ran."""
        try:
            return [job.name for job in JOBS if self._hold() and self._run_if_due(job)]
        except ShuttleError as error:  # the database is away: the next tick tries again
            log.warning("the clock could not tick: %s", error.detail)
            return []

    def _hold(self) -> bool:
        now = self._house.now()
        with self._house.transaction() as session:
            holds = store.take_lease(session, "clock", self._holder, now, now + LEASE)
            if holds and not self._held:
                store.mark_lost(session, now)
        self._held = holds
        return holds

    def _run_if_due(self, job: Job) -> bool:
        now = self._house.now()
        with self._house.reading() as session:
            last = store.last_due(session, job.name, now)
        due = latest_due(job, self._house.zone, last, now)
        if due is None:
            return False
        if now - due > LATEST_START:
            with self._house.transaction() as session:
                store.begin_run(session, job.name, due, now, "missed", Remark("clock-not-held"))
            return False
        with self._holding_on():
            return run(self._house, self._settings, job, due)

    @contextmanager
    def _holding_on(self) -> Iterator[None]:
        """Renew the lease while the block runs, however long it takes, so that nobody thinks that we are gone."""
        ended = Event()

        def renew() -> None:
            while not ended.wait(self._every):
                try:
                    self._hold()
                except ShuttleError as error:  # the database is away: the job will notice, or it comes back in time
                    log.warning("the clock could not be held: %s", error.detail)

        beat = Thread(target=renew, name="lease", daemon=True)
        beat.start()
        try:
            yield
        finally:
            ended.set()
            beat.join()


def latest_due(job: Job, zone: ZoneInfo, last: datetime | None, now: datetime) -> datetime | None:
    """The latest due time of today or yesterday that is not in the future, unless it is not after `last`."""
    today = now.astimezone(zone).date()
    due = job.due_on(today, zone)
    if due > now:
        due = job.due_on(today - timedelta(days=1), zone)
    return due if last is None or due > last else None


def run(house: House, settings: Settings, job: Job, due: datetime) -> bool:
    """Run a job for a due time unless it was run; what comes of it is written down, a failure too."""
    with house.transaction() as session:
        if not store.begin_run(session, job.name, due, house.now()):
            return False
    try:
        outcome, said = "done", job.work(house, settings)
    except Exception as error:  # a job that fails must not stop the others, nor the clock
        log.exception("the job %s failed", job.name)
        outcome, said = "failed", remark_of(error)
    with house.transaction() as session:
        store.end_run(session, job.name, due, house.now(), outcome, said)
    return True


def next_due(house: House, job: Job) -> datetime:
    """When the job is due next."""
    today = house.today()
    due = job.due_on(today, house.zone)
    return due if due > house.now() else job.due_on(today + timedelta(days=1), house.zone)
