"""Quality checks: one wrong schedule for each check, and right ones beside it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.quality_checks import FindingSeverity, Limits, QualityFinding, check, holes
from shuttle.domain.timetable.service_days import Override
from shuttle.domain.timetable.trips import Publication, Trip
from tests.builders import (
    a_cancellation,
    a_retiming,
    a_schedule,
    a_timetable,
    an_extra,
    the_real_schedule,
    trips,
    with_changes,
    with_hours,
)
from tests.naive import naive_day_type

TODAY = date(2026, 1, 12)
YEAR = TODAY + timedelta(days=365)


def findings_of(schedule: Schedule, control: str, limits: Limits | None = None) -> list[QualityFinding]:
    several = check(schedule, TODAY, YEAR, limits or Limits())
    return [finding for finding in several if finding.control == control]


def test_the_real_schedule_has_no_error_in_a_year() -> None:
    assert [f for f in check(the_real_schedule(), TODAY, YEAR) if f.severity is FindingSeverity.ERROR] == []


def test_a_kind_of_day_without_departures_is_a_day_of_rest() -> None:
    schedule = a_schedule(a_timetable(several=trips("gyldenpris", "weekday", "10:00")))
    (finding,) = findings_of(schedule, "day-of-rest")
    assert (finding.severity, finding.dates[0]) == (FindingSeverity.WARNING, date(2026, 1, 17))
    assert findings_of(schedule, "unusual-number") == []


def test_a_day_on_which_everything_is_cancelled_is_an_error() -> None:
    weekend = date(2026, 1, 17)
    alone = a_timetable(several=(*trips("gyldenpris", "weekday", "10:00"), *trips("gyldenpris", "holiday", "11:00")))
    schedule = with_changes(a_schedule(alone), a_cancellation("gyldenpris-holiday-1100", weekend))
    (finding,) = findings_of(schedule, "unusual-number")
    assert (finding.severity, finding.dates[0], finding.values["number"]) == (
        FindingSeverity.ERROR,
        date(2026, 1, 17),
        "0",
    )


def test_a_day_with_more_departures_than_usual_is_a_warning() -> None:
    (finding,) = findings_of(a_schedule(), "unusual-number", Limits(most_departures=4))
    assert (finding.severity, finding.values["number"]) == (FindingSeverity.WARNING, "5")


def test_a_day_that_differs_from_its_like_is_a_finding_with_its_times() -> None:
    schedule = with_changes(
        a_schedule(), a_retiming("gyldenpris-weekday-1000", TODAY, "10:30"), an_extra("nesttun", TODAY, "9:00")
    )
    (finding,) = findings_of(schedule, "unlike-its-like")
    assert finding.dates == (TODAY,)
    assert finding.values["difference"] == "-10:00 +09:00 +10:30"


def test_a_holiday_is_not_unlike_the_weekday_that_it_falls_on() -> None:
    assert findings_of(a_schedule(), "unlike-its-like") == []


def test_an_override_is_not_unlike_its_like() -> None:
    schedule = a_schedule()
    overridden = replace(
        schedule.calendar, overrides=(Override(date=TODAY, day_type="holiday", reason="Planleggingsdag"),)
    )
    assert findings_of(replace(schedule, calendar=overridden), "unlike-its-like") == []


@pytest.mark.parametrize(
    ("opens", "closes", "late"),
    [
        (600, 1200, []),
        (610, 1200, []),  # a bus that arrives just when it opens
        (611, 1200, ["10:10"]),
        (600, 1121, []),
        (600, 1120, ["18:40"]),  # a bus that arrives just when it closes
    ],
)
def test_an_arrival_while_the_centre_is_closed_is_an_error(opens: int, closes: int, late: list[str]) -> None:
    findings = findings_of(with_hours(a_schedule(), "mo-gyldenpris", opens, closes), "outside-opening-hours")
    assert [finding.values["arrives"] for finding in findings] == late
    assert all(finding.severity is FindingSeverity.ERROR for finding in findings)


def test_a_stop_without_opening_hours_is_never_closed() -> None:
    assert findings_of(a_schedule(), "outside-opening-hours") == []


def test_a_cancelled_departure_does_not_arrive_too_late() -> None:
    schedule = with_hours(a_schedule(last=TODAY), "mo-gyldenpris", 600, 1120)
    schedule = with_changes(schedule, a_cancellation("gyldenpris-weekday-1830", TODAY))
    assert findings_of(schedule, "outside-opening-hours") == []


def test_a_gap_over_the_limit_is_one_finding_with_all_its_dates() -> None:
    schedule = a_schedule()
    (finding,) = findings_of(schedule, "long-gap", Limits(longest_gap=170))
    assert (finding.values["from_"], finding.values["to"]) == ("12:00", "15:00")
    assert list(finding.dates) == [day for day in dates(TODAY, YEAR) if naive_day_type(schedule, day) == "weekday"]


@pytest.mark.parametrize(
    ("last", "severity"), [(119, FindingSeverity.WARNING), (120, FindingSeverity.WARNING), (121, None)]
)
def test_a_table_that_ends_within_120_days_is_a_warning(last: int, severity: FindingSeverity | None) -> None:
    findings = findings_of(a_schedule(last=TODAY + timedelta(days=last)), "table-ends")
    assert [finding.severity for finding in findings] == ([severity] if severity else [])


def test_no_timetable_from_today_is_an_error() -> None:
    (finding,) = findings_of(a_schedule(last=TODAY - timedelta(days=1)), "no-timetable")
    assert finding.severity is FindingSeverity.ERROR


def test_a_table_that_is_followed_by_another_does_not_end() -> None:
    schedule = a_schedule(last=TODAY + timedelta(days=10))
    follows = Publication("2024-10", Validity(TODAY + timedelta(days=11)))
    followed = replace(schedule, publications=(*schedule.publications, follows))
    assert findings_of(followed, "table-ends") == []
    assert holes(followed) == ()


def test_dates_between_two_publications_are_a_hole_in_any_order() -> None:
    schedule = a_schedule(last=TODAY)
    follows = Publication("2024-10", Validity(TODAY + timedelta(days=3)))
    holed = replace(schedule, publications=(follows, *schedule.publications))
    (finding,) = findings_of(holed, "no-timetable-between")
    assert finding.dates == (TODAY + timedelta(days=1), TODAY + timedelta(days=2))


def test_a_missing_running_time_hides_no_other_finding() -> None:
    """Days that cannot be resolved have this one finding; the days before them are checked as usual."""
    schedule, ends = with_hours(a_schedule(), "mo-gyldenpris", 600, 1120), TODAY + timedelta(days=9)
    legs = tuple(replace(leg, validity=Validity(None, ends)) for leg in schedule.network.running_times)
    broken = replace(schedule, network=replace(schedule.network, running_times=legs))
    (finding,) = findings_of(broken, "missing-running-time")
    assert finding.dates == (ends + timedelta(days=1),)
    assert findings_of(broken, "outside-opening-hours")[0].dates[-1] <= ends


def test_times_set_by_hand_must_fit_the_pattern_only() -> None:
    calls = (Call("vagsbunnen", 1, 600, 600), Call("mo-nesttun", 2, 625, 625))
    schedule = a_schedule(a_timetable(several=(Trip("gyldenpris", "weekday", 600, calls),)))
    without = replace(schedule, network=replace(schedule.network, running_times=()))
    assert findings_of(without, "missing-running-time") == []
    assert findings_of(without, "calls-off-pattern")[0].values["trip"] == "gyldenpris-weekday-1000"


def test_a_stop_that_has_closed_and_is_still_served_is_an_error() -> None:
    schedule, ends = a_schedule(), TODAY + timedelta(days=30)
    closed = replace(schedule.network.stops[1], validity=Validity(None, ends))
    network = replace(schedule.network, stops=(schedule.network.stops[0], closed, schedule.network.stops[2]))
    findings = findings_of(replace(schedule, network=network), "stop-not-in-use")
    assert min(finding.dates[0] for finding in findings) == ends + timedelta(days=1)


def test_an_undecided_eve_is_a_finding_from_sixty_days_before() -> None:
    schedule, december = a_schedule(), date(2026, 12, 1)

    def undecided(of: Schedule, today: date) -> list[date]:
        return [f.dates[0] for f in check(of, today, today) if f.control == "undecided"]

    assert undecided(schedule, december) == [date(2026, 12, 24), date(2026, 12, 31)]
    assert undecided(schedule, date(2026, 10, 24)) == []
    decided = replace(
        schedule.calendar, overrides=(Override(date=date(2026, 12, 24), day_type="holiday", reason="Julaften"),)
    )
    assert undecided(replace(schedule, calendar=decided), december) == [date(2026, 12, 31)]


def test_errors_stand_before_warnings() -> None:
    severities = [
        finding.severity for finding in check(with_hours(a_schedule(last=TODAY), "mo-gyldenpris", 0, 1), TODAY, YEAR)
    ]
    assert severities == sorted(severities)
    assert len(set(severities)) == 2
