"""Where passengers were left behind, from the counts that hold; how many, never who."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.store.tables.ridership import CountRow, ObservationRow


def stops_with_left_behind(session: Session, days: Iterable[date]) -> list[tuple[str, str, int, datetime]]:
    """Departure, stop, how many found no seat there, and when that was received, on service dates; in the order of arrival."""
    query = (
        select(CountRow.departure, CountRow.stop, CountRow.left_behind, ObservationRow.received_at)
        .join(ObservationRow, ObservationRow.order == CountRow.order)
        .where(CountRow.service_date.in_(list(days)), CountRow.holds, CountRow.left_behind > 0)
        .order_by(CountRow.order)
    )
    return [(departure, stop, number, at) for departure, stop, number, at in session.execute(query)]
