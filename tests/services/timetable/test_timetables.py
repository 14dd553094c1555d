"""The life cycle of a timetable: copied, edited, published, withdrawn, rolled back."""

from datetime import date

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.timetable.trips import TimetableStatus, Trip
from shuttle.services.app_context import AppContext
from shuttle.services.timetable import publishing, timetables

PLANNER = Person("p", "Planner", Role.PLANNER)
NEW_YEAR = date(2027, 1, 4)


def a_draft(context: AppContext, identifier: str = "2027-01") -> None:
    with context.transaction() as session:
        timetables.copy_timetable(session, PLANNER, "2024-10", identifier, "Ny tabell", context.now())


def publish(context: AppContext, identifier: str, first: date, last: date | None = None) -> list[str]:
    with context.transaction() as session:
        findings = publishing.publish(
            session, PLANNER, identifier, Validity(first, last), context.now(), context.today()
        )
    return [finding.code for finding in findings]


def times(context: AppContext, day: date) -> list[str]:
    return [time_of_day_text(departure.departs) for departure in context.schedule().departures_on(day).departures]


def test_a_copied_and_edited_timetable_runs_from_its_publication(context: AppContext) -> None:
    a_draft(context)
    with context.transaction() as session:
        timetables.move_trip(session, PLANNER, "2027-01", "gyldenpris-weekday-1000", 9 * 60 + 30, context.now())
        timetables.add_trip(session, PLANNER, "2027-01", Trip("gyldenpris", "weekday", 20 * 60), context.now())
        timetables.delete_trip(session, PLANNER, "2027-01", "gyldenpris-weekday-1200", context.now())
    assert publish(context, "2027-01", NEW_YEAR) == []
    assert times(context, NEW_YEAR) == ["09:30", "15:00", "17:00", "18:30", "20:00"]
    assert times(context, date(2026, 12, 30)) == ["10:00", "12:00", "15:00", "17:00", "18:30"]


def test_an_older_version_can_be_published_again_untouched(context: AppContext) -> None:
    a_draft(context)
    publish(context, "2027-01", NEW_YEAR)
    publish(context, "2024-10", date(2027, 2, 1))
    named = [context.schedule().departures_on(day).timetable for day in (date(2026, 12, 1), NEW_YEAR, date(2027, 2, 1))]
    assert named == ["2024-10", "2027-01", "2024-10"]


def test_every_blocker_is_named_and_nothing_is_published(context: AppContext) -> None:
    a_draft(context)
    with context.transaction() as session:
        late, weekend = Trip("gyldenpris", "weekday", 23 * 60), Trip("gyldenpris", "holiday", 12 * 60)
        timetables.set_trips(session, PLANNER, "2027-01", [late, weekend], context.now())
    with pytest.raises(Refused) as refusal:
        publish(context, "2027-01", NEW_YEAR)
    assert [fault.given for fault in refusal.value.faults] == ["outside-opening-hours"]
    assert context.schedule().timetable_by_id["2027-01"].status is TimetableStatus.DRAFT
    with context.transaction() as session:
        publishing.publish(
            session, PLANNER, "2027-01", Validity(NEW_YEAR), context.now(), context.today(), ["outside-opening-hours"]
        )
    assert times(context, NEW_YEAR) == ["23:00"]


def test_a_published_timetable_cannot_be_edited(context: AppContext) -> None:
    with pytest.raises(Refused, match="cannot be edited"), context.transaction() as session:
        timetables.delete_trip(session, PLANNER, "2024-10", "gyldenpris-weekday-1000", context.now())


def test_a_withdrawn_timetable_explains_the_past_and_runs_no_more(context: AppContext) -> None:
    with context.transaction() as session:
        publishing.withdraw(session, PLANNER, "2024-10", context.now(), context.today(), ["no-timetable"])
    assert times(context, context.today()) == []
    assert times(context, date(2026, 11, 20)) == ["10:00", "12:00", "15:00", "17:00", "18:30"]
    with pytest.raises(Refused, match="applies on no date"), context.transaction() as session:
        publishing.withdraw(session, PLANNER, "2024-10", context.now(), context.today(), ["no-timetable"])


def test_two_departures_alike_are_refused(context: AppContext) -> None:
    a_draft(context)
    with pytest.raises(Invalid, match="twice"), context.transaction() as session:
        timetables.add_trip(session, PLANNER, "2027-01", Trip("gyldenpris", "weekday", 600), context.now())


def test_an_id_is_taken_once(context: AppContext) -> None:
    a_draft(context)
    with pytest.raises(Refused, match="already a timetable"):
        a_draft(context)


def test_what_is_not_there_is_not_found(context: AppContext) -> None:
    with pytest.raises(NotFound), context.transaction() as session:
        timetables.copy_timetable(session, PLANNER, "nothing", "x", "x", context.now())
    a_draft(context)
    with pytest.raises(NotFound, match="no trip"), context.transaction() as session:
        timetables.delete_trip(session, PLANNER, "2027-01", "nothing", context.now())


def test_staff_publish_nothing(context: AppContext) -> None:
    a_draft(context)
    staff = Person("s", "Staff", Role.STAFF)
    with pytest.raises(NotAllowed), context.transaction() as session:
        publishing.publish(session, staff, "2027-01", Validity(NEW_YEAR), context.now(), context.today())
