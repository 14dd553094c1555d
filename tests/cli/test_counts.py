"""Counts in and out from a terminal."""

from pathlib import Path

from tests.cli.conftest import Run

MONDAY = "2024-11-04"
TEN = f"{MONDAY}.gyldenpris-weekday-1000"


def test_counts_are_exported_as_csv(run: Run, tmp_path: Path) -> None:
    assert run("record", TEN, "vagsbunnen", "--boardings", "4").exit_code == 0
    path = tmp_path / "counts.csv"
    found = run("export", "boardings", "--from", MONDAY, "--to", MONDAY, "--output", path)
    assert (found.exit_code, found.output) == (0, "")
    header, first, *others = path.read_text(encoding="utf-8").splitlines()
    assert header.startswith("date,departure,trip,pattern,departs,status")
    assert first.startswith(
        f"{MONDAY},{TEN},gyldenpris-weekday-1000,gyldenpris,10:00,scheduled,,vagsbunnen,1,number,4,"
    )
    assert len(others) == 9
