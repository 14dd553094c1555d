"""Scheduler: runs jobs at set times, once per due time however many processes run.

Leader election: a lease in the database (`services/operation/scheduler_lease.py`) decides which process runs jobs; a row whose key is
the due time makes a job run once for it. A due time is a local time of the service, once per date: on the night when summer time ends
the first 02:30, when it begins the moment that would have been 02:30. A system clock set back makes nothing due a second time.

Misfires: of several missed due times the latest runs if it is at most twelve hours old, else it is recorded as missed. An interrupted
run is repeated once within the same twelve hours, unless a person started it or has run the job since. Nothing is due before the
installation was made. After a leap of the clock by more than a day the jobs that cannot be undone fail until a person has confirmed
the time (`services/operation/wall_clock.py`).
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
from shuttle.services.operation.notifications.mail import MailServer
from shuttle.services.operation.notifications.queue import Outlets, send_test, work
from shuttle.services.operation.notifications.webhook import Webhook
from shuttle.services.operation.scheduler_lease import BEAT_SECONDS, LATEST_START, SchedulerLease
from shuttle.services.operation.wall_clock import WallClockWatch
from shuttle.settings import PRINT_FONTS, Settings
from shuttle.store.operation import jobs as store
from shuttle.store.operation.audit_log import add_entry, filled_at
from shuttle.store.operation.jobs import Run
from shuttle.store.tables.operation import JobRunRow

log = logging.getLogger("shuttle.jobs")

Work = Callable[[AppContext, Settings], JobOutcome]


@dataclass(frozen=True)
class Job:
    """A daily job: its name, its local time, and its function."""

    name: str
    hour: int
    minute: int
    work: Work

    def due_on(self, day: date, zone: ZoneInfo) -> datetime:
        """The due time on a date, in UTC."""
        return datetime.combine(day, time(self.hour, self.minute), zone).astimezone(UTC)

    def falls_on(self, day: date) -> bool:
        """Whether the job is due on a date."""
        return True


@dataclass(frozen=True)
class WeeklyJob(Job):
    """A job of one day of the week; Monday is 0."""

    weekday: int

    def falls_on(self, day: date) -> bool:
        return day.weekday() == self.weekday


JOBS = (
    Job("backup", 2, 40, lambda context, settings: nightly_jobs.back_up(context, settings.data_dir / "backups")),
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
            context, settings.keep_observers_days, settings.keep_sign_ins_days, settings.keep_duties_days
        ),
    ),
    Job("estimate-demand", 3, 40, lambda context, _: nightly_jobs.estimate(context)),
    WeeklyJob(
        "drill-restore",
        4,
        0,
        lambda context, settings: nightly_jobs.drill_restore(context, settings.data_dir / "backups"),
        weekday=6,
    ),
    Job("name-uncounted", 6, 0, lambda context, _: nightly_jobs.report_uncounted(context)),
    Job("look-ahead", 6, 10, lambda context, _: nightly_jobs.look_ahead(context)),
)
"""In the order of the night."""


def job_named(name: str) -> Job:
    """The job of a name. Raises NotFound (`unknown-job`)."""
    named = next((job for job in JOBS if job.name == name), None)
    if named is None:
        allowed = ", ".join(job.name for job in JOBS)
        raise NotFound("unknown-job", f"there is no job {name!r}; there are {allowed}", given=name, allowed=allowed)
    return named


NOTIFY_SECONDS = 10.0
"""Interval at which what there is to tell is looked up and sent."""


def outlets_of(settings: Settings) -> Outlets:
    """Mail server and webhook as the operator set them."""
    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        sender=settings.mail_from,
    )
    return Outlets(
        mail=server if settings.smtp_host else None,
        webhook=Webhook(settings.webhook_url, settings.webhook_secret.get_secret_value())
        if settings.webhook_url
        else None,
        base_url=settings.public_address,
        fonts=PRINT_FONTS if PRINT_FONTS.is_dir() else None,
    )


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Keeps its interval when the system clock is set back; APScheduler's own would pause for as long as the clock was ahead."""

    def _process_jobs(self) -> object:
        now = datetime.now(self.timezone)
        for job in self.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)
        return super()._process_jobs()


class JobScheduler:
    """One per process; it ticks in every process and runs jobs only in the one that holds the lease.

    `every`: seconds between two ticks; `seconds`: a monotonic clock.
    """

    def __init__(
        self,
        context: AppContext,
        settings: Settings,
        every: float = BEAT_SECONDS,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._context, self._settings, self._every = context, settings, every
        self._lease = SchedulerLease(context, every, seconds)
        self._wall_clock = WallClockWatch(context, seconds)
        self._outlets = outlets_of(settings)
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
        if self._outlets.any:
            self._scheduler.add_job(
                self.notify, "interval", seconds=NOTIFY_SECONDS, max_instances=1, coalesce=True, misfire_grace_time=None
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Give up the lease, so that another process can take it at once, start no job any more, and wait for a running one.

        A caller that cannot wait must end the process within `GONE_SECONDS`: after that another process may repeat the job.
        """
        with self._stopping:
            try:
                self._lease.give_up()
            except ShuttleError as error:  # the database is unavailable: the lease will expire
                log.warning("the scheduler's lease could not be given up: %s", error.whole)
            if self._scheduler.running:
                self._scheduler.shutdown(wait=True)

    def upcoming(self) -> list[tuple[str, datetime]]:
        """Name and next due time of each job, in the order of the night."""
        return [(job.name, next_due(self._context, job)) for job in JOBS]

    def run_now(self, person: Person, name: str) -> str:
        """Run a job outside its schedule, in a person's name; its outcome: `done` or `failed`.

        Raises NotFound (`unknown-job`), NotAllowed.
        """
        allow(person, Action.ADMINISTER)
        job = job_named(name)
        with self._context.transaction() as session:
            add_entry(session, self._context.now(), person.name, person.role.value, "run-job", name)
        return run_by_hand(self._lease, self._context, self._settings, job).outcome

    def tick(self) -> list[str]:
        """Run the due jobs if this process holds the lease; their names."""
        ran = []
        try:
            self._wall_clock.look()
            self._lease.look()
            for job in JOBS:
                if self._lease.hold() and (run := self._begun(job)) is not None:
                    carry_out(self._lease, self._context, self._settings, job, run)
                    ran.append(job.name)
        except ShuttleError as error:  # the database is unavailable: the next tick tries again
            log.warning("due jobs could not be looked up: %s", error.whole)
        return ran

    def send_test_mail(self, person: Person) -> None:
        """As `services.operation.notifications.queue.send_test`."""
        send_test(self._context, person, self._outlets)

    def notify(self) -> None:
        """Tell what there is to tell, if this process holds the lease. A claim in the database decides who sends, not the lease."""
        try:
            if self._lease.hold():
                work(self._context, self._outlets)
        except (
            Exception
        ):  # neither a fault of one text nor a database that is away may end the schedule: the next look tries again
            log.exception("notifications could not be sent")

    def _begun(self, job: Job) -> Run | None:
        """The run to carry out now, recorded as begun: a due one or an interrupted one; None for neither."""
        now = self._context.now()
        with self._context.reading() as session:
            last = store.last_run(session, job.name, now)
            since = last.due if last else filled_at(session, now)
        due = latest_due(job, self._context.zone, since, now)
        if due is None:
            return self._lease.begin_again(last) if last else None
        if now - due <= LATEST_START:
            return self._lease.begin(job.name, due)
        with self._context.transaction() as session:
            store.add_missed_run(session, job.name, due, now, JobOutcome("clock-not-held"))
        return None


def latest_due(job: Job, zone: ZoneInfo, since: datetime | None, now: datetime) -> datetime | None:
    """The latest due time of the last eight days that is not in the future; None where it is not after `since`."""
    today = now.astimezone(zone).date()
    days = (today - timedelta(days=back) for back in range(8))
    due = next(due for day in days if job.falls_on(day) and (due := job.due_on(day, zone)) <= now)
    return due if since is None or due > since else None


def carry_out(lease: SchedulerLease, context: AppContext, settings: Settings, job: Job, run: Run) -> None:
    """Run a job and record its outcome, a failure too."""
    with lease.at(run):
        try:
            status, outcome = "done", job.work(context, settings)
        except Exception as error:  # a failing job must stop neither the others nor the scheduler
            log.exception("the job %s failed", job.name)
            status, outcome = "failed", outcome_of(error)
    lease.end(run, status, outcome)


def run_by_hand(lease: SchedulerLease, context: AppContext, settings: Settings, job: Job) -> JobRunRow:
    """Run a job outside its schedule; its record."""
    run = lease.begin_by_hand(job.name)
    carry_out(lease, context, settings, job, run)
    with context.reading() as session:
        return store.run_row(session, run)


def next_due(context: AppContext, job: Job) -> datetime:
    """The next due time of a job, in UTC."""
    days = (context.today() + timedelta(days=ahead) for ahead in range(9))
    return next(due for day in days if job.falls_on(day) and (due := job.due_on(day, context.zone)) > context.now())
