"""`shuttle new` and the language of `shuttle check`: another town begins with files that hold."""

from datetime import date
from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.feeds.schedule_files.folder import read_schedules
from tests.cli.conftest import Run
from tests.cli.test_files import edit


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_new_files_pass_the_check(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("SHUTTLE_LANGUAGE", language)
    folder = tmp_path / "town"
    assert run("new", folder).exit_code == 0
    assert run("check", folder).exit_code == 0
    schedule = read_schedules(folder)
    assert schedule.details.name(language) and len(schedule.publications) == 1
    assert all(path.read_text("utf-8").startswith("# ") for path in folder.rglob("*.toml"))


def test_a_folder_that_holds_something_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("x")
    outcome = run("new", tmp_path)
    assert isinstance(outcome.exception, Refused)
    assert not list(tmp_path.rglob("*.toml"))


def test_a_service_that_rests_at_weekends_has_no_error(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    run("new", folder)
    outcome = run("check", folder)
    assert "no departures on days of the kind" in outcome.stdout and "error" not in outcome.stdout


def test_the_check_speaks_one_language(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUTTLE_LANGUAGE", "nb")
    folder = tmp_path / "town"
    run("new", folder)
    findings = run("check", folder).stdout
    assert " og " in findings and " more" not in findings and " to " not in findings
    edit(folder / "timetables" / "first.toml", '"12:00"', '"25:99"')
    (fault,) = run("check", folder).stdout.splitlines()
    assert "Klokkeslettet «25:99»" in fault and "allowed" not in fault


def test_findings_name_places_and_times_in_place_of_ids(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    run("new", folder)
    edit(folder / "opening-hours.toml", '"09:00"', '"11:00"')
    assert "The 9.30 departure to Senteret" in run("check", folder).stdout.replace("09.30", "9.30").replace(
        "09:30", "9.30"
    )


def test_another_country_has_its_own_public_holidays(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "town"
    run("new", folder)
    calendar = folder / "calendar.toml"
    text = calendar.read_text("utf-8").partition("[special_days]")[0]
    calendar.write_text(f'country = "SE"\n{text}[special_days]\npublic-holidays = "no-service"\n', "utf-8")
    assert run("check", folder).exit_code == 0
    special = {each.date: each for each in read_schedules(folder).calendar.special_days}
    national_day = special[date(2027, 6, 6)]
    assert (national_day.names.nb, national_day.names.en) == ("Nationaldagen", "National Day")
    assert national_day.day_type == "no-service" and date(2027, 5, 17) not in special
    edit(calendar, '"SE"', '"XX"')
    assert "calendar.toml: the holidays of 'XX' are not known" in run("check", folder).stdout
