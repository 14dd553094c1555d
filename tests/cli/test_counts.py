"""Export, import and recording of counts on the command line."""

import json
import re
from pathlib import Path
from zipfile import ZipFile

from shuttle.domain.basics.errors import Invalid
from tests.cli.conftest import Run

MONDAY = "2024-11-04"
TEN = f"{MONDAY}.gyldenpris-weekday-1000"


def test_counts_are_exported_as_csv(run: Run, tmp_path: Path) -> None:
    assert run("record", TEN, "vagsbunnen", "--boardings", "4").exit_code == 0
    path = tmp_path / "counts.csv"
    outcome = run("export", "boardings", "--from", MONDAY, "--to", MONDAY, "--output", path)
    assert (outcome.exit_code, outcome.output) == (0, "")
    header, first, *others = path.read_text(encoding="utf-8").splitlines()
    assert header.startswith("date,departure,trip,pattern,departs,status")
    assert first.startswith(
        f"{MONDAY},{TEN},gyldenpris-weekday-1000,gyldenpris,10:00,scheduled,,vagsbunnen,1,number,4,"
    )
    assert len(others) == 9


def test_a_sheet_is_checked_and_imported_and_twice_adds_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(f"departure,stop,boardings\n{TEN},vagsbunnen,4\n", encoding="utf-8")
    assert run("check", path).stdout == "counts: 1, blank: 0\n"
    assert run("import", path).stdout == "added: 1, known: 0, blank: 0\n"
    assert json.loads(run("import", path, "--json").stdout) == {"added": 0, "known": 1, "blank": 0}


def test_a_faulty_sheet_is_told_line_by_line_and_nothing_is_imported(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(f"departure,stop,boardings\n{TEN},vagsbunnen,4\n{TEN},eidsvag,4\n", encoding="utf-8")
    checked = run("check", path)
    assert checked.exit_code == 1
    assert checked.stdout.startswith(f"{path}:3: {TEN} does not call at 'eidsvag'")
    (fault,) = json.loads(run("check", path, "--json").stdout)["faults"]
    assert (fault["line"], fault["given"], fault["allowed"]) == (3, "eidsvag", "vagsbunnen, mo-gyldenpris")
    refused = run("import", path)
    assert isinstance(refused.exception, Invalid)
    assert "number" not in run("export", "boardings").stdout


def test_tides_is_a_folder_or_a_zip(run: Run, tmp_path: Path) -> None:
    dates = ("--from", MONDAY, "--to", MONDAY)
    assert run("export", "tides", *dates, "--output", tmp_path / "tides").exit_code == 0
    assert run("export", "tides", *dates, "--output", tmp_path / "tides.zip").exit_code == 0
    names = {"datapackage.json", "stop_visits.csv", "trips_performed.csv", "vehicles.csv"}
    assert {path.name for path in (tmp_path / "tides").iterdir()} == names
    with ZipFile(tmp_path / "tides.zip") as archive:
        assert {name: archive.read(name) for name in names} == {
            name: (tmp_path / "tides" / name).read_bytes() for name in names
        }


def test_gtfs_ride_is_a_gtfs_with_counts(run: Run, tmp_path: Path) -> None:
    run("record", TEN, "vagsbunnen", "--boardings", "4")
    path = tmp_path / "ride.zip"
    assert run("export", "gtfs-ride", "--from", MONDAY, "--to", "2024-11-10", "--output", path).exit_code == 0
    with ZipFile(path) as archive:
        assert {"agency.txt", "stop_times.txt", "board_alight.txt", "ride_feed_info.txt"} <= set(archive.namelist())
        (_, row) = archive.read("board_alight.txt").decode().splitlines()
    assert re.fullmatch(r"gyldenpris-weekday-1000_[0-9a-f]{8},vagsbunnen,1,0,0,4,,4,1,20241104,0", row)


def test_what_does_not_add_up_is_asked_beside_the_answer(run: Run) -> None:
    outcome = run("record", TEN, "vagsbunnen", "--boardings", "9")
    assert (outcome.exit_code, outcome.stdout.endswith(" stored\n")) == (0, True)
    assert outcome.stderr.startswith("Is this right? 9 on board from vagsbunnen is more than there are seats.")
    assert json.loads(run("record", TEN, "vagsbunnen", "--boardings", "8", "--json").stdout)["questions"] == []
