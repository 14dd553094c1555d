"""Early closings of centres in the database. Rows are withdrawn, never deleted; a stop has at most one in force on a date."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.opening_hours import EarlyClosing
from shuttle.store.engine.rows import readable
from shuttle.store.tables.calendar import EarlyClosingRow


def read_closings(session: Session) -> tuple[EarlyClosing, ...]:
    """Early closings in force, by date and stop."""
    query = select(EarlyClosingRow).where(EarlyClosingRow.withdrawn_at.is_(None))
    rows = session.scalars(query.order_by(EarlyClosingRow.date, EarlyClosingRow.stop))
    return tuple(
        readable(
            rows,
            lambda row: EarlyClosing(
                stop=row.stop, date=row.date, closes=row.closes, made_by=row.made_by, made_at=row.made_at
            ),
        )
    )


def add(session: Session, closing: EarlyClosing) -> None:
    """Add an early closing; a second one in force violates the unique index."""
    session.add(
        EarlyClosingRow(
            stop=closing.stop,
            date=closing.date,
            closes=closing.closes,
            made_by=closing.made_by,
            made_at=closing.made_at or datetime.now(UTC),
            withdrawn_by="",
        )
    )
    session.flush()


def withdraw(session: Session, stop: str, day: date, by: str, at: datetime) -> bool:
    """Withdraw the one in force; False where there is none."""
    query = select(EarlyClosingRow).where(
        EarlyClosingRow.stop == stop, EarlyClosingRow.date == day, EarlyClosingRow.withdrawn_at.is_(None)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        return False
    row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()
    return True
