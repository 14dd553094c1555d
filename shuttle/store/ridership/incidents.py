"""Incidents in the database. Rows are append-only."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shuttle.domain.ridership.incidents import Incident, IncidentKind
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.store.tables.ridership import IncidentRow


def incident_with_key(session: Session, key: str) -> Incident | None:
    """The incident stored under an idempotency key; None for a new key."""
    row = session.scalar(select(IncidentRow).where(IncidentRow.key == key))
    return None if row is None else _incident(row)


def add_incident(session: Session, incident: Incident) -> None:
    """Append an incident. A duplicate key violates a constraint; check `incident_with_key` first."""
    day, _ = split_departure_id(incident.departure)
    session.add(
        IncidentRow(
            key=incident.key,
            service_date=day,
            departure=incident.departure,
            kind=incident.kind.value,
            minutes=incident.minutes,
            withdrawn=incident.withdrawn,
            recorded_at=incident.recorded_at,
            said_by=incident.said_by,
            said_at=incident.said_at,
        )
    )
    session.flush()


def incidents_on(session: Session, days: Iterable[date]) -> dict[str, list[Incident]]:
    """Departure -> its incidents on service dates, withdrawn ones too, in the order of their arrival."""
    rows = select(IncidentRow).where(IncidentRow.service_date.in_(list(days))).order_by(IncidentRow.row)
    several: dict[str, list[Incident]] = {}
    for row in session.scalars(rows):
        several.setdefault(row.departure, []).append(_incident(row))
    return several


def last_incident(session: Session) -> int:
    """The number of the newest row; 0 without any."""
    return session.scalar(select(func.max(IncidentRow.row))) or 0


def last_incident_at(session: Session) -> datetime | None:
    """Moment at which the newest row was stored; None without any."""
    return session.scalar(select(IncidentRow.said_at).order_by(IncidentRow.row.desc()).limit(1))


def _incident(row: IncidentRow) -> Incident:
    return Incident(
        key=row.key,
        departure=row.departure,
        kind=IncidentKind(row.kind),
        minutes=row.minutes,
        withdrawn=row.withdrawn,
        recorded_at=row.recorded_at,
        said_by=row.said_by,
        said_at=row.said_at,
    )
