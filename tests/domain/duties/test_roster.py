"""Roster: duties of a date, lapsed assignments, and rules that a new assignment would break."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.duties.roster import (
    Assignment,
    DutyAssignmentWish,
    broken_rules,
    duties_of_driver,
    duties_on,
    has_lapsed,
    newly_broken,
)
from shuttle.domain.duties.rules import THE_ACT
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.publishing.finding import PublishingSeverity
from shuttle.domain.timetable.publishing.findings import findings
from shuttle.domain.timetable.service_days import Override
from shuttle.domain.timetable.trips import Publication
from tests.builders import DUTIES, a_planned_duty, a_schedule, a_timetable_with_duties, trips

MONDAY, SATURDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 28), date(2026, 11, 29)
ASSIGNED_AT = datetime(2026, 11, 1, 8, tzinfo=UTC)
SCHEDULE = a_schedule(a_timetable_with_duties())


def has(day: date, duty: str = "weekday-1", driver: str = "kari") -> Assignment:
    return Assignment(date=day, timetable="2024-10", duty=duty, driver=driver, made_at=ASSIGNED_AT)


def test_the_duties_of_a_date_are_those_of_its_day_type() -> None:
    assert [duty.id for duty in duties_on(SCHEDULE, MONDAY)] == [
        "2026-11-23.duty-2024-10-weekday-1",
        "2026-11-23.duty-2024-10-weekday-2",
    ]
    [duty] = duties_on(SCHEDULE, SATURDAY)
    assert [departure.departs for departure in duty.departures] == [660, 810, 930]
    assert duties_on(a_schedule(), MONDAY) == ()


@pytest.mark.parametrize(
    ("number", "starts", "ends", "taken"),
    [
        (1, "10:00", "09:00", ()),
        (0, "09:00", "10:00", ()),
        (1, "09:00", "10:00", (("09:30", "09:20"),)),
        (1, "09:00", "10:00", (("09:30", "10:20"),)),
    ],
)
def test_a_duty_that_runs_backwards_is_refused(
    number: int, starts: str, ends: str, taken: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(Invalid, match="runs backwards"):
        a_planned_duty("weekday", number, starts, ends, taken=taken)


def test_duties_go_when_a_departure_moves_and_return_when_it_moves_back() -> None:
    table = a_timetable_with_duties()
    moved = replace(table, trips=(*table.trips[1:], *trips("gyldenpris", "weekday", "10:05")))
    assert moved.duties_on("weekday") == () and moved.duties_on("holiday") == DUTIES[2:]
    assert moved.day_types_without_their_duties == ("weekday",)
    assert replace(moved, trips=table.trips).duties_on("weekday") == DUTIES[:2]


def test_duties_that_no_longer_fit_are_accepted_before_publishing() -> None:
    table = a_timetable_with_duties("new")
    draft = replace(table, trips=(*table.trips, *trips("gyldenpris", "holiday", "12:00")))
    [finding] = findings(a_schedule(), draft, Validity(date(2027, 1, 1)), MONDAY)
    assert (finding.code, finding.subject, finding.severity) == (
        "duties-do-not-fit",
        "holiday",
        PublishingSeverity.ACCEPTABLE,
    )


def test_a_duty_lapses_with_another_day_type_or_another_version() -> None:
    assigned = [has(MONDAY), has(MONDAY + timedelta(days=1))]
    override = Override(date=MONDAY, day_type="holiday", reason="as decided")
    holiday = replace(SCHEDULE, calendar=replace(SCHEDULE.calendar, overrides=(override,)))
    assert [has_lapsed(holiday, each) for each in assigned] == [True, False]
    other = a_timetable_with_duties("other")
    later = (
        Publication("2024-10", Validity(date(2024, 10, 1), MONDAY)),
        Publication("other", Validity(MONDAY + timedelta(days=1))),
    )
    schedule = replace(SCHEDULE, timetables=(*SCHEDULE.timetables, other), publications=later)
    assert [has_lapsed(schedule, each) for each in assigned] == [False, True]
    assert [duty.date for duty in duties_of_driver(schedule, assigned)] == [MONDAY]


def test_a_wish_covers_the_weekdays_on_which_the_duty_is_driven() -> None:
    wish = DutyAssignmentWish(
        timetable="2024-10",
        duty="weekday-1",
        first=MONDAY,
        last=MONDAY + timedelta(days=13),
        weekdays=frozenset({0, 4, 5}),
    )
    assert [day.day for day in wish.dates(SCHEDULE)] == [23, 27, 30, 4]
    christmas = DutyAssignmentWish(
        timetable="2024-10", duty="weekday-1", first=date(2026, 12, 25), last=date(2026, 12, 25)
    )
    assert christmas.dates(SCHEDULE) == []


@pytest.mark.parametrize(
    ("last", "weekdays"),
    [
        (MONDAY - timedelta(days=1), range(7)),
        (MONDAY + timedelta(days=367), range(7)),
        (date.max, range(7)),
        (MONDAY, ()),
        (MONDAY, (7,)),
    ],
)
def test_a_wish_without_days_is_refused(last: date, weekdays: range | tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        DutyAssignmentWish(timetable="2024-10", duty="weekday-1", first=MONDAY, last=last, weekdays=frozenset(weekdays))


def rules(*assigned: Assignment) -> list[tuple[str, str]]:
    return [(violation.rule, violation.who) for violation in broken_rules(SCHEDULE, assigned, THE_ACT)]


def test_eight_days_in_a_row_leave_no_weekly_rest() -> None:
    week = [has(MONDAY + timedelta(days=n), "weekday-1" if n % 7 < 5 else "holiday-1") for n in range(9)]
    assert ("weekly_rest_minutes", "kari") in rules(*week)
    assert rules(*(each for each in week if each.date.weekday() < 5)) == []


def test_two_sundays_in_a_row_are_refused_to_one_and_not_to_two_drivers() -> None:
    following = SUNDAY + timedelta(days=7)
    assert rules(has(SUNDAY, "holiday-1"), has(following, "holiday-1")) == [("next_sunday_off", "kari")]
    assert rules(has(SUNDAY, "holiday-1"), has(following, "holiday-1", "ola")) == []


def test_a_late_duty_before_an_early_one_breaks_the_daily_rest() -> None:
    late = PlannedDuty(day_type="weekday", number=2, starts=17 * 60, ends=23 * 60, trips=DUTIES[1].trips)
    table = replace(a_timetable_with_duties(), planned_duties=(DUTIES[0], late))
    schedule = a_schedule(table)
    assigned, added = [has(MONDAY, "weekday-2")], [has(MONDAY + timedelta(days=1))]
    [violation] = newly_broken(schedule, assigned, added, THE_ACT)
    assert (violation.rule, violation.by) == ("daily_rest_minutes", 15)


def test_rules_broken_before_do_not_block_a_new_assignment() -> None:
    before = [has(SUNDAY, "holiday-1"), has(SUNDAY + timedelta(days=7), "holiday-1")]
    assert newly_broken(SCHEDULE, before, [has(MONDAY)], THE_ACT) == ()
