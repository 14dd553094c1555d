"""Duty costs: paid minutes without unpaid breaks, NOK with supplements by window."""

from dataclasses import replace

from shuttle.domain.duties.costs import Pay, duties_nok, paid_minutes, pay_on
from shuttle.domain.duties.duty import Duty
from shuttle.domain.duties.rules import THE_ACT
from shuttle.domain.timetable.network import Costs, Supplement
from tests.builders import a_duty

EVENING = Supplement(name="evening", day_types=("weekday",), starts=17 * 60, ends=6 * 60, nok_per_hour=56.0)
COSTS = Costs(nok_per_driver_hour=450.0, nok_per_km=6.0, supplements=(EVENING,))


def test_an_unpaid_break_is_not_paid_and_a_paid_one_is() -> None:
    duty = Duty(driver=1, starts=585, ends=1050, trips=(), breaks=((780, 810),))
    assert paid_minutes([duty], THE_ACT) == 435
    assert paid_minutes([duty], replace(THE_ACT, breaks_are_paid=True)) == 465


def test_a_supplement_is_paid_for_the_hours_in_its_window() -> None:
    duty = a_duty("16:00", "18:00")
    assert duties_nok([duty], THE_ACT, pay_on(COSTS, "weekday")) == 2 * 450 + 56
    assert duties_nok([duty], THE_ACT, pay_on(COSTS, "holiday")) == 2 * 450


def test_a_window_past_midnight_covers_the_small_hours_of_its_own_day() -> None:
    assert duties_nok([a_duty("05:00", "07:00")], THE_ACT, pay_on(COSTS, "weekday")) == 2 * 450 + 56
    assert duties_nok([a_duty("23:00", "25:00")], THE_ACT, pay_on(COSTS, "weekday")) == 2 * (450 + 56)


def test_without_rates_a_minute_costs_one() -> None:
    duty = a_duty("10:00", "12:00")
    assert Pay().units(duty.pieces) == 120
    assert duties_nok([duty], THE_ACT, Pay()) == 0.0
