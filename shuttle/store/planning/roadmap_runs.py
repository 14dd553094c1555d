"""Runs of roadmaps in the database, with their answers so far. Their queue: `queues.py`."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, defer

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.outcome import JobOutcome
from shuttle.store.operation.outcomes import read_outcome, stored_outcome_text
from shuttle.store.planning.queues import FAILURE_LENGTH
from shuttle.store.tables.planning import RoadmapRunRow


def add(session: Session, row: RoadmapRunRow) -> None:
    """Add a run to the queue."""
    session.add(row)
    session.flush()


def run(session: Session, run_id: str) -> RoadmapRunRow:
    """One run. Raises NotFound (`unknown-roadmap-run`)."""
    row = session.get(RoadmapRunRow, run_id)
    if row is None:
        raise NotFound("unknown-roadmap-run", f"there is no run of a roadmap {run_id!r}", given=run_id)
    return row


def runs(session: Session, limit: int = 20) -> list[RoadmapRunRow]:
    """The latest runs without their answers, newest first."""
    query = select(RoadmapRunRow).options(defer(RoadmapRunRow.answer, raiseload=True))
    return list(session.scalars(query.order_by(RoadmapRunRow.asked_at.desc(), RoadmapRunRow.id).limit(limit)))


def beat(session: Session, run_id: str, now: datetime, answer: dict[str, Any] | None) -> bool:
    """Store a heartbeat, and an answer where there is a new one; True when cancelling was requested."""
    values: dict[str, Any] = {"beat_at": now} | ({"answer": answer} if answer is not None else {})
    query = update(RoadmapRunRow).where(RoadmapRunRow.id == run_id).values(**values)
    return bool(session.scalar(query.returning(RoadmapRunRow.cancel_asked)))


def set_failure(row: RoadmapRunRow, failure: JobOutcome | None) -> None:
    """Store why the run failed; None where it did not."""
    row.failure = stored_outcome_text(failure, FAILURE_LENGTH) if failure else ""


def failure_of(row: RoadmapRunRow) -> JobOutcome | None:
    """Reason of the run's failure; None without one."""
    return read_outcome(row.failure)
