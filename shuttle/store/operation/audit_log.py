"""Audit log: person, act and subject. An entry is added in the transaction of the change itself, so that neither exists alone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.operation import AuditLogRow

FILLED = "fill-database"
"""The first entry of every installation."""


def add_entry(
    session: Session,
    at: datetime,
    person: str,
    role: str,
    act: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry. `details` must be JSON and must hold no secret."""
    session.add(AuditLogRow(at=at, person=person, role=role, act=act, subject=subject, details=dict(details or {})))


def filled_at(session: Session, now: datetime) -> datetime | None:
    """When the installation was filled; None where the log lacks it, or has it in the future (a clock that was set back)."""
    query = select(AuditLogRow.at).where(AuditLogRow.act == FILLED, AuditLogRow.at <= now)
    return session.scalar(query.order_by(AuditLogRow.row).limit(1))


def latest_entries(
    session: Session, limit: int = 100, before: int | None = None, person: str = "", act: str = ""
) -> list[AuditLogRow]:
    """The newest entries, newest first, optionally of one person or one act. `before`: the row number of the last entry
    already read.
    """
    query = select(AuditLogRow).order_by(AuditLogRow.row.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditLogRow.row < before)
    if person:
        query = query.where(AuditLogRow.person == person)
    if act:
        query = query.where(AuditLogRow.act == act)
    return list(session.scalars(query))


def people_and_entries(session: Session) -> tuple[list[str], list[str]]:
    """All people and all acts that the log names, each once."""
    people = session.scalars(select(AuditLogRow.person).distinct().order_by(AuditLogRow.person))
    return list(people), list(session.scalars(select(AuditLogRow.act).distinct().order_by(AuditLogRow.act)))
