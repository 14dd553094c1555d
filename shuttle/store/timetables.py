"""Timetable versions and their publications, in and out of the database."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuttle.domain.errors import NotFound, Refused
from shuttle.domain.network import Call
from shuttle.domain.planned_duties import PlannedDuty
from shuttle.domain.provenance import Validity
from shuttle.domain.timetable import Publication, Timetable, TimetableStatus, Trip
from shuttle.store.tables.base import dated, sourced
from shuttle.store.tables.timetables import PlannedDutyRow, PublicationRow, TimetableRow, TripRow


def read_timetables(session: Session) -> tuple[Timetable, ...]:
    rows = session.scalars(select(TimetableRow).order_by(TimetableRow.id))
    return tuple(_timetable(row) for row in rows)


def _timetable(row: TimetableRow) -> Timetable:
    return Timetable(
        id=row.id,
        name=row.name,
        trips=tuple(_trip(trip) for trip in row.trips),
        intended=row.validity,
        status=TimetableStatus(row.status),
        provenance=row.provenance,
        changed_at=row.changed_at,
        planned_duties=tuple(_duty(duty) for duty in row.duties),
    )


def _trip(row: TripRow) -> Trip:
    calls = None if row.calls is None else tuple(Call(*each) for each in row.calls)
    return Trip(row.pattern, row.day_type, row.departs, calls)


def _trip_row(trip: Trip) -> TripRow:
    calls = None if trip.calls is None else [[c.stop, c.sequence, c.arrives, c.departs] for c in trip.calls]
    return TripRow(trip=trip.id, pattern=trip.pattern, day_type=trip.day_type, departs=trip.departs, calls=calls)


def _duty(row: PlannedDutyRow) -> PlannedDuty:
    breaks = tuple((starts, ends) for starts, ends in row.breaks)
    return PlannedDuty(row.day_type, row.number, row.starts, row.ends, tuple(row.trips), breaks)


def _duty_row(duty: PlannedDuty) -> PlannedDutyRow:
    return PlannedDutyRow(**{**vars(duty), "trips": list(duty.trips), "breaks": [list(taken) for taken in duty.breaks]})


def timetable_row(session: Session, timetable_id: str) -> TimetableRow:
    """Raises NotFound (`unknown-timetable`)."""
    row = session.get(TimetableRow, timetable_id)
    if row is None:
        raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
    return row


def write_timetable(
    session: Session, timetable: Timetable, made_by: str = "", origin: dict[str, Any] | None = None
) -> None:
    """Add a version, or replace the content of a draft. Raises Refused (`published-is-immutable`) for any other."""
    row = session.get(TimetableRow, timetable.id)
    if row is None:
        row = TimetableRow(id=timetable.id, made_by=made_by, origin=origin)
        session.add(row)
    elif row.status != TimetableStatus.DRAFT:
        raise Refused(
            "published-is-immutable",
            f"timetable {timetable.id} has been published and cannot be edited; copy it and edit the copy",
            given=timetable.id,
            allowed="a draft",
        )
    row.name, row.status = timetable.name, timetable.status.value
    row.changed_at = timetable.changed_at or datetime.now(UTC)
    for column, value in {**dated(timetable.intended), **sourced(timetable.provenance)}.items():
        setattr(row, column, value)
    row.trips, row.duties = [], []
    session.flush()
    row.trips = [_trip_row(trip) for trip in timetable.trips]
    row.duties = [_duty_row(duty) for duty in timetable.planned_duties]
    session.flush()


def read_publications(session: Session) -> tuple[Publication, ...]:
    """Publications in force, the earliest first."""
    query = select(PublicationRow).where(PublicationRow.withdrawn_at.is_(None)).order_by(PublicationRow.valid_from)
    return tuple(
        Publication(row.timetable, Validity(row.valid_from, row.valid_to), row.published_at)
        for row in session.scalars(query)
    )


def publication_rows(session: Session, timetable_id: str) -> list[PublicationRow]:
    """All publications that a timetable ever had, withdrawn ones too, the earliest first."""
    query = select(PublicationRow).where(PublicationRow.timetable == timetable_id).order_by(PublicationRow.row)
    return list(session.scalars(query))


def write_publication(session: Session, publication: Publication, published_by: str) -> None:
    """Put a timetable in force.

    Raises Refused (`publications-overlap`) where another publication in force has one of the dates; that is the
    database's own constraint, so that it also holds against what another process commits at the same moment.
    """
    assert publication.valid.first is not None
    session.add(
        PublicationRow(
            timetable=publication.timetable,
            valid_from=publication.valid.first,
            valid_to=publication.valid.last,
            published_by=published_by,
            published_at=publication.published_at or datetime.now(UTC),
            withdrawn_by="",
        )
    )
    try:
        session.flush()
    except IntegrityError as error:
        if "publications_never_overlap" not in str(error.orig):
            raise
        raise Refused(
            "publications-overlap",
            f"another timetable is published for some of the dates from {publication.valid.first} "
            f"to {publication.valid.last or 'further notice'}",
            given=publication.timetable,
            allowed="dates on which no other published timetable applies",
        ) from None


def end_predecessor(session: Session, first: date) -> PublicationRow | None:
    """End the open-ended publication that began before `first` on the day before; None where there is none."""
    query = select(PublicationRow).where(
        PublicationRow.withdrawn_at.is_(None), PublicationRow.valid_to.is_(None), PublicationRow.valid_from < first
    )
    row = session.scalars(query).one_or_none()
    if row is not None:
        row.valid_to = date.fromordinal(first.toordinal() - 1)
        session.flush()
    return row


def withdraw_publications(session: Session, timetable_id: str, by: str, at: datetime, today: date) -> int:
    """Take a timetable out of force from `today`; gives how many publications were touched.

    One that has begun ends the day before, so that what was driven stays explained; one that has not is withdrawn whole.
    """
    touched = 0
    for row in publication_rows(session, timetable_id):
        if row.withdrawn_at is not None or (row.valid_to is not None and row.valid_to < today):
            continue
        touched += 1
        if row.valid_from < today:
            row.valid_to = date.fromordinal(today.toordinal() - 1)
        else:
            row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()
    return touched
