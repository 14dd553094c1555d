"""Runs of jobs and leases, written so that of many processes one wins."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from shuttle.domain.basics.outcome import JobOutcome
from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.operation.outcomes import stored_outcome_text
from shuttle.store.tables.operation import JobRunRow, LeaseRow

ROOM = 400
"""Characters of the column `said`."""

RUNNING, INTERRUPTED = "running", "interrupted"
MOST_BEGUN = 2
"""What was interrupted is taken up again once."""


@dataclass(frozen=True)
class Run:
    """A run as who began it knows it. Once it was begun again, nothing that the one before writes of it counts any more."""

    job: str
    due: datetime
    begun: int


@dataclass(frozen=True)
class Unfinished:
    """A run that goes on, as often as it has said so; or one that was interrupted and may be begun again."""

    run: Run
    outcome: str
    beats: int


def _text(said: JobOutcome | None) -> str:
    return stored_outcome_text(said, ROOM) if said else ""


def take_lease(session: Session, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a lease; False while another holds it.

    One that ends later than anybody could take it for now (twice as long, for clocks of hosts that differ) was taken by a
    clock that has been set back since: it holds nobody off.
    """
    too_late = until + (until - now)
    first = insert_into(LeaseRow, is_postgres(session.connection())).values(name=name, holder=holder, until=until)
    session.execute(first.on_conflict_do_nothing())
    session.execute(
        update(LeaseRow)
        .where(
            LeaseRow.name == name,
            (LeaseRow.holder == holder) | (LeaseRow.until <= now) | (LeaseRow.until > too_late),
        )
        .values(holder=holder, until=until)
    )
    return session.scalar(select(LeaseRow.holder).where(LeaseRow.name == name)) == holder


def end_lease(session: Session, name: str, holder: str, until: datetime) -> None:
    """Let a lease end then, sooner or later than it would, if it still is this holder's."""
    session.execute(update(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder).values(until=until))


def held_until(session: Session, name: str) -> datetime | None:
    """Until when a lease is held, or was; None where nobody ever took it."""
    return session.scalar(select(LeaseRow.until).where(LeaseRow.name == name))


def begin_run(session: Session, job: str, due: datetime, now: datetime, by_hand: bool = False) -> Run | None:
    """Write down that a run begins; None when there is one for this due time already."""
    added = _added(session, job=job, due=due, by_hand=by_hand, begun=1, started_at=now, outcome=RUNNING, said="")
    return Run(job, due, 1) if added else None


def pass_over(session: Session, job: str, due: datetime, now: datetime, said: JobOutcome) -> None:
    """Write down that a due time was missed."""
    _added(session, job=job, due=due, begun=0, started_at=now, outcome="missed", said=_text(said))


def _added(session: Session, **row: Any) -> bool:
    statement = (
        insert_into(JobRunRow, is_postgres(session.connection()))
        .values(**row)
        .on_conflict_do_nothing()
        .returning(JobRunRow.job)
    )
    return session.scalar(statement) is not None


def begin_again(session: Session, run: Run, now: datetime) -> Run | None:
    """Write down that an interrupted run begins once more; None when somebody else was quicker, or it has ended after all."""
    values = {"begun": run.begun + 1, "started_at": now, "ended_at": None, "outcome": RUNNING, "said": ""}
    if not _changed(session, _of(run).where(JobRunRow.outcome == INTERRUPTED).values(**values)):
        return None
    return Run(run.job, run.due, run.begun + 1)


def beat(session: Session, run: Run) -> None:
    """Say that somebody is at it."""
    session.execute(_of(run).where(JobRunRow.outcome == RUNNING).values(beats=JobRunRow.beats + 1))


def end_run(session: Session, run: Run, now: datetime, outcome: str, said: JobOutcome) -> bool:
    """Write down what came of it, also where it was thought to be interrupted; False when it was begun again since."""
    going = JobRunRow.outcome.in_((RUNNING, INTERRUPTED))
    return _changed(session, _of(run).where(going).values(ended_at=now, outcome=outcome, said=_text(said)))


def interrupt(session: Session, run: Run, now: datetime, beats: int | None = None) -> None:
    """Write down that nobody goes on with it; where `beats` are given, unless there was another since."""
    statement = _of(run).where(JobRunRow.outcome == RUNNING)
    if beats is not None:
        statement = statement.where(JobRunRow.beats == beats)
    session.execute(statement.values(outcome=INTERRUPTED, ended_at=now))


def _of(run: Run) -> Update:
    return update(JobRunRow).where(JobRunRow.job == run.job, JobRunRow.due == run.due, JobRunRow.begun == run.begun)


def _changed(session: Session, statement: Update) -> bool:
    return session.scalar(statement.returning(JobRunRow.job)) is not None


def unfinished(session: Session, due_after: datetime) -> list[Unfinished]:
    """What goes on; and what of the clock's own was interrupted, due after that moment, and not begun too often."""
    may_begin = (
        (JobRunRow.outcome == INTERRUPTED)
        & ~JobRunRow.by_hand
        & (JobRunRow.begun < MOST_BEGUN)
        & (JobRunRow.due > due_after)
    )
    rows = session.scalars(select(JobRunRow).where((JobRunRow.outcome == RUNNING) | may_begin))
    return [Unfinished(Run(row.job, row.due, row.begun), row.outcome, row.beats) for row in rows]


def last_run(session: Session, job: str, now: datetime) -> Run | None:
    """The one with the latest due time up to now, run or passed over; later ones are of a clock that went ahead."""
    query = select(JobRunRow).where(JobRunRow.job == job, JobRunRow.due <= now).order_by(JobRunRow.due.desc()).limit(1)
    row = session.scalars(query).first()
    return None if row is None else Run(row.job, row.due, row.begun)


def run_row(session: Session, run: Run) -> JobRunRow:
    """The whole of what was written down, also by who began it again."""
    return session.get_one(JobRunRow, (run.job, run.due))


def last_successes(session: Session) -> dict[str, datetime]:
    """When each job last ended well."""
    query = select(JobRunRow.job, func.max(JobRunRow.ended_at)).where(JobRunRow.outcome == "done")
    return {job: ended for job, ended in session.execute(query.group_by(JobRunRow.job)) if ended is not None}


def latest_runs(session: Session) -> dict[str, JobRunRow]:
    """The last run of each job."""
    newest = select(JobRunRow.job, func.max(JobRunRow.due).label("due")).group_by(JobRunRow.job).subquery()
    query = select(JobRunRow).join(newest, (JobRunRow.job == newest.c.job) & (JobRunRow.due == newest.c.due))
    return {row.job: row for row in session.scalars(query)}
