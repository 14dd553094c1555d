"""Drafts of timetables: copied or imported, and edited until they are published (see `publishing`)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.basics.provenance import ALWAYS
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Timetable, TimetableStatus, Trip, check_id
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable import timetables as store
from shuttle.store.timetable.draft_edits import add_edit
from shuttle.store.timetable.schedule import raise_version, read_schedule


def add_draft(
    session: Session,
    person: Person | None,
    timetable: Timetable,
    now: datetime,
    origin: dict[str, Any] | None = None,
) -> Timetable:
    """Store a new version as a draft: imported, copied, or an accepted proposal (then with its `origin`).

    Raises Invalid (`unknown-pattern`, `unknown-day-type`, `unknown-stop`), Refused (`timetable-exists`).
    """
    person = allow(person, Action.EDIT_TIMETABLES)
    if store.is_known(session, timetable.id):
        raise Refused("timetable-exists", f"there is already a timetable {timetable.id!r}", given=timetable.id)
    _check_names(session, timetable.trips)
    draft = replace(timetable, status=TimetableStatus.DRAFT, changed_at=now)
    store.write_timetable(session, draft, person.name, origin)
    _record(session, person, now, "add-draft", draft.id, {"trips": len(draft.trips)})
    return draft


def copy_timetable(
    session: Session, person: Person | None, source: str, new_id: str, name: str, now: datetime
) -> Timetable:
    """A draft with the same trips under another id. Raises NotFound (`unknown-timetable`), Refused (`timetable-exists`)."""
    original = store.read_timetable(session, source)
    check_id(new_id, "timetable")
    return add_draft(session, person, replace(original, id=new_id, name=name, intended=ALWAYS), now)


def set_trips(
    session: Session, person: Person | None, timetable_id: str, trips: Sequence[Trip], now: datetime
) -> Timetable:
    """Replace the trips of a draft, as an edit that can be undone. Raises Refused (`published-is-immutable`)."""
    before = store.read_timetable(session, timetable_id).trips
    draft = replace_trips(session, person, timetable_id, trips, now)
    edit = DraftEdit.between(before, draft.trips)
    if not edit.changes_nothing:
        add_edit(session, timetable_id, edit)
    return draft


def replace_trips(
    session: Session, person: Person | None, timetable_id: str, trips: Sequence[Trip], now: datetime
) -> Timetable:
    """Replace the trips of a draft without an entry in the undo history. Raises Refused (`published-is-immutable`)."""
    person = allow(person, Action.EDIT_TIMETABLES)
    draft = replace(store.read_timetable(session, timetable_id), trips=tuple(trips), changed_at=now)
    store.write_timetable(session, draft, person.name)
    _record(session, person, now, "edit-draft", timetable_id, {"trips": len(draft.trips)})
    return draft


def add_trip(session: Session, person: Person | None, timetable_id: str, trip: Trip, now: datetime) -> Timetable:
    """Add a trip to a draft. Raises Invalid (`unknown-pattern`, `unknown-day-type`), Refused (`published-is-immutable`)."""
    draft = store.read_timetable(session, timetable_id)
    _check_names(session, [trip])
    return set_trips(session, person, timetable_id, (*draft.trips, trip), now)


def move_trip(
    session: Session,
    person: Person | None,
    timetable_id: str,
    trip_id: str,
    departs: Minute,
    now: datetime,
    calls: tuple[Call, ...] | None = None,
) -> Timetable:
    """Change a trip's departure time in a draft; `calls` sets the times of its stops. Raises NotFound (`unknown-trip`)."""
    draft = store.read_timetable(session, timetable_id)
    old = _trip(draft, trip_id)
    moved = Trip(old.pattern, old.day_type, departs, calls)
    _check_names(session, [moved])
    return set_trips(session, person, timetable_id, [moved if t is old else t for t in draft.trips], now)


def delete_trip(session: Session, person: Person | None, timetable_id: str, trip_id: str, now: datetime) -> Timetable:
    """Delete a trip of a draft. Raises NotFound (`unknown-trip`)."""
    draft = store.read_timetable(session, timetable_id)
    deleted = _trip(draft, trip_id)
    return set_trips(session, person, timetable_id, [trip for trip in draft.trips if trip is not deleted], now)


def begin_day(session: Session, person: Person | None, timetable_id: str, day_type: str, now: datetime) -> Timetable:
    """Give a day type of a draft trips of its own, those that apply to it now. Raises Refused (`day-has-trips`), Invalid
    (`unknown-day-type`).
    """
    draft = store.read_timetable(session, timetable_id)
    calendar = read_schedule(session).calendar
    calendar.names_of(day_type)
    if draft.trips_on(day_type):
        raise Refused("day-has-trips", f"timetable {timetable_id} has trips on {day_type}", given=day_type)
    like = next((each.like for each in calendar.day_types if each.id == day_type), None)
    source = draft.day_type_of((day_type, *calendar.fallbacks(like)))
    begun = [replace(trip, day_type=day_type) for trip in draft.trips_on(source)]
    return set_trips(session, person, timetable_id, [*draft.trips, *begun], now)


def trip_of(session: Session, timetable_id: str, trip_id: str) -> Trip:
    """A trip of a timetable. Raises NotFound (`unknown-timetable`, `unknown-trip`)."""
    return _trip(store.read_timetable(session, timetable_id), trip_id)


def _check_names(session: Session, trips: Iterable[Trip]) -> None:
    """Raises Invalid for a trip with an unknown pattern, day type or (in hand-set times) stop."""
    schedule = read_schedule(session)
    stops = sorted({stop.id for stop in schedule.network.stops})
    for trip in trips:
        schedule.network.pattern(trip.pattern)
        schedule.calendar.names_of(trip.day_type)
        for call in trip.calls or ():
            if call.stop not in stops:
                raise Invalid(
                    "unknown-stop", f"there is no stop {call.stop!r}", given=call.stop, allowed=", ".join(stops)
                )


def _trip(timetable: Timetable, trip_id: str) -> Trip:
    for trip in timetable.trips:
        if trip.id == trip_id:
            return trip
    trips = ", ".join(f"{trip.id} ({time_of_day_text(trip.departs)})" for trip in timetable.trips)
    raise NotFound("unknown-trip", f"timetable {timetable.id} has no trip {trip_id!r}", given=trip_id, allowed=trips)


def _record(
    session: Session, person: Person, now: datetime, act: str, timetable_id: str, details: dict[str, Any]
) -> None:
    raise_version(session, now)
    add_entry(session, now, person.name, person.role, act, timetable_id, details)
