"""Roster rules: rest between days, weekly hours, Sundays that begin on Saturday evening."""

from datetime import date, timedelta

from shuttle.domain.duties.duty import Duty
from shuttle.domain.duties.roster_rules import RestDays, Shift, check_roster, rest_days_of
from shuttle.domain.duties.rules import THE_ACT
from tests.builders import WEEKDAY_TIMES, a_calendar, a_duty, trip_works

REST_DAYS = rest_days_of(a_calendar())
MONDAY = date(2026, 11, 23)


def shifts(*worked: tuple[int, Duty], first: date = MONDAY) -> list[Shift]:
    """Kari's shifts, by days after the first."""
    return [Shift(first + timedelta(days=after), "Kari", duty) for after, duty in worked]


def broken(roster: list[Shift], rest_days: RestDays = REST_DAYS) -> set[str]:
    return {violation.rule for violation in check_roster(roster, THE_ACT, rest_days)}


def test_a_driver_has_eleven_hours_between_duties() -> None:
    late, early = a_duty("17:00", "22:00"), a_duty("09:00", "13:00")
    assert broken(shifts((0, late), (1, early))) == set()
    [violation] = check_roster(shifts((0, late), (1, a_duty("08:59", "13:00"))), THE_ACT, REST_DAYS)
    assert (violation.rule, violation.who, violation.by) == ("daily_rest_minutes", "Kari", 1)


def test_saturday_evening_after_six_is_sunday_work() -> None:
    saturday, evening = date(2026, 11, 28), a_duty("16:00", "20:00")
    assert REST_DAYS.sunday_minutes(saturday, evening, THE_ACT) == 120
    assert REST_DAYS.sunday_minutes(saturday - timedelta(days=1), evening, THE_ACT) == 0
    assert REST_DAYS.sunday_minutes(saturday + timedelta(days=1), a_duty("21:00", "23:00"), THE_ACT) == 60


def test_the_afternoon_of_christmas_eve_is_protected() -> None:
    afternoon = trip_works(*WEEKDAY_TIMES[2:])
    duty = a_duty("15:00", "18:50", afternoon)
    assert REST_DAYS.sunday_minutes(date(2026, 12, 24), duty, THE_ACT) == duty.span
    assert REST_DAYS.sunday_minutes(date(2026, 12, 23), duty, THE_ACT) == 0


def test_a_holiday_before_another_is_protected_until_midnight() -> None:
    late = a_duty("21:00", "23:00")
    assert REST_DAYS.sunday_minutes(date(2026, 12, 25), late, THE_ACT) == 120
    assert REST_DAYS.sunday_minutes(date(2026, 12, 26), late, THE_ACT) == 120  # the 27th is a Sunday
    assert REST_DAYS.sunday_minutes(date(2026, 12, 27), late, THE_ACT) == 60


def test_a_driver_who_worked_on_a_sunday_is_off_on_the_next() -> None:
    short = a_duty("11:00", "15:00")
    assert broken(shifts((6, short), (20, short))) == set()
    assert broken(shifts((6, short), (13, short))) == {"next_sunday_off"}


def test_forty_hours_in_seven_days_and_thirty_eight_with_sundays() -> None:
    day = a_duty("10:00", "17:40")
    full = Duty(driver=day.driver, starts=day.starts, ends=day.ends, trips=(), breaks=((13 * 60, 13 * 60 + 15),))
    week = shifts(*((after, full) for after in range(5)))
    assert broken(week) == set()
    with_saturday = [*week, *shifts((5, a_duty("11:00", "14:00")))]
    assert broken(with_saturday) == {"longest_week_minutes"}
    with_sunday = [*week[:4], *shifts((4, a_duty("10:00", "15:00")), (6, a_duty("11:00", "16:00")))]
    assert "longest_week_minutes_with_sundays" in broken(with_sunday)


def test_a_week_without_thirty_five_hours_off_is_seen() -> None:
    short = a_duty("11:00", "15:00")
    every_day = shifts(*((after, short) for after in range(9)))
    assert "weekly_rest_minutes" in broken(every_day)
    two_days_off = shifts(*((after, short) for after in (0, 1, 2, 3, 4, 7, 8, 9)))
    assert "weekly_rest_minutes" not in broken(two_days_off)
