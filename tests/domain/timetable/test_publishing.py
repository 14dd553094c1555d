"""Publishing checks: blockers, acceptable findings and warnings."""

from dataclasses import replace
from datetime import date

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.network import Network
from shuttle.domain.timetable.publishing import PublishingSeverity, blocking_findings, findings
from tests.builders import a_schedule, a_timetable, trips, with_hours

TODAY = date(2026, 11, 1)
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


def test_dates_of_another_publication_block() -> None:
    assert codes(valid=Validity(date(2026, 12, 31))) == ["overlap"]


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
    draft = a_timetable("new", trips("gyldenpris", "weekday", "10:00", "17:55"))
    several = findings(schedule, draft, IN_TIME, TODAY)
    assert [(f.code, f.subject) for f in several] == [("outside-opening-hours", "gyldenpris-weekday-1755")]
    assert blocking_findings(several) == several
    assert blocking_findings(several, ["outside-opening-hours"]) == []


def test_ten_minutes_before_opening_is_no_harm_and_eleven_are() -> None:
    assert codes(("09:40",), opens=600, closes=1080) == []
    assert codes(("09:39",), opens=600, closes=1080) == ["outside-opening-hours"]
