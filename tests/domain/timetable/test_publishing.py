"""Publishing checks: blockers, acceptable findings and warnings."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Network, Vehicle
from shuttle.domain.timetable.publishing.consequences import Change, as_published_over, as_withdrawn, uncovered
from shuttle.domain.timetable.publishing.finding import PublishingSeverity, blocking_findings
from shuttle.domain.timetable.publishing.findings import findings, withdrawal_findings
from shuttle.domain.timetable.publishing.vehicle_blocks import vehicles_needed
from shuttle.domain.timetable.trips import Trip
from tests.builders import a_schedule, a_timetable, trips, with_hours

TODAY = date(2026, 11, 1)
HOLIDAY = trips("gyldenpris", "holiday", "11:00")
IN_TIME = Validity(date(2027, 1, 1))


def codes(timetable_times: tuple[str, ...] = ("10:00",), valid: Validity = IN_TIME, **hours: int) -> list[str]:
    schedule = a_schedule(last=date(2026, 12, 31))
    if hours:
        schedule = with_hours(schedule, "mo-gyldenpris", hours["opens"], hours["closes"])
    draft = a_timetable("new", trips("gyldenpris", "weekday", *timetable_times))
    return [finding.code for finding in findings(schedule, draft, valid, TODAY)]


def test_a_timetable_in_good_order_has_no_findings() -> None:
    assert codes() == []


def test_less_than_two_weeks_notice_is_a_warning_and_stops_nothing() -> None:
    several = findings(a_schedule(), a_timetable("new"), Validity(date(2026, 11, 14)), TODAY)
    assert [(finding.code, finding.severity) for finding in several] == [("short-notice", PublishingSeverity.WARNING)]
    assert blocking_findings(several) == []


def test_fourteen_days_notice_is_enough() -> None:
    assert [f.code for f in findings(a_schedule(), a_timetable("new"), Validity(date(2026, 11, 15)), TODAY)] == []


def test_a_past_date_blocks() -> None:
    assert "past-date" in codes(valid=Validity(date(2026, 10, 31)))


def test_the_end_of_a_publication_may_be_covered() -> None:
    assert codes(valid=Validity(date(2026, 12, 31))) == []


def test_an_open_ended_predecessor_is_ended_and_does_not_block() -> None:
    assert findings(a_schedule(), a_timetable("new"), IN_TIME, TODAY) == []


def test_an_empty_timetable_blocks() -> None:
    assert codes(timetable_times=()) == ["no-trips"]


def test_a_missing_running_time_blocks_by_the_trip_s_name() -> None:
    schedule = a_schedule()
    network: Network = replace(schedule.network, running_times=())
    several = findings(replace(schedule, network=network), a_timetable("new"), IN_TIME, TODAY)
    assert {finding.code for finding in several} == {"missing-running-time"}
    assert several[0].subject == "gyldenpris-weekday-1000"


def test_an_arrival_after_closing_blocks_until_it_is_accepted() -> None:
    schedule = with_hours(a_schedule(), "mo-gyldenpris", 600, 1080)
    draft = a_timetable("new", (*trips("gyldenpris", "weekday", "10:00", "17:55"), *HOLIDAY))
    several = findings(schedule, draft, IN_TIME, TODAY)
    assert [(f.code, f.subject) for f in several] == [("outside-opening-hours", "gyldenpris-weekday-1755")]
    assert blocking_findings(several) == several
    assert blocking_findings(several, ["outside-opening-hours"]) == []


def test_ten_minutes_before_opening_is_no_harm_and_eleven_are() -> None:
    assert codes(("09:40",), opens=600, closes=1080) == []
    assert codes(("09:39",), opens=600, closes=1080) == ["outside-opening-hours"]


SUMMER = Validity(date(2027, 6, 21), date(2027, 8, 15))
ONE_BUS = (Vehicle(id="bus", seats=16),)


def with_one_bus() -> Schedule:
    schedule = a_schedule()
    return replace(schedule, network=replace(schedule.network, vehicles=ONE_BUS))


def test_a_temporary_timetable_names_the_day_on_which_it_gives_way() -> None:
    several = findings(a_schedule(), a_timetable("summer"), SUMMER, TODAY)
    assert [(f.code, f.severity, f.subject, f.dates) for f in several] == [
        ("gives-way", PublishingSeverity.NOTE, "2024-10", (date(2027, 8, 16),))
    ]
    after = as_published_over(a_schedule(), a_timetable("summer"), SUMMER)
    assert len(after.departures_on(date(2027, 8, 16)).departures) == 5


def test_a_coming_change_is_replaced_only_when_that_is_accepted() -> None:
    coming = as_published_over(a_schedule(), a_timetable("coming"), Validity(date(2027, 3, 1)))
    [finding] = findings(coming, a_timetable("new"), IN_TIME, TODAY)
    assert (finding.code, finding.severity, finding.subject) == ("overlap", PublishingSeverity.ACCEPTABLE, "coming")
    assert "end on 2027-02-28, or replace it" in finding.message
    until = findings(coming, a_timetable("new"), Validity(date(2027, 1, 1), date(2027, 2, 28)), TODAY)
    assert [f.code for f in until] == ["gives-way"]


def test_a_nested_one_is_no_coming_change_and_needs_no_acceptance() -> None:
    summer = as_published_over(a_schedule(), a_timetable("summer"), SUMMER)
    works = Validity(date(2027, 7, 5), date(2027, 7, 11))
    assert [(f.code, f.subject) for f in findings(summer, a_timetable("works"), works, TODAY)] == [
        ("gives-way", "summer")
    ]


def test_one_bus_cannot_leave_at_ten_and_at_twenty_past() -> None:
    draft = a_timetable("new", (*trips("gyldenpris", "weekday", "10:00", "10:20"), *HOLIDAY))
    [finding] = findings(with_one_bus(), draft, IN_TIME, TODAY)
    assert (finding.code, finding.subject, dict(finding.numbers)) == (
        "too-few-vehicles",
        "weekday",
        {"needed": 2, "there": 1},
    )
    later = a_timetable("new", (*trips("gyldenpris", "weekday", "10:00", "10:25"), *HOLIDAY))
    assert findings(with_one_bus(), later, IN_TIME, TODAY) == []


def test_too_few_vehicles_before_and_after_are_no_consequence() -> None:
    short = a_timetable("2024-10", (*trips("gyldenpris", "weekday", "10:00", "10:20"), *HOLIDAY))
    schedule = replace(with_one_bus(), timetables=(short,))
    assert findings(schedule, replace(short, id="new"), IN_TIME, TODAY) == []


@given(st.lists(st.integers(0, 300), min_size=1, max_size=7, unique=True))
def test_fewest_vehicles_of_one_pattern_are_the_most_at_once(minutes: list[int]) -> None:
    """Each trip occupies its bus for 10 minutes out, 10 back and 5 of turnaround."""
    several = tuple(Trip("gyldenpris", "weekday", 600 + minute) for minute in minutes)
    schedule = a_schedule(a_timetable("2024-10", several))
    departures = schedule.departures_on(date(2027, 1, 4)).departures
    most = max(sum(start <= moment < start + 25 for start in minutes) for moment in minutes)
    assert vehicles_needed(schedule, departures) == most


def test_a_day_type_that_loses_its_last_departure_is_named_with_its_dates() -> None:
    draft = a_timetable("new", trips("gyldenpris", "weekday", "10:00"))
    [finding] = findings(a_schedule(), draft, SUMMER, TODAY)[:1]
    assert (finding.code, finding.subject) == ("no-departures", "holiday")
    assert finding.dates[:2] == (date(2027, 6, 26), date(2027, 6, 27)) and len(finding.dates) == 16


def test_withdrawing_names_what_runs_instead_or_the_hole() -> None:
    summer = as_published_over(a_schedule(), a_timetable("summer"), SUMMER)
    [instead] = withdrawal_findings(summer, as_withdrawn(summer, "summer", TODAY), ["summer"], TODAY)
    assert (instead.code, instead.subject, instead.dates) == ("runs-instead", "2024-10", (date(2027, 6, 21),))
    holes = withdrawal_findings(summer, as_withdrawn(summer, "2024-10", TODAY), ["2024-10"], TODAY)
    assert [(f.code, f.span) for f in holes] == [
        ("no-timetable", Validity(TODAY, date(2027, 6, 20))),
        ("no-timetable", Validity(date(2027, 8, 16), None)),
    ]


def test_a_hole_is_found_as_far_ahead_as_timetables_reach() -> None:
    far = as_published_over(a_schedule(last=date(2027, 1, 31)), a_timetable("far"), Validity(date(2029, 3, 1)))
    assert uncovered(far, TODAY) == (Validity(date(2027, 2, 1), date(2029, 2, 28)),)
    assert uncovered(a_schedule(), TODAY) == ()


def test_far_ends_are_compared_by_a_year_of_each_span() -> None:
    """A timetable until the last date of service, and a stored one until the end of the calendar."""
    for last in (date(2100, 12, 31), date.max):
        schedule = as_published_over(a_schedule(), a_timetable("far"), Validity(date(2027, 1, 1), last))
        draft = a_timetable("new", trips("gyldenpris", "weekday", "10:00"))
        change = Change(schedule, as_published_over(schedule, draft, SUMMER), SUMMER.first or TODAY)
        assert (change.days[0], change.days[-1]) == (SUMMER.first, SUMMER.last)
        assert "no-departures" in {finding.code for finding in findings(schedule, draft, SUMMER, TODAY)}
