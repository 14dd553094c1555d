"""Recorded demand from stored counts, on both databases: known passengers are recovered."""

from datetime import date, timedelta

import pytest

from shuttle.domain.access.permissions import Person, Role
from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning.passenger_cost import demand_of
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import record_and_wait
from shuttle.services.ridership.recorded_demand import with_recorded_demand
from shuttle.services.timetable.changes import change_departure
from tests.builders import SCHEDULES

DRIVER = Person("driver-7", "Driver", Role.DRIVER)
ADMIN = Person("a", "Admin", Role.ADMIN)
MONDAY = date(2026, 11, 2)
WEEKDAYS = [MONDAY + timedelta(days) for days in (0, 1, 2, 3, 4, 7, 8, 9)]
PAIR = ("vagsbunnen", "mo-gyldenpris")

RECORDED = """
id = "counted"
name = "As counted"
base_timetable = "2024-10"
day_types = ["weekday"]
grid_minutes = 30
base_stop = "vagsbunnen"
first_departure = "09:00"
last_arrival = "20:00"
patterns = [["vagsbunnen", "mo-gyldenpris", "vagsbunnen"]]

[demand]
source = "recorded"
from = 2026-11-02
to = 2026-11-13
max_wait_minutes = 120
unserved_minutes = 180
assumed = true
"""
RETURNING = """
[[demand.profile]]
day_type = "weekday"
from = "mo-gyldenpris"
to = "vagsbunnen"
starts = "12:00"
slot_minutes = 60
passengers = [2, 3]
"""
EVENING = """
[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-gyldenpris"
starts = "10:00"
slot_minutes = 60
passengers = [50, 50, 50, 50, 50, 50, 50, 50, 5, 5]
"""


def count(context: AppContext, day: date, time: str, boardings: int, left_behind: int | None = None) -> None:
    departure = f"{day}.gyldenpris-weekday-{time}"
    full = left_behind is not None or None
    observed = Count(
        departure=departure, stop="vagsbunnen", boardings=boardings, alightings=None, left_behind=left_behind, full=full
    )
    record_and_wait(context, DRIVER, observed, f"{departure}-count")


def estimated(context: AppContext, text: str = RECORDED) -> Scenario:
    schedule = context.schedule()
    return with_recorded_demand(context, schedule, read_scenario(text, schedule, context.today()))


def between(scenario: Scenario, first: int, last: int, pair: tuple[str, str] = PAIR) -> float:
    """Passengers from one hour to another."""
    rates = demand_of(scenario, "weekday").get(pair, {})
    return sum(rate for minute, rate in rates.items() if first * 60 <= minute < last * 60)


def test_known_passengers_are_found_again(context: AppContext) -> None:
    for day in WEEKDAYS:
        for time, boardings in (("1000", 4), ("1200", 6), ("1500", 5), ("1700", 3), ("1830", 2)):
            count(context, day, time, boardings)
    scenario = estimated(context)
    assert between(scenario, 0, 30) == pytest.approx(20)
    assert between(scenario, 8, 13) == pytest.approx(10, abs=2.5), "smoothing moves some over the hour's edge"
    assert scenario.demand.counted_days == (("weekday", 8),)
    assert "demand.profile" not in scenario.assumed, "nothing of it is stated"
    assert not scenario.demand.assumed


def test_a_departure_that_nobody_counted_is_missing_and_not_zero(context: AppContext) -> None:
    for day in WEEKDAYS:
        count(context, day, "1000", 4)
    for day in WEEKDAYS[:2]:
        count(context, day, "1200", 6)
    assert between(estimated(context), 0, 30) == pytest.approx(10)
    count(context, WEEKDAYS[2], "1200", 0)
    assert between(estimated(context), 0, 30) == pytest.approx(4 + 12 / 3), "a zero is a count"


def test_a_full_departure_shows_that_at_least_so_many_wished_to_board(context: AppContext) -> None:
    for day in WEEKDAYS[:4]:
        count(context, day, "1000", 8)
    assert between(estimated(context), 0, 30) == pytest.approx(8)
    for day in WEEKDAYS[4:]:
        count(context, day, "1000", 8, left_behind=3)
    assert between(estimated(context), 0, 30) > (4 * 8 + 4 * 11) / 8


def test_a_cancelled_departure_is_not_a_departure_without_passengers(context: AppContext) -> None:
    for day in WEEKDAYS:
        count(context, day, "1000", 4)
    with context.transaction() as session:
        for day in WEEKDAYS[:4]:
            departure = f"{day}.gyldenpris-weekday-1200"
            change_departure(
                session, ADMIN, departure, ChangeKind.CANCEL, ReasonCode.WEATHER, None, context.now(), True
            )
    for day in WEEKDAYS[4:]:
        count(context, day, "1200", 6)
    assert between(estimated(context), 0, 30) == pytest.approx(10)


def test_counts_replace_the_stated_profile_where_a_bus_has_run(context: AppContext) -> None:
    for day in WEEKDAYS:
        for time, boardings in (("1000", 4), ("1200", 6), ("1500", 5), ("1700", 3), ("1830", 2)):
            count(context, day, time, boardings)
    scenario = estimated(context, RECORDED + RETURNING + EVENING)
    assert between(scenario, 0, 30, ("mo-gyldenpris", "vagsbunnen")) == pytest.approx(5)
    # From 12:00 to 13:00 nobody waits for the bus at 15:00, and after 18:30 none runs: there it is as stated.
    assert between(scenario, 0, 30) == pytest.approx(20 + 50 + 5 / 2 + 5)
    assert "demand.profile" in scenario.assumed


def test_without_counts_it_is_refused_and_says_for_what(context: AppContext) -> None:
    for text in (RECORDED, RECORDED + RETURNING):
        with pytest.raises(Refused, match="nobody counted on a weekday departure") as refusal:
            estimated(context, text)
        assert refusal.value.code == "no-counts"
        assert refusal.value.given == "2026-11-02 to 2026-11-13"


def test_a_stated_scenario_is_left_as_it_is(context: AppContext) -> None:
    schedule = context.schedule()
    text = (SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text(encoding="utf-8")
    stated = read_scenario(text, schedule, context.today())
    assert with_recorded_demand(context, schedule, stated) is stated
