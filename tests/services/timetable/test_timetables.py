"""A timetable's life: copied, edited, published, withdrawn, rolled back to."""

from datetime import date

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import clock
from shuttle.domain.timetable.trips import TimetableStatus, Trip
from shuttle.services.app_context import House
from shuttle.services.timetable import timetables as acts

PLANNER = Person("p", "Planner", Role.PLANNER)
NEW_YEAR = date(2027, 1, 4)


def a_draft(house: House, identifier: str = "2027-01") -> None:
    with house.transaction() as session:
        acts.copy_timetable(session, PLANNER, "2024-10", identifier, "Ny tabell", house.now())


def publish(house: House, identifier: str, first: date, last: date | None = None) -> list[str]:
    with house.transaction() as session:
        found = acts.publish(session, PLANNER, identifier, Validity(first, last), house.now(), house.today())
    return [finding.code for finding in found]


def times(house: House, day: date) -> list[str]:
    return [clock(departure.departs) for departure in house.schedule().departures_on(day).departures]


def test_a_copied_and_edited_timetable_runs_from_the_date_on_which_it_is_published(house: House) -> None:
    a_draft(house)
    with house.transaction() as session:
        acts.move_trip(session, PLANNER, "2027-01", "gyldenpris-weekday-1000", 9 * 60 + 30, house.now())
        acts.add_trip(session, PLANNER, "2027-01", Trip("gyldenpris", "weekday", 20 * 60), house.now())
        acts.delete_trip(session, PLANNER, "2027-01", "gyldenpris-weekday-1200", house.now())
    assert publish(house, "2027-01", NEW_YEAR) == []
    assert times(house, NEW_YEAR) == ["09:30", "15:00", "17:00", "18:30", "20:00"]
    assert times(house, date(2026, 12, 30)) == ["10:00", "12:00", "15:00", "17:00", "18:30"]


def test_an_older_version_can_be_published_again_untouched(house: House) -> None:
    a_draft(house)
    publish(house, "2027-01", NEW_YEAR)
    publish(house, "2024-10", date(2027, 2, 1))
    named = [house.schedule().departures_on(day).timetable for day in (date(2026, 12, 1), NEW_YEAR, date(2027, 2, 1))]
    assert named == ["2024-10", "2027-01", "2024-10"]


def test_every_blocker_is_named_and_nothing_is_published(house: House) -> None:
    a_draft(house)
    with house.transaction() as session:
        acts.set_trips(session, PLANNER, "2027-01", [Trip("gyldenpris", "weekday", 23 * 60)], house.now())
    with pytest.raises(Refused) as refusal:
        publish(house, "2027-01", NEW_YEAR)
    assert [fault.given for fault in refusal.value.faults] == ["outside-opening-hours"]
    assert house.schedule().timetable_by_id["2027-01"].status is TimetableStatus.DRAFT
    with house.transaction() as session:
        acts.publish(
            session, PLANNER, "2027-01", Validity(NEW_YEAR), house.now(), house.today(), ["outside-opening-hours"]
        )
    assert times(house, NEW_YEAR) == ["23:00"]


def test_a_published_timetable_cannot_be_edited(house: House) -> None:
    with pytest.raises(Refused, match="cannot be edited"), house.transaction() as session:
        acts.delete_trip(session, PLANNER, "2024-10", "gyldenpris-weekday-1000", house.now())


def test_a_withdrawn_timetable_explains_the_past_and_runs_no_more(house: House) -> None:
    with house.transaction() as session:
        acts.withdraw(session, PLANNER, "2024-10", house.now(), house.today())
    assert times(house, house.today()) == []
    assert times(house, date(2026, 11, 20)) == ["10:00", "12:00", "15:00", "17:00", "18:30"]
    with pytest.raises(Refused, match="applies on no date"), house.transaction() as session:
        acts.withdraw(session, PLANNER, "2024-10", house.now(), house.today())


def test_two_departures_alike_are_refused(house: House) -> None:
    a_draft(house)
    with pytest.raises(Invalid, match="twice"), house.transaction() as session:
        acts.add_trip(session, PLANNER, "2027-01", Trip("gyldenpris", "weekday", 600), house.now())


def test_an_id_is_taken_once(house: House) -> None:
    a_draft(house)
    with pytest.raises(Refused, match="already a timetable"):
        a_draft(house)


def test_what_is_not_there_is_not_found(house: House) -> None:
    with pytest.raises(NotFound), house.transaction() as session:
        acts.copy_timetable(session, PLANNER, "nothing", "x", "x", house.now())
    a_draft(house)
    with pytest.raises(NotFound, match="no trip"), house.transaction() as session:
        acts.delete_trip(session, PLANNER, "2027-01", "nothing", house.now())


def test_staff_publish_nothing(house: House) -> None:
    a_draft(house)
    staff = Person("s", "Staff", Role.STAFF)
    with pytest.raises(NotAllowed), house.transaction() as session:
        acts.publish(session, staff, "2027-01", Validity(NEW_YEAR), house.now(), house.today())
