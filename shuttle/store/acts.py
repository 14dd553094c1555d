"""Who did what: added in the transaction of the act itself, so that neither exists without the other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.acts import ActRow


def record_act(
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


def latest_acts(session: Session, limit: int = 100, before: int | None = None) -> list[ActRow]:
    """The newest lines, newest first; `before` is the row of the last one already seen."""
    query = select(ActRow).order_by(ActRow.row.desc()).limit(limit)
    return list(session.scalars(query if before is None else query.where(ActRow.row < before)))
