"""Queues in the database for plans and runs of roadmaps: the next row to start, and rows lost with their process."""

from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from shuttle.store.tables.planning import PlanRow, RoadmapRunRow

Queued = TypeVar("Queued", PlanRow, RoadmapRunRow)

LOST_AFTER = timedelta(seconds=20)
"""A running row without a heartbeat for so long was interrupted: its process has died."""

OPEN = ("queued", "running")

FAILURE_LENGTH = 1000
"""Characters of a column `failure`."""


def anything_open(session: Session, table: type[Queued]) -> bool:
    """True when a row is queued or running."""
    return session.scalar(select(table.id).where(table.status.in_(OPEN)).limit(1)) is not None


def how_many_open_of(session: Session, table: type[Queued], name: str) -> int:
    """Number of queued and running rows of a person."""
    return session.scalar(select(func.count()).where(table.status.in_(OPEN), table.asked_by == name)) or 0


def take_next(session: Session, table: type[Queued], now: datetime, may_judge: bool = True) -> Queued | None:
    """Start the row that has been queued longest; None while another runs (one of a table per installation) or none is queued.

    `may_judge`: whether a running row without a recent heartbeat is lost, or the database was away.
    """
    if may_judge:
        mark_lost(session, table, now)
    if session.scalar(select(table.id).where(table.status == "running").limit(1)) is not None:
        return None
    waiting = select(table.id).where(table.status == "queued").order_by(table.asked_at, table.id).limit(1)
    query = (
        update(table)
        .where(table.id == waiting.scalar_subquery(), table.status == "queued")
        .values(status="running", started_at=now, beat_at=now)
        .returning(table)
    )
    return session.scalars(query).one_or_none()


def mark_lost(session: Session, table: type[Queued], now: datetime) -> None:
    """Set running rows without a recent heartbeat to `interrupted`; what they have is kept."""
    is_lost = or_(table.beat_at.is_(None), table.beat_at < now - LOST_AFTER)
    session.execute(update(table).where(table.status == "running", is_lost).values(status="interrupted", ended_at=now))
