"""The first command on a machine creates the data folder and fills the database."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_first_command_makes_its_folder_and_fills_a_database(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTTLE_DATA_DIR", str(tmp_path / "a" / "new"))
    for _ in range(2):
        outcome = run("departures", "--date", "2026-05-14")
        assert outcome.exit_code == 0, outcome.stderr
        assert [time for time in ("11:00", "13:30", "15:30") if time not in outcome.stdout] == []
    assert (tmp_path / "a" / "new" / "shuttle.db").is_file()
