"""Estimates of demand in and out of the database: one a night, and only those of the last weeks."""

from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.store.tables.planning import DemandEstimateRow


def put(session: Session, row: DemandEstimateRow, forget_before: date) -> None:
    """Put a night's estimate in the place of an earlier one of that night, and forget those of nights long past."""
    session.merge(row)
    session.execute(delete(DemandEstimateRow).where(DemandEstimateRow.night < forget_before))


def newest(session: Session) -> DemandEstimateRow | None:
    """The estimate of the last night that made one."""
    return session.scalars(select(DemandEstimateRow).order_by(DemandEstimateRow.night.desc()).limit(1)).first()
