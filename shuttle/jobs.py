"""The clock: the same acts, at set times, once for each due time however many processes run.

Which process ticks is decided by a lease in the database (`services/operation/scheduler_lease.py`); that a job runs once for a due time, by
a row whose key is that time. A due time is a wall-clock time of the service, once for each date: on the night when the clock
goes back, the first 02:30; when it goes forward, the moment that would have been 02:30. A clock that is set back makes nothing due
a second time, and what it wrote down while it was ahead holds nothing off. Misfires: of several missed due times only the
latest runs, and none that is older than twelve hours; that one is written down as missed. What a process that went away
left undone is taken up again once, within the same twelve hours, unless a person had begun it or has run the job since. Nothing was
due before the installation began.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from time import monotonic
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound, ShuttleError
from shuttle.domain.basics.outcome import JobOutcome, outcome_of
from shuttle.language import words
from shuttle.services.app_context import AppContext
from shuttle.services.operation import nightly_jobs
from shuttle.services.operation.scheduler_lease import BEAT_SECONDS, LATEST_START, SchedulerLease
from shuttle.settings import PRINT_FONTS, Settings
from shuttle.store.operation import jobs as store
from shuttle.store.operation.audit_log import add_entry, filled_at
from shuttle.store.operation.jobs import Run
from shuttle.store.tables.operation import JobRunRow

log = logging.getLogger("shuttle.jobs")

Work = Callable[[AppContext, Settings], JobOutcome]


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
    Job(
        "backup", 2, 40, lambda context, settings: nightly_jobs.save_everything(context, settings.data_dir / "backups")
    ),
    Job("check-rollup", 3, 10, lambda context, _: nightly_jobs.check_rollup(context)),
    Job(
        "release-figures",
        3,
        20,
        lambda context, settings: nightly_jobs.release_figures(
            context, settings.suppression_threshold, settings.fortnight_anchor
        ),
    ),
    Job(
        "write-reports",
        3,
        25,
        lambda context, settings: nightly_jobs.write_reports(
            context,
            words(settings.language),
            PRINT_FONTS if PRINT_FONTS.is_dir() else None,
            settings.fortnight_anchor,
        ),
    ),
    Job(
        "forget-observers",
        3,
        30,
        lambda context, settings: nightly_jobs.forget_observers(
            context, settings.keep_observers_days, settings.keep_sign_ins_days
        ),
    ),
    Job("estimate-demand", 3, 40, lambda context, _: nightly_jobs.estimate(context)),
    Job("name-uncounted", 6, 0, lambda context, _: nightly_jobs.name_uncounted(context)),
    Job("look-ahead", 6, 10, lambda context, _: nightly_jobs.look_ahead(context)),
)
"""In the order of the night."""


def job_named(name: str) -> Job:
    """Raises NotFound (`unknown-job`)."""
    found = next((job for job in JOBS if job.name == name), None)
    if found is None:
        allowed = ", ".join(job.name for job in JOBS)
        raise NotFound("unknown-job", f"there is no job {name!r}; there are {allowed}", given=name, allowed=allowed)
    return found


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Goes on when the clock on the wall is set back: its parent would stand still for as long as that was ahead."""

    def _process_jobs(self) -> object:
        now = datetime.now(self.timezone)
        for job in self.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)
        return super()._process_jobs()


class JobScheduler:
    """One a process; it ticks everywhere, and does something only where it holds the lease.

    `every`: seconds between two ticks; `seconds`: a clock that nobody sets.
    """

    def __init__(
        self,
        context: AppContext,
        settings: Settings,
        every: float = BEAT_SECONDS,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._context, self._settings, self._every = context, settings, every
        self._keeper = SchedulerLease(context, every, seconds)
        self._stopping = Lock()
        self._scheduler = SteadyScheduler(timezone=context.zone)

    def start(self) -> None:
        self._scheduler.add_job(
            self.tick,
            "interval",
            seconds=self._every,
            max_instances=1,
            coalesce=True,
            next_run_time=datetime.now(self._context.zone),
        )
        self._scheduler.start()

    def stop(self) -> None:
        """No job begins any more, and another process may have the clock at once; waits for a job that is running.

        Who cannot wait so long ends the process within `GONE_SECONDS`: after that the job may be taken up elsewhere.
        """
        with self._stopping:
            try:
                self._keeper.give_up()
            except ShuttleError as error:  # the database is away: others see by themselves that we are gone
                log.warning("the clock could not be given up: %s", error.whole)
            if self._scheduler.running:
                self._scheduler.shutdown(wait=True)

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Each job with its next due time, in the order of the night."""
        return [(job.name, next_due(self._context, job)) for job in JOBS]

    def run_now(self, person: Person, name: str) -> str:
        """Run a job beside its set times, as an act of that person; what came of it: `done` or `failed`.

        Raises NotFound (`unknown-job`).
        """
        allow(person, Action.ADMINISTER)
        job = job_named(name)
        with self._context.transaction() as session:
            add_entry(session, self._context.now(), person.name, person.role.value, "run-job", name)
        return run_by_hand(self._keeper, self._context, self._settings, job).outcome

    def tick(self) -> list[str]:
        """Run what is due, if this process holds the clock; the names of what ran."""
        ran = []
        try:
            self._keeper.look()
            for job in JOBS:
                if self._keeper.hold() and (run := self._begun(job)) is not None:
                    carry_out(self._keeper, self._context, self._settings, job, run)
                    ran.append(job.name)
        except ShuttleError as error:  # the database is away: the next tick tries again
            log.warning("the clock could not tick: %s", error.whole)
        return ran

    def _begun(self, job: Job) -> Run | None:
        """A run that is to be carried out now: what is due, or what was interrupted."""
        now = self._context.now()
        with self._context.reading() as session:
            last = store.last_run(session, job.name, now)
            since = last.due if last else filled_at(session, now)
        due = latest_due(job, self._context.zone, since, now)
        if due is None:
            return self._keeper.begin_again(last) if last else None
        if now - due <= LATEST_START:
            return self._keeper.begin(job.name, due)
        with self._context.transaction() as session:
            store.pass_over(session, job.name, due, now, JobOutcome("clock-not-held"))
        return None


def latest_due(job: Job, zone: ZoneInfo, since: datetime | None, now: datetime) -> datetime | None:
    """The latest due time of today or yesterday that is not in the future, unless it is not after `since`."""
    today = now.astimezone(zone).date()
    due = job.due_on(today, zone)
    if due > now:
        due = job.due_on(today - timedelta(days=1), zone)
    return due if since is None or due > since else None


def carry_out(keeper: SchedulerLease, context: AppContext, settings: Settings, job: Job, run: Run) -> None:
    """Do what the job does; what comes of it is written down, a failure too."""
    with keeper.at(run):
        try:
            outcome, said = "done", job.work(context, settings)
        except Exception as error:  # a job that fails must not stop the others, nor the clock
            log.exception("the job %s failed", job.name)
            outcome, said = "failed", outcome_of(error)
    keeper.end(run, outcome, said)


def run_by_hand(keeper: SchedulerLease, context: AppContext, settings: Settings, job: Job) -> JobRunRow:
    """Run a job beside its set times; what was written down of it."""
    run = keeper.begin_by_hand(job.name)
    carry_out(keeper, context, settings, job, run)
    with context.reading() as session:
        return store.run_row(session, run)


def next_due(context: AppContext, job: Job) -> datetime:
    """When the job is due next."""
    today = context.today()
    due = job.due_on(today, context.zone)
    return due if due > context.now() else job.due_on(today + timedelta(days=1), context.zone)
