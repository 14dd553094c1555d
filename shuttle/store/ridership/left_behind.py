"""Where passengers were left behind, from the counts that hold; how many, never who."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.ridership import CountRow, ObservationRow


def stops_with_left_behind(session: Session, days: Iterable[date]) -> list[tuple[str, str, datetime]]:
    """Departure, stop, and when it was received that somebody found no seat there, on service dates; in the order of arrival."""
    query = (
        select(CountRow.departure, CountRow.stop, ObservationRow.received_at)
        .join(ObservationRow, ObservationRow.order == CountRow.order)
        .where(CountRow.service_date.in_(list(days)), CountRow.holds, CountRow.left_behind > 0)
        .order_by(CountRow.order)
    )
    return [(departure, stop, at) for departure, stop, at in session.execute(query)]
