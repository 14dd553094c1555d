"""Checks of a duty (length, breaks, night work) and of a day's duties (trips without a driver)."""

from dataclasses import replace

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.duties.duty import Duty, TripWork, check_duties, check_duty, night_minutes
from shuttle.domain.duties.rules import THE_ACT, RuleProfile
from tests.builders import WEEKDAY_TIMES, a_duty, trip_works


def broken(duty: Duty, profile: RuleProfile = THE_ACT) -> set[str]:
    return {violation.rule for violation in check_duty(duty, profile)}


def test_the_weekday_pattern_fits_one_duty_only_with_an_unpaid_break() -> None:
    """09:45 to 18:50 spans 9 h 05: legal as one duty with 30 minutes that the driver can leave for."""
    duty = a_duty("09:45", "18:50", trip_works(*WEEKDAY_TIMES, minutes=5, turnaround=0))
    assert broken(duty) >= {"longest_duty_minutes", "long_duty_break_minutes"}
    assert broken(replace(duty, breaks=((13 * 60, 13 * 60 + 30),))) == set()
    assert "longest_duty_minutes" in broken(
        replace(duty, breaks=((13 * 60, 13 * 60 + 30),)), replace(THE_ACT, breaks_are_paid=True)
    )


@pytest.mark.parametrize(
    ("ends", "breaks", "rule"),
    [
        ("15:30", (), None),
        ("15:31", (), "break_after_minutes"),
        ("15:31", (("12:00", "12:15"),), None),
        ("15:31", (("12:00", "12:14"),), "shortest_break_minutes"),
        ("17:59", (("13:00", "13:15"),), None),
        ("18:00", (("13:00", "13:15"),), "long_duty_break_minutes"),
        ("18:00", (("12:00", "12:15"), ("14:00", "14:15")), None),
        ("18:00", (("13:00", "13:31"),), "longest_break_minutes"),
        ("18:00", (("15:31", "16:01"),), "longest_piece_minutes"),
        ("15:30", (("12:00", "12:15"),), "longest_break_minutes"),
        ("19:30", (("14:00", "14:30"),), None),
        ("19:31", (("14:00", "14:30"),), "longest_duty_minutes"),
    ],
)
def test_a_duty_from_ten_meets_each_limit_to_the_minute(
    ends: str, breaks: tuple[tuple[str, str], ...], rule: str | None
) -> None:
    taken = tuple((parse_time_of_day(since), parse_time_of_day(until)) for since, until in breaks)
    rules = broken(replace(a_duty("10:00", ends), breaks=taken))
    assert (rule in rules) if rule else rules == set()


def test_a_break_is_not_taken_while_driving() -> None:
    duty = a_duty("09:45", "17:00", trip_works("10:00", "13:00"))
    assert broken(replace(duty, breaks=((12 * 60 + 30, 13 * 60),))) == set()
    assert broken(replace(duty, breaks=((12 * 60 + 40, 13 * 60 + 10),))) == {"break_at_base_stop"}


def test_signing_on_and_off_is_work_and_no_break() -> None:
    duty = a_duty("09:45", "15:45", trip_works("10:00"))
    assert broken(replace(duty, breaks=((15 * 60, 15 * 60 + 30),))) == set()
    assert broken(replace(duty, breaks=((15 * 60 + 1, 15 * 60 + 31),))) == {"break_while_signing_on_or_off"}


def test_a_driver_drives_one_bus_at_a_time_and_has_signed_on() -> None:
    assert broken(a_duty("09:45", "12:00", trip_works("10:00", "10:20"))) == {"one_trip_at_a_time"}
    assert broken(a_duty("09:46", "12:00", trip_works("10:00"))) == {"sign_on_minutes"}
    assert broken(a_duty("09:45", "10:39", trip_works("10:00"))) == {"sign_off_minutes"}


def test_two_shifts_between_six_and_midnight_are_not_night_work() -> None:
    late = a_duty("15:00", "23:00")
    assert night_minutes(late, THE_ACT) == 120
    assert "night_work" not in broken(late)
    assert "night_work" in broken(a_duty("17:00", "24:01"))
    assert "night_work" not in broken(a_duty("17:00", "24:01"), replace(THE_ACT, night_work=True))


def test_a_trip_after_the_hour_asks_for_two_on_board() -> None:
    early, late = trips = trip_works("19:20", "19:45")
    one = a_duty("19:00", "21:00", trips)
    [missing] = check_duties([one], trips, THE_ACT, drivers=1, two_on_board_after=20 * 60)
    assert (missing.rule, missing.who, missing.by) == ("two_on_board", late.name, 1)
    both = [one, replace(one, driver=2, trips=(late,))]
    assert check_duties(both, trips, THE_ACT, drivers=2, two_on_board_after=20 * 60) == ()
    assert early.ends <= 20 * 60 < late.ends


def test_a_day_names_trips_without_a_driver_and_missing_drivers() -> None:
    trips = trip_works("10:00", "12:00")
    duties = [a_duty("09:45", "11:00", trips[:1]), a_duty("09:45", "11:00", driver=2)]
    assert [v.rule for v in check_duties(duties, trips, THE_ACT, drivers=1)] == ["drivers", "unmanned_trip"]


def test_a_profile_refuses_a_break_longer_than_the_longest() -> None:
    with pytest.raises(Invalid, match="long_duty_break_minutes is longer than longest_break_minutes"):
        replace(THE_ACT, long_duty_break_minutes=45)


def test_work_that_runs_backwards_is_refused() -> None:
    with pytest.raises(Invalid, match="runs backwards"):
        TripWork(600, 590, 620)
