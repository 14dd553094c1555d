"""Skipped stops in the database. Rows are append-only."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.ridership.skipped_stops import SkippedStop, skip_reasons
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.store.tables.ridership import SkippedStopRow


def add_skipped_stop(session: Session, skipped: SkippedStop) -> None:
    """Append a report of a skipped stop; one without a reason withdraws it."""
    day, _ = split_departure_id(skipped.departure)
    reason = skipped.reason.value if skipped.reason else None
    session.add(
        SkippedStopRow(
            service_date=day,
            departure=skipped.departure,
            stop=skipped.stop,
            reason=reason,
            role=skipped.role,
            said_at=skipped.said_at,
        )
    )


def skipped_stops_on(session: Session, departure: str) -> dict[str, ReasonCode]:
    """Stop -> the reason in force, of a departure."""
    day, _ = split_departure_id(departure)
    return {
        stop: reason for (name, stop), reason in skipped_stops_between(session, day, day).items() if name == departure
    }


def skipped_stops_between(session: Session, first: date, last: date) -> dict[tuple[str, str], ReasonCode]:
    """(departure, stop) -> the reason in force, on service dates `first` to `last`."""
    rows = select(SkippedStopRow).where(SkippedStopRow.service_date.between(first, last)).order_by(SkippedStopRow.row)
    return skip_reasons(
        SkippedStop(
            departure=row.departure,
            stop=row.stop,
            reason=ReasonCode(row.reason) if row.reason else None,
            role=row.role,
            said_at=row.said_at,
        )
        for row in session.scalars(rows)
    )
