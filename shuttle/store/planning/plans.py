"""Plans in the database: their progress and their results. Their queue: `queues.py`."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, defer

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.store.operation.outcomes import read_outcome, stored_outcome_text
from shuttle.store.planning.queues import FAILURE_LENGTH, OPEN
from shuttle.store.tables.planning import PlanRow

MOST_LOOKED_AT = 500
"""Newest plans among which those without a requirement are looked for."""


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
    """Reason of the plan's failure; None without one."""
    return read_outcome(row.failure)


def plans(session: Session, limit: int = 50) -> list[PlanRow]:
    """The latest plans, newest first."""
    return list(session.scalars(select(PlanRow).order_by(PlanRow.asked_at.desc(), PlanRow.id).limit(limit)))


def plans_without(session: Session, plan_id: str) -> dict[str, PlanRow]:
    """Requirement -> the newest plan that was asked without that requirement of a plan."""
    columns = select(PlanRow.id, PlanRow.origin).where(PlanRow.origin.is_not(None))
    rows = session.execute(columns.order_by(PlanRow.asked_at.desc(), PlanRow.id).limit(MOST_LOOKED_AT))
    newest: dict[str, str] = {}
    for row_id, origin in rows:
        if origin and origin["plan"] == plan_id:
            newest.setdefault(origin["without"], row_id)
    return {requirement: plan(session, row_id) for requirement, row_id in newest.items()}


def how_many_open(session: Session) -> dict[str, int]:
    """Status (`queued`, `running`) -> number of plans; a status without plans is missing."""
    query = select(PlanRow.status, func.count()).where(PlanRow.status.in_(OPEN)).group_by(PlanRow.status)
    return {row.status: row[1] for row in session.execute(query)}


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
