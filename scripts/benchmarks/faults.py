"""Programs, databases, disks and lines that fail under load, at length: tests/faults; no baseline, nothing may be lost.

Each test is a row: how long it took, and whether what it states held. What it counted stands under it: kills, counts that were
acknowledged, those of them that were lost, and the longest way back. Takes many minutes, so it runs only where it is named.
SHUTTLE_KILLS says how often a program and a database are killed (else ten times a round).
"""

import importlib.util
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from scripts.benchmarks.rows import Row

NAME = "faults"
ONLY_WHEN_NAMED = True
TOP = Path(__file__).parent.parent.parent
NEVER = "counts lost"


def run(rounds: int) -> list[Row]:
    if importlib.util.find_spec("pytest") is None:
        raise RuntimeError("this runs tests: scripts/environment requirements-test.lock installs what they need")
    with tempfile.TemporaryDirectory(prefix="shuttle-faults-") as folder:
        report = Path(folder) / "report.xml"
        environment = {"SHUTTLE_KILLS": str(10 * rounds), **os.environ, "SHUTTLE_FAULTS": "all"}
        command = [sys.executable, "-m", "pytest", "tests/faults", "-q", "-p", "no:cacheprovider"]
        command += ["-o", "junit_family=xunit1", f"--junitxml={report}"]  # the family that has properties
        subprocess.run(command, cwd=TOP, env=environment, stdout=sys.stderr, check=False)
        if not report.exists():
            raise RuntimeError("the tests did not run; what they said stands above")
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return [row for case in cases for row in rows_of(case)]


def rows_of(case: ElementTree.Element) -> list[Row]:
    """The row of a test, and those of what it counted. One that was skipped has shown nothing, so it is not met."""
    held = all(case.find(kind) is None for kind in ("failure", "error", "skipped"))
    name = case.get("name", "").removeprefix("test_").replace("_", " ").replace("[", " (").replace("]", ")")
    found = [Row(name, float(case.get("time", "0")), "s", "holds", held)]
    for counted in case.iter("property"):
        what, value = counted.get("name", ""), float(counted.get("value", "0"))
        unit = "s" if what.startswith("seconds") else ""
        found.append(Row(f"  {what}", value, unit, "0" if what == NEVER else "", what != NEVER or value == 0))
    return found
