"""Solved fronts in the database: answers of the planner by the hash of their question (see `services.planning.roadmap.fronts`)."""

from datetime import datetime
from typing import cast

from sqlalchemy.orm import Session

from shuttle.domain.planning.result import PlanResult
from shuttle.store.tables.planning import SolvedFrontRow


def load(session: Session, key: str) -> PlanResult | None:
    """The answer, or None."""
    row = session.get(SolvedFrontRow, key)
    return cast(PlanResult, row.answer) if row else None


def save(session: Session, key: str, answer: PlanResult, now: datetime) -> None:
    """Store the answer in place of an earlier one."""
    session.merge(SolvedFrontRow(key=key, answer=dict(answer), solved_at=now))
