"""A driver's own calendar, as readers of two families show it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.basics.service_time import instant
from shuttle.domain.duties.roster import Assignment, duties_of_driver
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.ical.calendars import duties_calendar
from tests.builders import DUTIES, a_cancellation, a_schedule, a_timetable_with_duties, with_changes
from tests.conftest import OSLO
from tests.feeds.ical.calendar_readers import READERS, Reader
from tests.feeds.ical.test_calendars import properties

WEDNESDAY = date(2026, 5, 13)
GIVEN_AT, TAKEN_AT = datetime(2026, 4, 1, 8, tzinfo=UTC), datetime(2026, 4, 20, 9, tzinfo=UTC)
SCHEDULE = a_schedule(a_timetable_with_duties())
UID = "2026-05-13.duty-2024-10-weekday-1@shuttle"

each_reader = pytest.mark.parametrize("reader", READERS)


def has(day: date = WEDNESDAY, duty: str = "weekday-1", taken_back: datetime | None = None) -> Assignment:
    return Assignment(
        date=day, timetable="2024-10", duty=duty, driver="kari", made_at=GIVEN_AT, withdrawn_at=taken_back
    )


def calendar(*assignments: Assignment, schedule: Schedule = SCHEDULE, today: date = WEDNESDAY) -> bytes:
    return duties_calendar(schedule, duties_of_driver(schedule, assignments), today, OSLO, "nn")


@each_reader
def test_a_driver_sees_every_duty_from_signing_on_to_signing_off(reader: Reader) -> None:
    saturday = date(2026, 10, 24)  # the clocks go back in the night after it
    days = {WEDNESDAY: "weekday-1", saturday: "holiday-1", saturday + timedelta(days=1): "holiday-1"}
    seen = {(event.starts, event.ends) for event in reader(calendar(*(has(*each) for each in days.items())))}
    hours = {duty.id: (duty.starts, duty.ends) for duty in DUTIES}
    assert seen == {
        tuple(instant(day, minute, OSLO).astimezone(UTC) for minute in hours[duty]) for day, duty in days.items()
    }


def test_an_event_says_trips_and_breaks_in_order_of_time_and_nobody_s_name() -> None:
    content = calendar(has())
    assert properties(content, "UID") == [UID]
    assert properties(content, "SUMMARY") == ["Køyrevakt 09.45–15.40"]
    lines = properties(content, "DESCRIPTION")[-1].replace("\N{NO-BREAK SPACE}", " ").split("\\n")
    trip = "MO Gyldenpris kl. "
    assert lines == [trip + "10.00", trip + "12.00", "Pause kl. 13.00–kl. 13.30", trip + "15.00"]
    assert b"kari" not in content


@each_reader
def test_a_duty_taken_back_is_cancelled_until_its_date_is_past(reader: Reader) -> None:
    content = calendar(has(taken_back=TAKEN_AT))
    [event] = reader(content)
    assert (event.uid, event.cancelled) == (UID, True)
    assert event.summary.startswith("AVLYST: ")
    assert properties(content, "TRANSP") == ["TRANSPARENT"]
    assert list(reader(calendar(has(taken_back=TAKEN_AT), today=WEDNESDAY + timedelta(days=1)))) == []


def test_sequence_rises_with_each_change_and_has_the_stamp_of_the_last() -> None:
    again = Assignment(
        date=WEDNESDAY, timetable="2024-10", duty="weekday-1", driver="kari", made_at=TAKEN_AT + timedelta(days=1)
    )
    lives = ([has()], [has(taken_back=TAKEN_AT)], [has(taken_back=TAKEN_AT), again])
    shown = [(properties(calendar(*life), "SEQUENCE"), properties(calendar(*life), "DTSTAMP")) for life in lives]
    assert shown == [(["0"], ["20260401T080000Z"]), (["1"], ["20260420T090000Z"]), (["2"], ["20260421T090000Z"])]


def test_a_cancelled_departure_changes_the_duty_that_drives_it() -> None:
    schedule = with_changes(SCHEDULE, a_cancellation("gyldenpris-weekday-1200", WEDNESDAY))
    content = calendar(has(), schedule=schedule)
    assert "AVLYST: MO Gyldenpris" in properties(content, "DESCRIPTION")[-1]
    assert properties(content, "STATUS") == ["CONFIRMED"]
    assert properties(content, "SEQUENCE") == ["1"] and properties(content, "DTSTAMP") == ["20260513T060000Z"]
    assert properties(calendar(has(duty="weekday-2"), schedule=schedule), "SEQUENCE") == ["0"]


def test_a_duty_that_is_not_driven_on_the_date_is_not_shown() -> None:
    ascension = date(2026, 5, 14)
    assert properties(calendar(has(ascension)), "UID") == []
    assert properties(calendar(has(ascension, "holiday-1")), "UID") != []
