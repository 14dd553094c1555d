"""Departures of a date: trips of its day type, and changes."""

from datetime import UTC, date, datetime

import pytest

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.service_time import dates, time_of_day_text
from shuttle.domain.timetable.departures import DepartureStatus, Schedule
from tests.builders import (
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    with_changes,
)

FRIDAY = date(2026, 5, 15)
TEN = "gyldenpris-weekday-1000"


def times(schedule: Schedule, day: date) -> list[str]:
    return [
        time_of_day_text(departure.departs) for departure in schedule.departures_on(day).departures if departure.runs
    ]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 5, 15), ["10:00", "12:00", "15:00", "17:00", "18:30"]),
        (date(2026, 5, 14), ["11:00", "13:30", "15:30"]),
        (date(2026, 5, 16), ["11:00", "13:30", "15:30"]),
        (date(2027, 5, 17), ["11:00", "13:30", "15:30"]),
        (date(2028, 2, 29), ["10:00", "12:00", "15:00", "17:00", "18:30"]),
        (date(2024, 9, 30), []),
    ],
)
def test_the_real_timetable_runs_as_the_plan_says(day: date, expected: list[str]) -> None:
    assert times(the_real_schedule(), day) == expected


@pytest.mark.parametrize(("year", "departures"), [(2026, 1601), (2027, 1605), (2028, 1600), (2029, 1597), (2030, 1597)])
def test_a_year_has_the_departures_counted_by_hand(year: int, departures: int) -> None:
    schedule = the_real_schedule()
    days = dates(date(year, 1, 1), date(year, 12, 31))
    assert sum(len(schedule.departures_on(day).departures) for day in days) == departures


def test_a_cancelled_departure_stays_in_the_day_with_its_reason() -> None:
    schedule = with_changes(a_schedule(), a_cancellation(TEN, FRIDAY))
    departure = schedule.departure(f"{FRIDAY}.{TEN}")
    assert departure.status is DepartureStatus.CANCELLED
    assert departure.reason == "vehicle_fault"
    assert departure.revision == 1
    assert len(schedule.departures_on(FRIDAY).departures) == 5


def test_a_retimed_departure_keeps_its_id_and_moves_every_call() -> None:
    departure = with_changes(a_schedule(), a_retiming(TEN, FRIDAY, "10:20")).departure(f"{FRIDAY}.{TEN}")
    assert departure.status is DepartureStatus.RETIMED
    assert [time_of_day_text(call.arrives) for call in departure.calls] == ["10:20", "10:30"]
    assert departure.planned == 600


def test_an_extra_departure_stands_in_order_of_time() -> None:
    schedule = with_changes(a_schedule(), an_extra("gyldenpris", FRIDAY, "13:30"))
    assert times(schedule, FRIDAY) == ["10:00", "12:00", "13:30", "15:00", "17:00", "18:30"]
    assert schedule.departure(f"{FRIDAY}.extra-gyldenpris-1330").status is DepartureStatus.EXTRA


def test_an_extra_departure_can_be_cancelled_by_name() -> None:
    name = "extra-gyldenpris-1330"
    schedule = with_changes(a_schedule(), an_extra("gyldenpris", FRIDAY, "13:30"), a_cancellation(name, FRIDAY))
    assert schedule.departure(f"{FRIDAY}.{name}").status is DepartureStatus.CANCELLED


def test_of_two_changes_the_one_made_last_holds() -> None:
    early = a_cancellation(TEN, FRIDAY, made_at=datetime(2026, 5, 1, tzinfo=UTC))
    late = a_retiming(TEN, FRIDAY, "10:20", made_at=datetime(2026, 5, 2, tzinfo=UTC))
    for order in ((early, late), (late, early)):
        departure = with_changes(a_schedule(), *order).departure(f"{FRIDAY}.{TEN}")
        assert (departure.status, departure.revision) == (DepartureStatus.RETIMED, 2)


def test_a_withdrawn_change_leaves_only_a_higher_revision() -> None:
    change = a_cancellation(TEN, FRIDAY, withdrawn_at=datetime(2026, 5, 15, 7, tzinfo=UTC), withdrawn_by="p")
    departure = with_changes(a_schedule(), change).departure(f"{FRIDAY}.{TEN}")
    assert (departure.status, departure.revision) == (DepartureStatus.SCHEDULED, 2)
    assert departure.changed_at == datetime(2026, 5, 15, 7, tzinfo=UTC)


def test_a_change_touches_its_dates_and_no_other() -> None:
    schedule = with_changes(a_schedule(), a_cancellation(TEN, date(2026, 5, 18), date(2026, 5, 20)))
    running = [times(schedule, date(2026, 5, day))[0] for day in (15, 18, 20, 21)]
    assert running == ["10:00", "12:00", "12:00", "10:00"]


def test_a_departure_keeps_its_name_in_a_republished_version() -> None:
    later = a_timetable("2026-08", trips("gyldenpris", "weekday", "10:00", "20:00"))
    assert a_schedule().departure(f"{FRIDAY}.{TEN}").id == a_schedule(later).departure(f"{FRIDAY}.{TEN}").id


def test_a_trip_past_midnight_belongs_to_its_service_date() -> None:
    schedule = a_schedule(a_timetable("night", trips("gyldenpris", "weekday", "24:10")))
    assert times(schedule, FRIDAY) == ["24:10"]


@pytest.mark.parametrize(
    "name", ["", "x", "2026-05-15", "2026-05-15.", f"2026-02-30.{TEN}", f"{FRIDAY}.nothing", "../x"]
)
def test_a_departure_that_does_not_exist_is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        a_schedule().departure(name)


def test_only_departures_that_call_at_a_stop_are_shown_for_it() -> None:
    day = a_schedule().departures_on(FRIDAY)
    assert len(day.at_stop("mo-gyldenpris").departures) == 5
    assert day.at_stop("mo-nesttun").departures == ()
