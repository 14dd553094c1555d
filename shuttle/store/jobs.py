"""Runs of jobs and leases, written so that of many processes one wins."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shuttle.domain.remarks import Remark
from shuttle.store.database import is_postgres
from shuttle.store.remarks import remark_text
from shuttle.store.tables.jobs import JobRunRow, LeaseRow

ROOM = 400
"""Characters of the column `said`."""


def _text(said: Remark | None) -> str:
    return remark_text(said, ROOM) if said else ""


def take_lease(session: Session, name: str, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a lease; False while another holds it.

    One that ends later than anybody could take it for now (twice as long, for clocks of hosts that differ) was taken by a
    clock that has been set back since: it holds nobody off.
    """
    too_late = until + (until - now)
    dialect: Any = postgresql if is_postgres(session.connection()) else sqlite
    first = dialect.insert(LeaseRow).values(name=name, holder=holder, until=until)
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


def held_until(session: Session, name: str) -> datetime | None:
    """Until when a lease is held, or was; None where nobody ever took it."""
    return session.scalar(select(LeaseRow.until).where(LeaseRow.name == name))


def begin_run(
    session: Session, job: str, due: datetime, now: datetime, outcome: str = "running", said: Remark | None = None
) -> bool:
    """Write down that a run begins; False when there is one for this due time already."""
    dialect: Any = postgresql if is_postgres(session.connection()) else sqlite
    row = {"job": job, "due": due, "started_at": now, "outcome": outcome, "said": _text(said)}
    statement = dialect.insert(JobRunRow).values(**row).on_conflict_do_nothing().returning(JobRunRow.job)
    return session.scalar(statement) is not None


def end_run(session: Session, job: str, due: datetime, now: datetime, outcome: str, said: Remark) -> None:
    session.execute(
        update(JobRunRow)
        .where(JobRunRow.job == job, JobRunRow.due == due)
        .values(ended_at=now, outcome=outcome, said=_text(said))
    )


def mark_lost(session: Session, now: datetime) -> None:
    """Runs that were going on when the holder of the clock went away. Called by the new holder, who runs nothing yet."""
    lost = update(JobRunRow).where(JobRunRow.outcome == "running")
    session.execute(lost.values(outcome="interrupted", ended_at=now))


def last_due(session: Session, job: str, now: datetime) -> datetime | None:
    """The latest due time up to now that was run or passed over; later ones are of a clock that went ahead."""
    return session.scalar(select(func.max(JobRunRow.due)).where(JobRunRow.job == job, JobRunRow.due <= now))


def last_successes(session: Session) -> dict[str, datetime]:
    """When each job last ended well."""
    query = select(JobRunRow.job, func.max(JobRunRow.ended_at)).where(JobRunRow.outcome == "done")
    return {job: ended for job, ended in session.execute(query.group_by(JobRunRow.job)) if ended is not None}


def latest_runs(session: Session) -> dict[str, JobRunRow]:
    """The last run of each job."""
    newest = select(JobRunRow.job, func.max(JobRunRow.due).label("due")).group_by(JobRunRow.job).subquery()
    query = select(JobRunRow).join(newest, (JobRunRow.job == newest.c.job) & (JobRunRow.due == newest.c.due))
    return {row.job: row for row in session.scalars(query)}
