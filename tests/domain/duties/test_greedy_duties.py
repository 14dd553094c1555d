"""Greedy duties: the rules that a timetable without legal duties breaks."""

from shuttle.domain.duties.duty import check_duties
from shuttle.domain.duties.greedy_duties import greedy_duties, rules_in_the_way
from shuttle.domain.duties.rules import THE_ACT
from tests.builders import HOLIDAY_TIMES, WEEKDAY_TIMES, trip_works


def test_a_day_with_a_gap_for_a_break_has_no_rule_in_the_way() -> None:
    assert rules_in_the_way(trip_works(*HOLIDAY_TIMES), THE_ACT, drivers=1) == ()
    assert rules_in_the_way(trip_works(*WEEKDAY_TIMES[:-1]), THE_ACT, drivers=1) == ()


def test_a_day_without_a_gap_lacks_a_break() -> None:
    trips = trip_works("10:00", "11:00", "12:00", "13:00", "14:00", "15:00", minutes=55)
    rules = rules_in_the_way(trips, THE_ACT, drivers=1)
    assert "break_after_minutes" in rules and "longest_piece_minutes" in rules


def test_two_trips_at_once_and_one_driver_lack_a_driver() -> None:
    assert "drivers" in rules_in_the_way(trip_works("10:00", "10:05"), THE_ACT, drivers=1)


def test_a_trip_after_midnight_is_night_work() -> None:
    assert "night_work" in rules_in_the_way(trip_works("23:55"), THE_ACT)


def test_greedy_duties_man_every_trip_and_break_only_the_named_rules() -> None:
    trips = trip_works("08:00", "09:30", "13:00", "17:00", "20:00")
    duties = greedy_duties(trips, THE_ACT, 2, 19 * 60)
    assert {trip for duty in duties for trip in duty.trips} == set(trips)
    rules = set(rules_in_the_way(trips, THE_ACT, 2, 19 * 60))
    assert {violation.rule for violation in check_duties(duties, trips, THE_ACT, 2, 19 * 60)} == rules
