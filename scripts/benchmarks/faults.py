"""Fault injection: processes, databases, disks and connections that fail under load (tests/faults); no baseline, no loss allowed.

Each test is a row: its duration, and whether it passed. Below it stand its counters: kills, acknowledged counts, lost ones, and the
longest recovery. Takes many minutes and runs only when named. SHUTTLE_KILLS sets the number of kills (default ten per round).
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
            raise RuntimeError("the tests did not run; see their output above")
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return [row for case in cases for row in rows_of(case)]


def rows_of(case: ElementTree.Element) -> list[Row]:
    """The row of a test and those of its counters. A skipped test counts as not met."""
    is_met = all(case.find(kind) is None for kind in ("failure", "error", "skipped"))
    name = case.get("name", "").removeprefix("test_").replace("_", " ").replace("[", " (").replace("]", ")")
    rows = [Row(name, float(case.get("time", "0")), "s", "holds", is_met)]
    for counted in case.iter("property"):
        what, value = counted.get("name", ""), float(counted.get("value", "0"))
        unit = "s" if what.startswith("seconds") else ""
        rows.append(Row(f"  {what}", value, unit, "0" if what == NEVER else "", what != NEVER or value == 0))
    return rows
