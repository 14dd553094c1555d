"""Nightly demand estimates in the database, one per night; old ones are deleted."""

from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.store.tables.planning import DemandEstimateRow


def put(session: Session, row: DemandEstimateRow, forget_before: date) -> None:
    """Store a night's estimate, replacing an earlier one of that night, and delete those of nights before `forget_before`."""
    session.merge(row)
    session.execute(delete(DemandEstimateRow).where(DemandEstimateRow.night < forget_before))


def newest(session: Session) -> DemandEstimateRow | None:
    """The latest estimate; None where there is none."""
    return session.scalars(select(DemandEstimateRow).order_by(DemandEstimateRow.night.desc()).limit(1)).first()
