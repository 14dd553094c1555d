"""View of a driver's day: what is counted at which call."""

from dataclasses import replace
from datetime import date, datetime

from shuttle.domain.timetable.changes import ReasonCode
from shuttle.language import words
from shuttle.web.pages.driver.day_view import DAYS, driver_days
from tests.builders import a_cancellation, a_schedule, a_timetable, trips, with_changes
from tests.conftest import OSLO

MONDAY = date(2026, 11, 23)
MONDAY_MORNING = datetime(2026, 11, 23, 9, tzinfo=OSLO)


def test_people_board_before_the_last_stop_and_get_off_after_the_first() -> None:
    (trip, *_) = driver_days(a_schedule(), MONDAY_MORNING, OSLO, words("nb"))[0].trips
    assert [(call.stop, call.boards, call.alights) for call in trip.calls] == [
        ("vagsbunnen", True, False),
        ("mo-gyldenpris", False, True),
    ]


def test_a_stop_that_is_visited_twice_is_boarded_first_and_left_last() -> None:
    schedule = a_schedule(a_timetable(several=trips("round", "weekday", "10:00")))
    (trip,) = driver_days(schedule, MONDAY_MORNING, OSLO, words("nb"))[0].trips
    base = [call for call in trip.calls if call.stop == "vagsbunnen"]
    assert [(call.boards, call.alights) for call in base] == [(True, False), (False, True)]
    assert all(call.boards and call.alights for call in trip.calls[1:-1])


def test_a_cancelled_departure_stays_on_the_list_with_its_reason() -> None:
    cancelled = a_cancellation("gyldenpris-weekday-1200", MONDAY, reason=ReasonCode.NO_DRIVER)
    day = driver_days(with_changes(a_schedule(), cancelled), MONDAY_MORNING, OSLO, words("nn"))[0]
    assert [(trip.runs, trip.reason) for trip in day.trips][:2] == [(True, ""), (False, "Ingen sjåfør tilgjengeleg")]


def test_the_phone_is_given_today_and_the_days_after_it() -> None:
    days = driver_days(replace(a_schedule()), MONDAY_MORNING, OSLO, words("en"))
    assert [day.day.day for day in days] == [23, 24, 25] and len(days) == DAYS


def test_moments_carry_the_offset_of_their_own_side_of_a_clock_change() -> None:
    day_before, day_of, _ = driver_days(a_schedule(), datetime(2026, 10, 24, 9, tzinfo=OSLO), OSLO, words("nb"))
    assert [day.trips[0].leaves.isoformat()[-6:] for day in (day_before, day_of)] == ["+02:00", "+01:00"]


def test_after_midnight_the_day_that_is_still_driven_comes_first() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "10:00", "25:10")))
    days = driver_days(schedule, datetime(2026, 11, 24, 1, 0, tzinfo=OSLO), OSLO, words("nb"))
    assert [day.day.day for day in days] == [23, 24, 25, 26]


def test_at_each_call_the_driver_reads_where_the_bus_goes_on_to() -> None:
    schedule = a_schedule(a_timetable(several=trips("round", "weekday", "10:00")))
    (trip,) = driver_days(schedule, MONDAY_MORNING, OSLO, words("nb"))[0].trips
    assert trip.headsign == "MO Gyldenpris og MO Nesttun"
    assert [call.headsign for call in trip.calls[1:]] == ["MO Nesttun og Vågsbunnen", "Vågsbunnen", ""]
