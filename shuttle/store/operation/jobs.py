"""Job runs and leases in the database.

Every change is conditional (compare and set): of several processes that attempt it, one succeeds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from shuttle.domain.basics.outcome import JobOutcome
from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.operation.outcomes import stored_outcome_text
from shuttle.store.tables.operation import JobRunRow, LeaseRow

OUTCOME_LENGTH = 400
"""Characters of the column `said`."""

RUNNING, INTERRUPTED = "running", "interrupted"
MAX_ATTEMPTS = 2
"""An interrupted run is started once more."""


@dataclass(frozen=True)
class Run:
    """One attempt of a run; `begun` counts attempts from 1. Once a later attempt has begun, writes of this one have no
    effect.
    """

    job: str
    due: datetime
    begun: int


@dataclass(frozen=True)
class UnfinishedRun:
    """A run that goes on, with its number of heartbeats, or an interrupted one that may be started again."""

    run: Run
    outcome: str
    beats: int


def _text(outcome: JobOutcome) -> str:
    return stored_outcome_text(outcome, OUTCOME_LENGTH)


def take_lease(session: Session, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a lease; False while another holder has it.

    A lease that ends later than `now` plus twice the usual time (hosts' clocks differ) was taken by a clock that has
    been set back since: it is ignored.
    """
    latest_plausible = until + (until - now)
    insertion = insert_into(LeaseRow, is_postgres(session.connection())).values(name=name, holder=holder, until=until)
    session.execute(insertion.on_conflict_do_nothing())
    session.execute(
        update(LeaseRow)
        .where(
            LeaseRow.name == name,
            (LeaseRow.holder == holder) | (LeaseRow.until <= now) | (LeaseRow.until > latest_plausible),
        )
        .values(holder=holder, until=until)
    )
    return session.scalar(select(LeaseRow.holder).where(LeaseRow.name == name)) == holder


def end_lease(session: Session, name: str, holder: str, until: datetime) -> None:
    """Let the holder's lease end at `until`, sooner or later than before; another holder's stays."""
    session.execute(update(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder).values(until=until))


def lease_end(session: Session, name: str) -> datetime | None:
    """End of a lease, also a past one; None where it was never taken."""
    return session.scalar(select(LeaseRow.until).where(LeaseRow.name == name))


def begin_run(session: Session, job: str, due: datetime, now: datetime, by_hand: bool = False) -> Run | None:
    """Add a running run; None when the job has one for this due time."""
    added = _add_run(session, job=job, due=due, by_hand=by_hand, begun=1, started_at=now, outcome=RUNNING, said="")
    return Run(job, due, 1) if added else None


def add_missed_run(session: Session, job: str, due: datetime, now: datetime, detail: JobOutcome) -> None:
    """Add a missed run."""
    _add_run(session, job=job, due=due, begun=0, started_at=now, outcome="missed", said=_text(detail))


def _add_run(session: Session, **row: Any) -> bool:
    """False where the due time has a run."""
    statement = (
        insert_into(JobRunRow, is_postgres(session.connection()))
        .values(**row)
        .on_conflict_do_nothing()
        .returning(JobRunRow.job)
    )
    return session.scalar(statement) is not None


def begin_again(session: Session, run: Run, now: datetime) -> Run | None:
    """Start an interrupted run again; None when another process did so first, or when it has ended."""
    values = {"begun": run.begun + 1, "started_at": now, "ended_at": None, "outcome": RUNNING, "said": ""}
    if not _changed(session, _of(run).where(JobRunRow.outcome == INTERRUPTED).values(**values)):
        return None
    return Run(run.job, run.due, run.begun + 1)


def beat(session: Session, run: Run) -> None:
    """Add a heartbeat to a running run."""
    session.execute(_of(run).where(JobRunRow.outcome == RUNNING).values(beats=JobRunRow.beats + 1))


def end_run(session: Session, run: Run, now: datetime, outcome: str, detail: JobOutcome) -> bool:
    """Store the outcome, also of a run that was taken for interrupted; False when a later attempt has begun."""
    unfinished = JobRunRow.outcome.in_((RUNNING, INTERRUPTED))
    return _changed(session, _of(run).where(unfinished).values(ended_at=now, outcome=outcome, said=_text(detail)))


def interrupt(session: Session, run: Run, now: datetime, beats: int | None = None) -> None:
    """Mark a running run as interrupted; with `beats`, only if it has had no further heartbeat."""
    statement = _of(run).where(JobRunRow.outcome == RUNNING)
    if beats is not None:
        statement = statement.where(JobRunRow.beats == beats)
    session.execute(statement.values(outcome=INTERRUPTED, ended_at=now))


def _of(run: Run) -> Update:
    return update(JobRunRow).where(JobRunRow.job == run.job, JobRunRow.due == run.due, JobRunRow.begun == run.begun)


def _changed(session: Session, statement: Update) -> bool:
    return session.scalar(statement.returning(JobRunRow.job)) is not None


def unfinished(session: Session, due_after: datetime) -> list[UnfinishedRun]:
    """Running runs, and interrupted scheduled runs that were due after `due_after` and have attempts left."""
    may_begin = (
        (JobRunRow.outcome == INTERRUPTED)
        & ~JobRunRow.by_hand
        & (JobRunRow.begun < MAX_ATTEMPTS)
        & (JobRunRow.due > due_after)
    )
    rows = session.scalars(select(JobRunRow).where((JobRunRow.outcome == RUNNING) | may_begin))
    return [UnfinishedRun(Run(row.job, row.due, row.begun), row.outcome, row.beats) for row in rows]


def last_run(session: Session, job: str, now: datetime) -> Run | None:
    """The run with the latest due time up to `now`, missed ones too. Later ones come from a clock that was ahead."""
    query = select(JobRunRow).where(JobRunRow.job == job, JobRunRow.due <= now).order_by(JobRunRow.due.desc()).limit(1)
    row = session.scalars(query).first()
    return None if row is None else Run(row.job, row.due, row.begun)


def run_row(session: Session, run: Run) -> JobRunRow:
    """The stored run, in its latest attempt."""
    return session.get_one(JobRunRow, (run.job, run.due))


def last_successes(session: Session) -> dict[str, datetime]:
    """Job -> when it last succeeded."""
    query = select(JobRunRow.job, func.max(JobRunRow.ended_at)).where(JobRunRow.outcome == "done")
    return {job: ended for job, ended in session.execute(query.group_by(JobRunRow.job)) if ended is not None}


def latest_runs(session: Session) -> dict[str, JobRunRow]:
    """Job -> its run with the latest due time."""
    newest = select(JobRunRow.job, func.max(JobRunRow.due).label("due")).group_by(JobRunRow.job).subquery()
    query = select(JobRunRow).join(newest, (JobRunRow.job == newest.c.job) & (JobRunRow.due == newest.c.due))
    return {row.job: row for row in session.scalars(query)}


def failed_since(session: Session, since: datetime) -> list[JobRunRow]:
    """Runs that failed or were missed and were due after `since`, by due time."""
    query = select(JobRunRow).where(JobRunRow.outcome.in_(("failed", "missed")), JobRunRow.due > since)
    return list(session.scalars(query.order_by(JobRunRow.due, JobRunRow.job)))
