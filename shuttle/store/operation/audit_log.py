"""Who did what: added in the transaction of the act itself, so that neither exists without the other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.operation import ActRow

FILLED = "fill-database"
"""The first act of every installation."""


def add_entry(
    session: Session,
    at: datetime,
    person: str,
    role: str,
    act: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to the record. `details` must be JSON and must hold no secret."""
    session.add(ActRow(at=at, person=person, role=role, act=act, subject=subject, details=dict(details or {})))


def filled_at(session: Session, now: datetime) -> datetime | None:
    """When the installation began; None where nobody wrote it down, or a clock did that has been set back since."""
    query = select(ActRow.at).where(ActRow.act == FILLED, ActRow.at <= now)
    return session.scalar(query.order_by(ActRow.row).limit(1))


def latest_entries(
    session: Session, limit: int = 100, before: int | None = None, person: str = "", act: str = ""
) -> list[ActRow]:
    """The newest lines, newest first, of one person or act alone if asked; `before` is the row of the last one seen."""
    query = select(ActRow).order_by(ActRow.row.desc()).limit(limit)
    if before is not None:
        query = query.where(ActRow.row < before)
    if person:
        query = query.where(ActRow.person == person)
    if act:
        query = query.where(ActRow.act == act)
    return list(session.scalars(query))


def people_and_entries(session: Session) -> tuple[list[str], list[str]]:
    """Whom and what the record names, each once."""
    people = session.scalars(select(ActRow.person).distinct().order_by(ActRow.person))
    return list(people), list(session.scalars(select(ActRow.act).distinct().order_by(ActRow.act)))
