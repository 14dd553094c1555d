"""A killed upgrade leaves the old schema or the new one, and the next start completes it.

A million counts and twenty kills at length; two thousand and two by default.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.program import AT_LENGTH, TOP

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="it kills copies of itself")]

ROWS, KILLS = (1_000_000, 20) if AT_LENGTH else (2_000, 2)


def test_a_killed_upgrade_leaves_the_old_schema_or_the_new_one(
    empty_database_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    folder = tmp_path / "upgrade"
    folder.mkdir()
    command = [
        sys.executable,
        "-m",
        "tests.faults.killed_upgrade",
        empty_database_url,
        str(folder),
        str(ROWS),
        str(KILLS),
    ]
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    record_property("kills", KILLS + 1)
    record_property("counts in the database", report["rows"])
    record_property("seconds of an upgrade", round(report["seconds"], 2))
    assert report["between"] == []
    assert report["old"] >= 1, "one was killed just before its commit"
    assert report["old"] + report["new"] == KILLS + 1
    assert report["revision"] == "9999"
    (rows, boardings, _), (rows_after, boardings_after, left_behind) = report["sum"]
    assert rows == rows_after == ROWS
    assert boardings_after == left_behind == boardings + ROWS, "written anew once, not once for each try"
