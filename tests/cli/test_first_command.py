"""The first command on a machine finds nothing there, and makes what it needs."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_the_first_command_makes_its_folder_and_fills_a_database_that_the_next_one_finds(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUTTLE_DATA_DIR", str(tmp_path / "a" / "new"))
    for _ in range(2):
        found = run("departures", "--date", "2026-05-14")
        assert found.exit_code == 0, found.stderr
        assert [time for time in ("11:00", "13:30", "15:30") if time not in found.stdout] == []
    assert (tmp_path / "a" / "new" / "shuttle.db").is_file()
