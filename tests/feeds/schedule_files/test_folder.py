"""A folder of schedule files is a schedule, or all faults of all files in one reading."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.timetable.service_days import Names, ReasonKind
from shuttle.domain.timetable.trips import Publication, TimetableStatus
from shuttle.feeds.schedule_files.folder import read_schedules
from tests.builders import SCHEDULES, the_real_schedule


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEDULES, tmp_path / "schedules"))


def faults_of(folder: Path) -> list[Fault]:
    with pytest.raises(Invalid) as refusal:
        read_schedules(folder)
    return list(refusal.value.faults)


def edit(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def departures(day: date) -> list[str]:
    return [departure.trip for departure in the_real_schedule().departures_on(day).departures]


def test_the_real_files_run_the_holiday_table_on_ascension_day() -> None:
    assert departures(date(2026, 5, 14)) == [f"gyldenpris-holiday-{time}" for time in ("1100", "1330", "1530")]


def test_the_real_files_run_the_weekday_table_the_day_after() -> None:
    times = ("1000", "1200", "1500", "1700", "1830")
    assert departures(date(2026, 5, 15)) == [f"gyldenpris-weekday-{time}" for time in times]


def test_the_real_files_say_both_names_of_17_may_2027() -> None:
    reasons = the_real_schedule().calendar.service_day(date(2027, 5, 17)).reasons
    assert {(reason.why, reason.names.nb) for reason in reasons if reason.names} == {
        (ReasonKind.HIGH_DAY, "Grunnlovsdag"),
        (ReasonKind.PUBLIC_HOLIDAY, "2. pinsedag"),
    }


def test_a_file_with_a_first_date_is_published_and_one_without_is_a_draft(folder: Path) -> None:
    draft = 'id = "draft"\nname = "Utkast"\n'
    (folder / "timetables" / "draft.toml").write_text(draft, encoding="utf-8")
    schedule = read_schedules(folder)
    assert {table.id: table.status for table in schedule.timetables} == {
        "2024-10": TimetableStatus.PUBLISHED,
        "draft": TimetableStatus.DRAFT,
    }
    assert schedule.publications == (Publication("2024-10", Validity(date(2024, 10, 1))),)


def test_every_fault_of_every_file_is_found_at_once(folder: Path) -> None:
    edit(folder, "network.toml", "lat = 60.3945", 'lat = "north"')
    edit(folder, "network.toml", "minutes = 10", "minutes = 0")
    edit(folder, "calendar.toml", 'friday = "weekday"', 'friday = "fridays"')
    edit(folder, "opening-hours.toml", '"22:00"', '"07:00"')
    edit(folder, "timetables/2024-10.toml", '"12:00"', '"12:75"')
    places = [(Path(fault.where).name, fault.line) for fault in faults_of(folder)]
    assert places == [
        ("network.toml", 8),
        ("network.toml", 48),
        ("calendar.toml", 22),
        ("opening-hours.toml", 7),
        ("2024-10.toml", 9),
    ]


Edit = tuple[str, str, str]


@pytest.mark.parametrize(
    ("edited", "given", "allowed"),
    [
        (("network.toml", 'name = "Vågsbunnen"', 'nmae = "Vågsbunnen"'), "", "text in quotes"),
        (("network.toml", 'stops = ["vagsbunnen", "mo-gy', 'stops = ["bryggen", "mo-gy'), "bryggen", "vagsbunnen, mo-"),
        (("network.toml", 'base_stop = "vagsbunnen"', 'base_stop = "torget"'), "torget", "vagsbunnen"),
        (("network.toml", "lat = 60.3945", "lat = 160.3945"), "160.3945", "-90 to 90"),
        (("network.toml", "lat = 60.3945", "lat = nan"), "nan", "a number"),
        (("network.toml", "seats = 8", "seats = 8.5"), "8.5", "a whole number"),
        (("network.toml", 'id = "nesttun"', 'id = "gyldenpris"'), "gyldenpris", "each id once"),
        (("network.toml", 'id = "nesttun"', 'id = "Nesttun!"'), "Nesttun!", "a-z, 0-9"),
        (("calendar.toml", 'boxing-day = "holiday"', 'boxing-day = "feast"'), "feast", "weekday, holiday"),
        (("calendar.toml", "boxing-day", "olsok"), "olsok", "new-years-day"),
        (("opening-hours.toml", '["08:00", "22:00"]', '["08:00"]'), "['08:00']", "09:00"),
        (("opening-hours.toml", '"mo-gyldenpris"', '"mo-eidsvag"'), "mo-eidsvag", "mo-gyldenpris"),
        (("timetables/2024-10.toml", "2024-10-01", '"2024-10-01"'), "2024-10-01", "without quotes"),
        (("timetables/2024-10.toml", "2024-10-01", "2024-10-01T00:00:00"), "2024-10-01", "without quotes"),
        (("timetables/2024-10.toml", '"gyldenpris"', '"eidsvag"'), "eidsvag", "gyldenpris, nesttun"),
        (("timetables/2024-10.toml", '"12:00"', '"10:00"'), "10:00", "each time once"),
        (("timetables/2024-10.toml", '"12:00"', "1200"), "1200", "13:00"),
    ],
)
def test_a_fault_says_what_was_given_and_what_is_allowed(folder: Path, edited: Edit, given: str, allowed: str) -> None:
    edit(folder, *edited)
    fault = faults_of(folder)[0]
    assert given in fault.given
    assert allowed in fault.allowed


def test_an_unknown_key_is_refused_where_it_stands(folder: Path) -> None:
    edit(folder, "network.toml", "seats = 8", "seats = 8\ncolour = 'red'")
    (fault,) = faults_of(folder)
    assert (fault.what, fault.line) == ("unknown key 'colour'", 96)
    assert "wheelchair_places" in fault.allowed


def test_what_is_assumed_says_why(folder: Path) -> None:
    edit(folder, "network.toml", 'reason = "Omtrentlig sted; hvor bussen stopper, er ikke bekreftet."', "")
    assert [fault.what for fault in faults_of(folder)] == ["assumed without a reason"]


def test_a_file_that_is_missing_is_a_fault(folder: Path) -> None:
    (folder / "calendar.toml").unlink()
    (fault,) = faults_of(folder)
    assert fault.where.endswith("calendar.toml")


def test_a_file_that_is_not_toml_does_not_hide_the_faults_of_others(folder: Path) -> None:
    (folder / "calendar.toml").write_text("[week\n", encoding="utf-8")
    edit(folder, "network.toml", "seats = 8", "seats = 0")
    assert [Path(fault.where).name for fault in faults_of(folder)] == ["calendar.toml", "network.toml"]


def another(folder: Path, change: Callable[[str], str]) -> None:
    text = (folder / "timetables" / "2024-10.toml").read_text(encoding="utf-8")
    (folder / "timetables" / "other.toml").write_text(change(text), encoding="utf-8")


def test_two_timetables_on_the_same_dates_are_refused(folder: Path) -> None:
    another(folder, lambda text: text.replace('id = "2024-10"', 'id = "other"'))
    (fault,) = faults_of(folder)
    assert "same dates" in fault.what


def test_two_timetables_of_one_name_are_refused(folder: Path) -> None:
    another(folder, lambda text: text)
    assert "another file has timetable" in faults_of(folder)[0].what


def test_a_pattern_without_running_times_cannot_have_trips(folder: Path) -> None:
    edit(folder, "network.toml", "minutes = 10", "minutes = 10\nvalid_to = 2026-12-31")
    (fault,) = faults_of(folder)
    assert fault.what == "pattern gyldenpris has no running time from vagsbunnen to mo-gyldenpris on 2027-01-01"


def test_an_override_and_special_hours_are_read(folder: Path) -> None:
    with (folder / "calendar.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[overrides]]\ndate = 2026-12-24\nday_type = "holiday"\nreason = "Julaften"\n')
    with (folder / "opening-hours.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[special_hours]]\nstop = "mo-nesttun"\ndate = 2026-12-24\nwindows = []\nreason = "Julaften"\n')
    schedule = read_schedules(folder)
    assert schedule.departures_on(date(2026, 12, 24)).service_day.reasons[0].text == "Julaften"
    assert schedule.windows("mo-nesttun", date(2026, 12, 24)) == ()


def test_day_types_are_named_in_three_languages() -> None:
    assert the_real_schedule().calendar.names_of("holiday") == Names(
        "Helg og helligdag", "Helg og heilagdag", "Weekend and holiday"
    )


@pytest.mark.parametrize("name", ["network.toml", "opening-hours.toml"])
def test_a_period_that_ends_before_it_begins_is_refused_in_any_table(folder: Path, name: str) -> None:
    old = "minutes = 10" if name == "network.toml" else 'day_type = "weekday"'
    edit(folder, name, old, f"{old}\nvalid_from = 2026-05-02\nvalid_to = 2026-05-01")
    assert [fault.code for fault in faults_of(folder)] == ["bad-validity"]
