"""Plans in the database: the queue of plans, their progress and their results."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, defer

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.store.operation.outcomes import read_outcome, stored_outcome_text
from shuttle.store.tables.planning import PlanRow

LOST_AFTER = timedelta(seconds=20)
"""A running plan without a heartbeat for so long was interrupted: its process has died."""

OPEN = ("queued", "running")

FAILURE_LENGTH = 1000
"""Characters of the column `failure`."""


def add_plan(session: Session, row: PlanRow) -> None:
    """Add a plan to the queue."""
    session.add(row)
    session.flush()


def plan(session: Session, plan_id: str) -> PlanRow:
    """One plan with its answer. Raises NotFound (`unknown-plan`)."""
    row = session.get(PlanRow, plan_id)
    if row is None:
        raise NotFound("unknown-plan", f"there is no plan {plan_id!r}", given=plan_id)
    return row


def plan_without_answer(session: Session, plan_id: str) -> PlanRow:
    """One plan; its large `answer` is not loaded and raises when read. Raises NotFound (`unknown-plan`)."""
    query = select(PlanRow).where(PlanRow.id == plan_id).options(defer(PlanRow.answer, raiseload=True))
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound("unknown-plan", f"there is no plan {plan_id!r}", given=plan_id)
    return row


def set_failure(row: PlanRow, failure: JobOutcome | None) -> None:
    """Store why the plan failed; None where it did not."""
    row.failure = stored_outcome_text(failure, FAILURE_LENGTH) if failure else ""


def failure_of(row: PlanRow) -> JobOutcome | None:
    """Why the plan failed; None where it did not."""
    return read_outcome(row.failure)


def plans(session: Session, limit: int = 50) -> list[PlanRow]:
    """The latest plans, newest first."""
    return list(session.scalars(select(PlanRow).order_by(PlanRow.asked_at.desc(), PlanRow.id).limit(limit)))


def anything_open(session: Session) -> bool:
    """Whether a plan is queued or running."""
    return session.scalar(select(PlanRow.id).where(PlanRow.status.in_(OPEN)).limit(1)) is not None


def how_many_open_of(session: Session, name: str) -> int:
    """Number of queued and running plans of a person."""
    query = select(func.count()).where(PlanRow.status.in_(OPEN), PlanRow.asked_by == name)
    return session.scalar(query) or 0


def how_many_open(session: Session) -> dict[str, int]:
    """Status (`queued`, `running`) -> number of plans; a status without plans is missing."""
    query = select(PlanRow.status, func.count()).where(PlanRow.status.in_(OPEN)).group_by(PlanRow.status)
    return {row.status: row[1] for row in session.execute(query)}


def take_next(session: Session, now: datetime) -> PlanRow | None:
    """Start the plan that has been queued longest; None while another runs (one solver per installation) or none is queued."""
    mark_lost(session, now)
    if session.scalar(select(PlanRow.id).where(PlanRow.status == "running").limit(1)) is not None:
        return None
    waiting = select(PlanRow.id).where(PlanRow.status == "queued").order_by(PlanRow.asked_at, PlanRow.id).limit(1)
    query = (
        update(PlanRow)
        .where(PlanRow.id == waiting.scalar_subquery(), PlanRow.status == "queued")
        .values(status="running", started_at=now, beat_at=now)
        .returning(PlanRow)
    )
    return session.scalars(query).one_or_none()


def mark_lost(session: Session, now: datetime) -> None:
    """Set running plans without a recent heartbeat to `interrupted`; they can be started again."""
    is_lost = or_(PlanRow.beat_at.is_(None), PlanRow.beat_at < now - LOST_AFTER)
    session.execute(
        update(PlanRow).where(PlanRow.status == "running", is_lost).values(status="interrupted", ended_at=now)
    )


def beat(
    session: Session,
    plan_id: str,
    now: datetime,
    progress: dict[str, Any] | None,
    answer: dict[str, Any] | None = None,
) -> bool:
    """Store a heartbeat with progress and answer so far; True when cancelling was requested."""
    values: dict[str, Any] = {"beat_at": now}
    if progress is not None:
        values["progress"] = progress
    if answer is not None:
        values["answer"] = answer
    query = update(PlanRow).where(PlanRow.id == plan_id).values(**values).returning(PlanRow.cancel_asked)
    return bool(session.scalar(query))
