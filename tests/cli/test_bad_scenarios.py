"""Invalid scenarios on the command line: one precise line, quickly, and no traceback."""

import json
from itertools import pairwise, product
from pathlib import Path

import pytest

from tests.builders import SCHEDULES
from tests.cli.conftest import Ended
from tests.cli.test_plans import SMALL, TIMETABLE, written

pytestmark = pytest.mark.slow

TODAY = SCHEDULES / "timetables" / "2024-10.toml"


PIN = 'kind = "pin"\npattern = 7\nat = "10:00"'
CLOSED = "[opening_hours.mo-gyldenpris]\nweekday = []\n\n[fleet]"
RECORDED = '[demand]\nsource = "recorded"\nfrom = 2026-11-02\nto = 2026-11-13\n'
STOPS = ("vagsbunnen", "mo-gyldenpris", "mo-nesttun")
WAYS = [
    ["vagsbunnen", *between, "vagsbunnen"]
    for length in (1, 3, 4, 5)
    for between in product(STOPS, repeat=length)
    if all(here != there for here, there in pairwise(["vagsbunnen", *between, "vagsbunnen"]))
]
NONSENSE = {
    "a departure off the grid": ('first_departure = "09:00"', 'first_departure = "09:07"', "multiple of 30"),
    "a trip off the grid": ('kind = "trips"\nmax = 5', 'kind = "forbid"\npattern = 0\nat = "10:07"', "multiple of 30"),
    "a pattern that is not there": ('kind = "trips"\nmax = 5', PIN, "0 to 0"),
    "no such stop": (
        '"vagsbunnen"]]',
        '"vagsbunnen"], ["vagsbunnen", "moon", "vagsbunnen"]]',
        "vagsbunnen, mo-gyldenpris",
    ),
    "negative demand": ("passengers = [1, 2,", "passengers = [-1, 2,", "0 to 10000 passengers"),
    "demand that is no number": ("passengers = [1, 2,", "passengers = [nan, 2,", "0 to 10000 passengers"),
    "endless demand": ("passengers = [1, 2,", "passengers = [inf, 2,", "0 to 10000 passengers"),
    "closed all day": ("[fleet]", CLOSED, "every stop is closed"),
    "no bus": ("vehicles = 1", "vehicles = 0", "1 to 50"),
    "ten thousand trips": ("max = 5", "min = 10000", "0 to 2000"),
    "no grid": ("grid_minutes = 30", "grid_minutes = 0", "1 to 60"),
    "not TOML": ("[fleet]", "[fleet", "bad.toml"),
}


@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.parametrize("command", ["plan", "evaluate", "sweep"])
def test_nonsense_is_one_precise_line_and_exit_2(ended: Ended, tmp_path: Path, command: str, name: str) -> None:
    old, new, message = NONSENSE[name]
    assert old in SMALL
    path = written(tmp_path / "bad.toml", SMALL.replace(old, new, 1))
    code, output, lines = ended(command, path, *([TODAY] if command == "evaluate" else []))
    assert (code, output, len(lines)) == (2, "", 1), lines
    assert message in lines[0]
    assert "bad.toml" in lines[0]


def test_two_thousand_required_trips_are_named_as_impossible(ended: Ended, tmp_path: Path) -> None:
    path = written(tmp_path / "bad.toml", SMALL.replace("max = 5", "min = 2000"))
    code, output, _ = ended("plan", path, "--json")
    assert (code, json.loads(output)["conflicts"]) == (3, [["at most five"]])


def test_more_possible_trips_than_can_be_proven_are_refused_at_once(ended: Ended, tmp_path: Path) -> None:
    patterns = f"patterns = {json.dumps(WAYS)}"
    one = 'patterns = [["vagsbunnen", "mo-gyldenpris", "vagsbunnen"]]'
    many = SMALL.replace("grid_minutes = 30", "grid_minutes = 1").replace(one, patterns)
    code, output, lines = ended("plan", written(tmp_path / "bad.toml", many))
    assert (code, output, len(lines)) == (2, "", 1), lines
    assert "at most 20000" in lines[0]


@pytest.mark.parametrize("command", ["plan", "evaluate", "sweep"])
def test_a_file_that_is_not_there_is_one_line(ended: Ended, tmp_path: Path, command: str) -> None:
    code, _, lines = ended(command, tmp_path / "nowhere.toml", *([TODAY] if command == "evaluate" else []))
    assert (code, len(lines)) == (2, 1), lines
    assert "nowhere.toml" in lines[0]


def test_a_timetable_of_ten_thousand_trips_is_refused_without_a_flood(ended: Ended, tmp_path: Path) -> None:
    small = written(tmp_path / "small.toml", SMALL)
    several = ", ".join(f'"{minute // 60:02d}:{minute % 60:02d}"' for minute in range(360, 1380))
    trips = TIMETABLE.replace('"10:00", "12:10", "15:00"', ", ".join([several] * 10))
    code, output, lines = ended("evaluate", small, written(tmp_path / "many.toml", trips))
    assert (code, output, len(lines)) == (2, "", 21), lines[:3]
    assert lines[0].endswith("gyldenpris-weekday-0600 stands twice; given: 06:00; allowed: each time once")
    assert lines[-1] == "and 9160 more"


@pytest.mark.parametrize("command", ["plan", "evaluate", "sweep"])
def test_demand_of_days_on_which_nobody_counted_is_refused_in_one_line(
    ended: Ended, tmp_path: Path, command: str
) -> None:
    path = written(tmp_path / "recorded.toml", SMALL.replace("[demand]\n", RECORDED))
    code, output, lines = ended(command, path, *([TODAY] if command == "evaluate" else []))
    assert (code, output, len(lines)) == (1, "", 1), lines
    assert "nobody counted on a weekday departure" in lines[0]
