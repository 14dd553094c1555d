import json
import shutil
from pathlib import Path

import pytest

from shuttle.cli.timetable.exports import write_whole
from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from tests.builders import SCHEDULES
from tests.cli.conftest import Run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCHEDULES, tmp_path / "schedules"))


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_real_files_have_no_fault(run: Run) -> None:
    outcome = run("check", SCHEDULES)
    assert outcome.exit_code == 0
    assert "error" not in outcome.output


def test_every_fault_is_a_line_with_file_and_line_and_what_is_allowed(run: Run, folder: Path) -> None:
    edit(folder / "network.toml", "seats = 8", "seats = 0")
    edit(folder / "timetables" / "2024-10.toml", '"12:00"', '"25:99"')
    outcome = run("check", folder)
    assert outcome.exit_code == 1
    assert [line.rsplit("/", 1)[1].split("; ")[0] for line in outcome.stdout.splitlines()] == [
        "network.toml:95: seats is out of range",
        "2024-10.toml:9: the time '25:99' cannot be read",
    ]


def test_one_file_is_told_its_own_faults_only(run: Run, folder: Path) -> None:
    edit(folder / "network.toml", "seats = 8", "seats = 0")
    path = edit(folder / "timetables" / "2024-10.toml", '"gyldenpris"', '"eidsvag"')
    outcome = run("check", path, "--json")
    (fault,) = json.loads(outcome.stdout)["faults"]
    assert (fault["file"], fault["line"], fault["given"]) == (str(path), 7, "eidsvag")


def test_working_time_rules_are_checked_too(run: Run, folder: Path) -> None:
    edit(folder / "duty-rules.toml", "value = 540", 'value = "nine hours"')
    (line,) = run("check", folder).stdout.splitlines()
    assert "duty-rules.toml:10: value is not a whole number" in line


def test_scenarios_are_checked_too(run: Run, folder: Path) -> None:
    scenario = folder / "scenarios" / "broken.toml"
    scenario.parent.mkdir(exist_ok=True)
    scenario.write_text("unknown = 1\n", encoding="utf-8")
    outcome = run("check", folder)
    assert outcome.exit_code == 1
    assert all("broken.toml" in line for line in outcome.stdout.splitlines())
    assert "unknown key 'unknown'" in outcome.stdout


def test_a_timetable_that_ends_is_a_warning_and_a_hole_is_an_error(run: Run, folder: Path) -> None:
    path = folder / "timetables" / "2024-10.toml"
    edit(path, "valid_from = 2024-10-01", "valid_from = 2024-10-01\nvalid_to = 2098-12-31")
    later = path.read_text(encoding="utf-8").replace('"2024-10"', '"later"')
    later = later.replace("2024-10-01", "2099-02-01").replace("2098-12-31", "2100-12-31")
    (folder / "timetables" / "later.toml").write_text(later, encoding="utf-8")
    outcome = run("check", folder)
    assert outcome.exit_code == 1
    assert "error: No timetable applies from 1 January 2099 to 31 January 2099." in outcome.stdout


def test_a_path_that_is_not_there_is_one_line(run: Run, tmp_path: Path) -> None:
    outcome = run("check", tmp_path / "nowhere")
    assert (outcome.exit_code, len(outcome.stdout.splitlines())) == (1, 1)


@pytest.mark.parametrize(("form", "suffix"), [("timetable", "toml"), ("gtfs", "zip")])
def test_what_is_exported_can_be_imported_as_a_draft(run: Run, tmp_path: Path, form: str, suffix: str) -> None:
    path = tmp_path / f"out.{suffix}"
    assert run("export", form, "--output", path).exit_code == 0
    outcome = run("import", path, "--id", "tilbake", "--json")
    assert json.loads(outcome.stdout) == {"id": "tilbake", "trips": 8, "remarks": []}


def test_an_export_of_a_calendar_has_the_dates_that_were_asked_for(run: Run) -> None:
    outcome = run("export", "ics", "--from", "2026-05-14", "--to", "2026-05-15", "--stop", "vagsbunnen", "--lang", "nn")
    assert outcome.stdout.count("BEGIN:VEVENT") == 8
    assert "Bussen ved Vågsbunnen" in outcome.stdout


def test_the_same_timetable_cannot_be_imported_twice(run: Run) -> None:
    outcome = run("import", SCHEDULES / "timetables" / "2024-10.toml")
    assert isinstance(outcome.exception, Refused)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        (("export", "pdf"), Invalid),
        (("export", "gtfs", "--from", "2026-05-15", "--to", "2026-05-14"), Invalid),
        (("export", "gtfs", "--from", "yesterday"), Invalid),
        (("export", "ics", "--lang", "de"), Invalid),
        (("export", "ics", "--stop", "bryggen"), NotFound),
        (("export", "timetable", "--timetable", "2019"), NotFound),
        (("import", "/nowhere.zip"), NotFound),
        (("import", __file__), Invalid),
    ],
)
def test_what_cannot_be_is_refused_by_its_kind(run: Run, arguments: tuple[str, ...], kind: type) -> None:
    assert isinstance(run(*arguments).exception, kind)


def test_a_file_with_faults_imports_nothing(run: Run, tmp_path: Path) -> None:
    path = Path(shutil.copy(SCHEDULES / "timetables" / "2024-10.toml", tmp_path / "t.toml"))
    outcome = run("import", edit(edit(path, '"gyldenpris"', '"eidsvag"'), '"12:00"', '"12"'), "--id", "ny")
    assert isinstance(outcome.exception, Invalid)
    assert [fault.line for fault in outcome.exception.faults] == [7, 9]
    assert isinstance(run("export", "timetable", "--timetable", "ny").exception, NotFound)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be written"):
        write_whole(tmp_path / "no" / "folder" / "x.ics", b"x")
    write_whole(tmp_path / "x.ics", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["x.ics"]


def test_a_folder_brings_stops_and_hours_and_leaves_the_timetables(run: Run, folder: Path) -> None:
    edit(folder / "network.toml", 'headsign = "MO Gyldenpris"', 'headsign = "Gyldenpris"')
    edit(folder / "timetables" / "2024-10.toml", '"10:00", ', "")
    outcome = run("import", folder)
    assert (outcome.exit_code, "stops: 3" in outcome.stdout) == (0, True)
    day = json.loads(run("departures", "--date", "2026-11-24", "--json").stdout)
    assert [departure["headsign"] for departure in day["departures"]] == ["Gyldenpris"] * 5
