"""Passings, in and out of the database."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.store.tables.ridership import PassingRow


def passing_with_key(session: Session, key: str) -> Passing | None:
    row = session.scalar(select(PassingRow).where(PassingRow.key == key))
    return None if row is None else _passing(row)


def add_passing(session: Session, passing: Passing) -> None:
    """A key that is there already violates the table's constraint; look for it first."""
    day, trip = split_departure_id(passing.departure)
    session.add(
        PassingRow(
            key=passing.key,
            service_date=day,
            trip=trip,
            stop=passing.stop,
            kind=passing.kind.value,
            at=passing.at,
            said_by=passing.said_by,
            said_at=passing.said_at,
        )
    )
    session.flush()


def passings_on(session: Session, day: date) -> list[Passing]:
    """What holds on a date: the last passing said of each departure, stop and kind, unless it was taken back."""
    rows = session.scalars(select(PassingRow).where(PassingRow.service_date == day).order_by(PassingRow.row))
    last = {(row.trip, row.stop, row.kind): row for row in rows}
    return [_passing(row) for row in last.values() if row.at is not None]


def _passing(row: PassingRow) -> Passing:
    departure = f"{row.service_date.isoformat()}.{row.trip}"
    return Passing(
        key=row.key,
        departure=departure,
        stop=row.stop,
        kind=PassingKind(row.kind),
        at=row.at,
        said_by=row.said_by,
        said_at=row.said_at,
    )
