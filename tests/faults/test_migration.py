"""An upgrade is killed wherever it is: the database has the old schema or the new one, never one between, and the next start completes it.

A million counts and twenty kills at length, two thousand and two in an ordinary run.
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


def test_an_upgrade_that_is_killed_leaves_the_old_schema_or_the_new_one(
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
    found = json.loads(done.stdout)
    record_property("kills", KILLS + 1)
    record_property("counts in the database", found["rows"])
    record_property("seconds of an upgrade", round(found["seconds"], 2))
    assert found["between"] == []
    assert found["old"] >= 1, "one was killed just before its commit"
    assert found["old"] + found["new"] == KILLS + 1
    assert found["revision"] == "9999"
    (rows, boardings, _), (rows_after, boardings_after, left_behind) = found["sum"]
    assert rows == rows_after == ROWS
    assert boardings_after == left_behind == boardings + ROWS, "written anew once, not once for each try"
