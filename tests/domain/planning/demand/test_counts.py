"""Origin-destination counts from counts at stops."""

from dataclasses import replace
from datetime import date

from shuttle.domain.planning.demand.counts import StopCountsOfDeparture, comparable_dates, counted_day, stops_ahead
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.timetable.service_days import Override
from shuttle.domain.timetable.trips import Trip
from tests.builders import a_calendar, a_cancellation, a_schedule, a_timetable, with_changes

MONDAY = date(2026, 11, 23)
ROUND = a_schedule(a_timetable(several=(Trip("round", "weekday", 600),)))
BASE, GYLDENPRIS, NESTTUN = "vagsbunnen", "mo-gyldenpris", "mo-nesttun"


def counted(counts: dict[str, Count], destination: str = NESTTUN, origin: str = BASE) -> StopCountsOfDeparture:
    [departure] = ROUND.departures_on(MONDAY).departures
    day = counted_day(MONDAY, [departure], {departure.id: list(counts.values())}, origin, destination)
    return day.departures[0]


def at(stop: str, boardings: int, alightings: int | None = None, left_behind: int | None = None) -> Count:
    return Count(departure="", stop=stop, boardings=boardings, alightings=alightings, left_behind=left_behind)


def test_boardings_are_divided_by_the_alightings_downstream() -> None:
    counts = {
        stop: at(stop, *numbers) for stop, numbers in {BASE: (8, 0, 4), GYLDENPRIS: (0, 6), NESTTUN: (0, 2)}.items()
    }
    assert counted(counts) == StopCountsOfDeparture(600, 2.0, 1.0, left_most=1.25)
    assert counted(counts, GYLDENPRIS) == StopCountsOfDeparture(600, 6.0, 3.0, left_most=3.75)


def test_without_the_needed_alightings_the_departure_is_not_counted() -> None:
    assert counted({BASE: at(BASE, 8), NESTTUN: at(NESTTUN, 0, 2)}).boardings is None
    assert counted({}).boardings is None


def test_with_one_stop_ahead_all_boardings_are_for_it() -> None:
    schedule = a_schedule()
    departures = schedule.departures_on(MONDAY).departures
    counts = {departures[1].id: [at(BASE, 0)], departures[2].id: [at(BASE, 5)]}
    day = counted_day(MONDAY, departures, counts, BASE, GYLDENPRIS)
    assert [departure.boardings for departure in day.departures] == [None, 0, 5, None, None]
    assert counted_day(MONDAY, departures, counts, BASE, NESTTUN).departures == ()


def test_a_cancelled_departure_is_left_out() -> None:
    schedule = with_changes(a_schedule(), a_cancellation("gyldenpris-weekday-1200", MONDAY))
    day = counted_day(MONDAY, schedule.departures_on(MONDAY).departures, {}, BASE, GYLDENPRIS)
    assert [departure.departs for departure in day.departures] == [600, 900, 1020, 1110]


def test_the_boarding_stop_is_no_destination() -> None:
    [departure] = ROUND.departures_on(MONDAY).departures
    assert stops_ahead(departure, BASE) == (GYLDENPRIS, NESTTUN)
    assert stops_ahead(departure, GYLDENPRIS) == (NESTTUN, BASE)


def test_days_of_one_type_are_comparable_except_overridden_ones() -> None:
    calendar = a_calendar()
    week = comparable_dates(calendar, "weekday", MONDAY, date(2026, 11, 29))
    assert [day.isoformat() for day in week] == [f"2026-11-{day}" for day in range(23, 28)]
    overridden = replace(calendar, overrides=(Override(date=MONDAY, day_type="holiday", reason="snow"),))
    assert comparable_dates(overridden, "holiday", MONDAY, MONDAY) == ()
