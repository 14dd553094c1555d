"""Opening hours in the database, regular (by day type) and special (by date)."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from shuttle.domain.timetable.opening_hours import OpeningHours, OpeningTimes, SpecialHours
from shuttle.store.engine.rows import insert_all, readable, without_overlaps
from shuttle.store.tables.base import dated, sourced
from shuttle.store.tables.calendar import SpecialHoursRow
from shuttle.store.tables.network import OpeningHoursRow
from shuttle.store.timetable.early_closings import read_closings


def read_opening_times(session: Session) -> OpeningTimes:
    """All opening hours; invalid and overlapping rows are skipped (`engine/rows.py`)."""
    return OpeningTimes(
        regular=without_overlaps(
            readable(session.scalars(select(OpeningHoursRow).order_by(OpeningHoursRow.row)), _regular),
            lambda hours: (hours.stop, hours.day_type),
        ),
        special=tuple(
            SpecialHours(row.stop, row.date, _windows(row.windows), row.reason)
            for row in session.scalars(select(SpecialHoursRow).order_by(SpecialHoursRow.stop, SpecialHoursRow.date))
        ),
        closings=read_closings(session),
    )


def _regular(row: OpeningHoursRow) -> OpeningHours:
    return OpeningHours(
        stop=row.stop,
        day_type=row.day_type,
        windows=_windows(row.windows),
        validity=row.validity,
        provenance=row.provenance,
    )


def write_opening_times(session: Session, times: OpeningTimes) -> None:
    """Replace all opening hours; early closings stay."""
    for table in (OpeningHoursRow, SpecialHoursRow):
        session.execute(delete(table))
    regular = [
        {
            "stop": hours.stop,
            "day_type": hours.day_type,
            "windows": [list(window) for window in hours.windows],
            **dated(hours.validity),
            **sourced(hours.provenance),
        }
        for hours in times.regular
    ]
    insert_all(session, OpeningHoursRow, regular)
    special = [
        {"stop": h.stop, "date": h.date, "windows": [list(window) for window in h.windows], "reason": h.reason}
        for h in times.special
    ]
    insert_all(session, SpecialHoursRow, special)
    session.flush()


def _windows(pairs: list[Any]) -> tuple[tuple[int, int], ...]:
    return tuple((opens, closes) for opens, closes in pairs)
