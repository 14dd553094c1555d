"""Timetable versions and their publications in the database."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.basics.provenance import ALWAYS, Validity
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.trips import Publication, Timetable, TimetableStatus, Trip
from shuttle.store.engine.rows import readable
from shuttle.store.tables.base import dated, sourced
from shuttle.store.tables.timetables import PlannedDutyRow, PublicationRow, TimetableRow, TripRow


def read_timetables(session: Session) -> tuple[Timetable, ...]:
    """All versions, by id."""
    return tuple(_read(session))


def read_timetable(session: Session, timetable_id: str) -> Timetable:
    """One version. Raises NotFound (`unknown-timetable`)."""
    for timetable in _read(session, TimetableRow.id == timetable_id):
        return timetable
    raise _unknown(timetable_id)


def is_known(session: Session, timetable_id: str) -> bool:
    """True when a version has that id."""
    return session.scalar(select(TimetableRow.id).where(TimetableRow.id == timetable_id)) is not None


def _read(session: Session, *which: ColumnElement[bool]) -> Iterator[Timetable]:
    """The versions that match. Trips and duties are read as plain values, without mapped objects."""
    rows = session.scalars(select(TimetableRow).where(*which).order_by(TimetableRow.id)).all()
    trips, duties = _trips_of(session, *which), _duties_of(session, *which)
    for row in rows:
        yield Timetable(
            id=row.id,
            name=row.name,
            trips=tuple(trips[row.id]),
            intended=next(readable([row], lambda row: row.validity), ALWAYS),
            status=TimetableStatus(row.status),
            provenance=row.provenance,
            changed_at=row.changed_at,
            planned_duties=tuple(duties[row.id]),
        )


def _trips_of(session: Session, *which: ColumnElement[bool]) -> dict[str, list[Trip]]:
    row = TripRow
    query = select(row.timetable, row.pattern, row.day_type, row.departs, row.calls)
    trips: dict[str, list[Trip]] = defaultdict(list)
    for timetable, pattern, day_type, departs, calls in session.execute(
        query.join(TimetableRow).where(*which).order_by(row.departs, row.trip)
    ):
        hand_set = None if calls is None else tuple(map(tuple, calls))
        trips[timetable].append(_trip(pattern, day_type, departs, hand_set))
    return trips


def _duties_of(session: Session, *which: ColumnElement[bool]) -> dict[str, list[PlannedDuty]]:
    row = PlannedDutyRow
    query = select(row.timetable, row.day_type, row.number, row.starts, row.ends, row.trips, row.breaks)
    duties: dict[str, list[PlannedDuty]] = defaultdict(list)
    for timetable, day_type, number, starts, ends, trips, breaks in session.execute(
        query.join(TimetableRow).where(*which).order_by(row.day_type, row.number)
    ):
        pauses = tuple((first, last) for first, last in breaks)
        duties[timetable].append(
            PlannedDuty(day_type=day_type, number=number, starts=starts, ends=ends, trips=tuple(trips), breaks=pauses)
        )
    return duties


@lru_cache(maxsize=10_000)
def _trip(pattern: str, day_type: str, departs: Minute, calls: tuple[tuple[Any, ...], ...] | None) -> Trip:
    """Cached: the schedule is read again after each change, and most trips are unchanged."""
    return Trip(pattern, day_type, departs, None if calls is None else tuple(Call(*each) for each in calls))


def _trip_row(trip: Trip) -> TripRow:
    calls = None if trip.calls is None else [[c.stop, c.sequence, c.arrives, c.departs] for c in trip.calls]
    return TripRow(trip=trip.id, pattern=trip.pattern, day_type=trip.day_type, departs=trip.departs, calls=calls)


def _duty_row(duty: PlannedDuty) -> PlannedDutyRow:
    return PlannedDutyRow(**{**vars(duty), "trips": list(duty.trips), "breaks": [list(pause) for pause in duty.breaks]})


def timetable_row(session: Session, timetable_id: str) -> TimetableRow:
    """The version's row. Raises NotFound (`unknown-timetable`)."""
    row = session.get(TimetableRow, timetable_id)
    if row is None:
        raise _unknown(timetable_id)
    return row


def _unknown(timetable_id: str) -> NotFound:
    return NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)


def write_timetable(
    session: Session, timetable: Timetable, made_by: str = "", origin: dict[str, Any] | None = None
) -> None:
    """Add a version, or replace the content of a draft. Raises Refused (`published-is-immutable`) for a published one."""
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
    """Publications that are not withdrawn, the earliest first; those of a higher layer hide others."""
    query = select(PublicationRow).where(PublicationRow.withdrawn_at.is_(None)).order_by(PublicationRow.valid_from)
    return tuple(
        readable(
            session.scalars(query),
            lambda row: Publication(row.timetable, Validity(row.valid_from, row.valid_to), row.published_at, row.layer),
        )
    )


def publication_rows(session: Session, timetable_id: str) -> list[PublicationRow]:
    """All publications of a timetable, withdrawn ones too, in the order of their making."""
    query = select(PublicationRow).where(PublicationRow.timetable == timetable_id).order_by(PublicationRow.row)
    return list(session.scalars(query))


def write_publication(session: Session, publication: Publication, published_by: str) -> None:
    """Put a timetable in force.

    Raises Refused (`publications-overlap`) where another publication of its layer shares a date. A database constraint
    detects it, so that it also holds against concurrent transactions.
    """
    assert publication.valid.first is not None
    session.add(
        PublicationRow(
            timetable=publication.timetable,
            valid_from=publication.valid.first,
            valid_to=publication.valid.last,
            layer=publication.layer,
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
            allowed="a look at what is published now, and another try",
        ) from None


def withdraw_publications(session: Session, timetable_id: str, by: str, at: datetime, today: date) -> int:
    """Withdraw a timetable from `today`; returns the number of publications changed.

    A publication that has begun ends the day before, so that past departures stay explained; a future one is withdrawn
    whole.
    """
    number = 0
    for row in publication_rows(session, timetable_id):
        if row.withdrawn_at is not None or (row.valid_to is not None and row.valid_to < today):
            continue
        number += 1
        if row.valid_from < today:
            row.valid_to = date.fromordinal(today.toordinal() - 1)
        else:
            row.withdrawn_by, row.withdrawn_at = by, at
    session.flush()
    return number
