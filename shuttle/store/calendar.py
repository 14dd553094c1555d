"""Overrides of dates, in and out of the database; one that no longer holds is withdrawn, not deleted."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.service_days import Override
from shuttle.store.tables.calendar import OverrideRow


def add_override(session: Session, override: Override) -> None:
    session.add(
        OverrideRow(
            date=override.date,
            day_type=override.day_type,
            reason=override.reason,
            made_by=override.made_by,
            made_at=override.made_at,
            withdrawn_by="",
        )
    )
    session.flush()


def withdraw_override(session: Session, day: date, by: str, at: datetime) -> bool:
    """False when the date has none in force."""
    query = select(OverrideRow).where(OverrideRow.date == day, OverrideRow.withdrawn_at.is_(None))
    row = session.scalars(query).one_or_none()
    if row is None:
        return False
    row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()
    return True
