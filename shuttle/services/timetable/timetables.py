"""A timetable's life: copied, edited as a draft, published for a span of dates, withdrawn, published again.

Publishing never touches another timetable's content. It ends the one that applies without an end on the day before, and
refuses where any other publication has one of the dates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Invalid, NotFound, Refused
from shuttle.domain.basics.provenance import ALWAYS, Validity
from shuttle.domain.basics.service_time import Minute, service_date, time_of_day_text
from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.publishing import PublishingFinding, blocking_findings, findings
from shuttle.domain.timetable.trips import Publication, Timetable, TimetableStatus, Trip, check_id
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
    """Keep a new version as a draft: imported, copied, or accepted from a proposal (then with its `origin`).

    Raises Invalid (`unknown-pattern`, `unknown-day-type`, `unknown-stop`), Refused (`timetable-exists`).
    """
    person = allow(person, Action.EDIT_TIMETABLES)
    if store.is_known(session, timetable.id):
        raise Refused("timetable-exists", f"there is already a timetable {timetable.id!r}", given=timetable.id)
    _check_names(session, timetable.trips)
    draft = replace(timetable, status=TimetableStatus.DRAFT, changed_at=now)
    store.write_timetable(session, draft, person.name, origin)
    _recorded(session, person, now, "add-draft", draft.id, {"trips": len(draft.trips)})
    return draft


def copy_timetable(
    session: Session, person: Person | None, source: str, new_id: str, name: str, now: datetime
) -> Timetable:
    """A draft with the same trips under another id."""
    original = store.read_timetable(session, source)
    check_id(new_id, "timetable")
    return add_draft(session, person, replace(original, id=new_id, name=name, intended=ALWAYS), now)


def set_trips(
    session: Session, person: Person | None, timetable_id: str, trips: Sequence[Trip], now: datetime
) -> Timetable:
    """Replace the trips of a draft, as a step that can be taken back. Raises Refused (`published-is-immutable`)."""
    before = store.read_timetable(session, timetable_id).trips
    draft = replace_trips(session, person, timetable_id, trips, now)
    edit = DraftEdit.between(before, draft.trips)
    if not edit.changes_nothing:
        add_edit(session, timetable_id, edit)
    return draft


def replace_trips(
    session: Session, person: Person | None, timetable_id: str, trips: Sequence[Trip], now: datetime
) -> Timetable:
    """Write the trips of a draft and no step. Raises Refused (`published-is-immutable`) for any other."""
    person = allow(person, Action.EDIT_TIMETABLES)
    draft = replace(store.read_timetable(session, timetable_id), trips=tuple(trips), changed_at=now)
    store.write_timetable(session, draft, person.name)
    _recorded(session, person, now, "edit-draft", timetable_id, {"trips": len(draft.trips)})
    return draft


def add_trip(session: Session, person: Person | None, timetable_id: str, trip: Trip, now: datetime) -> Timetable:
    """Add a departure to a draft by pattern, day type and time. Raises Invalid (`unknown-pattern`, `unknown-day-type`)."""
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
    """Give a departure of a draft another time; `calls` sets its times by hand, visibly."""
    draft = store.read_timetable(session, timetable_id)
    old = _trip(draft, trip_id)
    moved = Trip(old.pattern, old.day_type, departs, calls)
    _check_names(session, [moved])
    return set_trips(session, person, timetable_id, [moved if t is old else t for t in draft.trips], now)


def delete_trip(session: Session, person: Person | None, timetable_id: str, trip_id: str, now: datetime) -> Timetable:
    """Take a departure out of a draft."""
    draft = store.read_timetable(session, timetable_id)
    gone = _trip(draft, trip_id)
    return set_trips(session, person, timetable_id, [trip for trip in draft.trips if trip is not gone], now)


def trip_of(session: Session, timetable_id: str, trip_id: str) -> Trip:
    """A departure of a timetable. Raises NotFound (`unknown-timetable`, `unknown-trip`)."""
    return _trip(store.read_timetable(session, timetable_id), trip_id)


def publishing_findings(session: Session, timetable_id: str, valid: Validity, today: date) -> list[PublishingFinding]:
    """What stands against publishing, and what should be known about it."""
    schedule = read_schedule(session)
    return findings(schedule, store.read_timetable(session, timetable_id), valid, today)


def publish(
    session: Session,
    person: Person | None,
    timetable_id: str,
    valid: Validity,
    now: datetime,
    today: date,
    accepted: Sequence[str] = (),
) -> list[PublishingFinding]:
    """Put a timetable in force for the dates; gives what was accepted or warned of.

    Raises Refused (`publishing-blocked`) with a fault for each blocker. A timetable that was published before may be
    published again for other dates: that is how one rolls back.
    """
    person = allow(person, Action.PUBLISH_TIMETABLES)
    for day in (valid.first, valid.last):
        if day is not None:
            service_date(day)
    found = publishing_findings(session, timetable_id, valid, today)
    against = blocking_findings(found, accepted)
    if against:
        raise Refused(
            "publishing-blocked",
            f"timetable {timetable_id} cannot be published: " + "; ".join(finding.message for finding in against),
            given=timetable_id,
            faults=[Fault(what=f.message, where=f.subject, given=f.code, allowed=_way_out(f)) for f in against],
        )
    assert valid.first is not None
    ended = store.end_predecessor(session, valid.first)
    store.write_publication(session, Publication(timetable_id, valid, now), person.name)
    store.timetable_row(session, timetable_id).status = TimetableStatus.PUBLISHED.value
    details = {"from": str(valid.first), "to": str(valid.last) if valid.last else None, "accepted": list(accepted)}
    _recorded(session, person, now, "publish", timetable_id, {**details, "ends": ended.timetable if ended else None})
    return found


def withdraw(session: Session, person: Person | None, timetable_id: str, now: datetime, today: date) -> None:
    """Take a timetable out of force from today: what was, stays; what is to come, is gone.

    Raises Refused (`not-in-force`) when it applies on no date from today.
    """
    person = allow(person, Action.PUBLISH_TIMETABLES)
    store.timetable_row(session, timetable_id)
    if not store.withdraw_publications(session, timetable_id, person.name, now, today):
        raise Refused("not-in-force", f"timetable {timetable_id} applies on no date from {today}", given=timetable_id)
    store.timetable_row(session, timetable_id).status = TimetableStatus.WITHDRAWN.value
    _recorded(session, person, now, "withdraw", timetable_id, {"from": str(today)})


def _way_out(finding: PublishingFinding) -> str:
    return f"accept {finding.code}" if finding.severity == "acceptable" else ""


def _check_names(session: Session, trips: Iterable[Trip]) -> None:
    """Raises Invalid for a trip that names a pattern, a day type or (in times set by hand) a stop that there is not."""
    schedule = read_schedule(session)
    stops = sorted({stop.id for stop in schedule.network.stops})
    for trip in trips:
        schedule.network.pattern(trip.pattern)
        schedule.calendar.names_of(trip.day_type)
        for call in trip.calls or ():
            if call.stop not in stops:
                allowed = ", ".join(stops)
                raise Invalid("unknown-stop", f"there is no stop {call.stop!r}", given=call.stop, allowed=allowed)


def _trip(timetable: Timetable, trip_id: str) -> Trip:
    for trip in timetable.trips:
        if trip.id == trip_id:
            return trip
    known = ", ".join(f"{trip.id} ({time_of_day_text(trip.departs)})" for trip in timetable.trips)
    raise NotFound("unknown-trip", f"timetable {timetable.id} has no trip {trip_id!r}", given=trip_id, allowed=known)


def _recorded(
    session: Session, person: Person, now: datetime, act: str, timetable_id: str, details: dict[str, Any]
) -> None:
    raise_version(session)
    add_entry(session, now, person.name, person.role, act, timetable_id, details)
