"""A scenario file is a scenario, or one line for each fault: its place, the value, and what is allowed."""

from datetime import date
from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.scenario import Scenario
from shuttle.feeds.scenario_files.reader import read_scenario, read_scenario_file
from tests.builders import SCHEDULES, the_real_schedule

DAY = date(2026, 11, 23)

SMALL = """
id = "small"
name = "Small"
base_timetable = "2024-10"
day_types = ["weekday"]
grid_minutes = 5
base_stop = "vagsbunnen"
first_departure = "07:00"
last_arrival = "23:00"
patterns = [["vagsbunnen", "mo-gyldenpris", "vagsbunnen"]]

[fleet]
vehicles = 1

[demand]
source = "profile"
max_wait_minutes = 120
unserved_minutes = 180

[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-gyldenpris"
starts = "09:00"
slot_minutes = 60
passengers = [1, 2.5]
"""


def read(text: str) -> Scenario:
    return read_scenario(text, the_real_schedule(), DAY, "small.toml")


def with_requirement(lines: str) -> str:
    return f'{SMALL}\n[[requirements]]\nname = "wanted"\n{lines}\n'


@pytest.mark.parametrize("path", sorted((SCHEDULES / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_each_step_of_the_extension_can_be_asked(path: Path) -> None:
    scenario = read_scenario_file(path, the_real_schedule(), DAY)
    assert "demand.profile" in scenario.assumed
    assert "running_times" in scenario.assumed


def test_what_a_scenario_leaves_out_is_the_schedules_assumptions_included() -> None:
    scenario = read(SMALL)
    assert scenario.hours["mo-gyldenpris"]["weekday"] == ((480, 1320),)
    assert scenario.running_times["vagsbunnen", "mo-gyldenpris"].minutes(600) == 10
    assert scenario.assumed == ("opening_hours", "running_times")
    assert scenario.demand.early == 10
    assert scenario.demand.coverage_minutes == 60


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('kind = "keep_departures"\ntolerance_minutes = 10', ask.KeepDepartures(name="wanted", tolerance=10)),
        ('kind = "pin"\npattern = 0\nat = "10:03"', ask.Pin(name="wanted", pattern=0, at=603)),
        ('kind = "forbid"\npattern = 0\nat = "10:05"', ask.Forbid(name="wanted", pattern=0, at=605)),
        (
            'kind = "max_gap"\nto = "mo-gyldenpris"\nminutes = 60',
            ask.MaxGap(name="wanted", to="mo-gyldenpris", minutes=60),
        ),
        ('kind = "min_gap"\nminutes = 20', ask.MinGap(name="wanted", minutes=20)),
        ('kind = "trips"\nmin = 2\nmax = 5', ask.TripCount(name="wanted", least=2, most=5)),
        ('kind = "budget"\nnok = 4000', ask.Budget(name="wanted", nok=4000.0)),
        ('kind = "vehicles"\nmax = 1', ask.VehicleLimit(name="wanted", most=1)),
        ('kind = "clock_face"\nminutes = [0, 30]', ask.ClockFace(name="wanted", minutes=(0, 30))),
        (
            'kind = "coverage"\nof = "mo-gyldenpris"\nmin_share = 0.5',
            ask.CoverageShare(name="wanted", of="mo-gyldenpris", share=0.5),
        ),
        ('kind = "room"\nmax_left_behind = 2.5', ask.Room(name="wanted", max_left_behind=2.5)),
        (
            'kind = "last_bus"\ncentre = "mo-gyldenpris"\nminutes = 20',
            ask.LastBus(name="wanted", centre="mo-gyldenpris", minutes=20),
        ),
        ('kind = "max_change"\nmoved = 2\nby_minutes = 15', ask.MaxChange(name="wanted", moved=2, by=15)),
        (
            'kind = "trips"\nmax = 5\nhard = false\nweight = 30',
            ask.TripCount(name="wanted", most=5, hard=False, weight=30.0),
        ),
    ],
    ids=lambda value: value.split('"')[1] if isinstance(value, str) else "",
)
def test_a_requirement_is_read_as_it_is_written(lines: str, expected: ask.Requirement) -> None:
    assert read(with_requirement(lines)).requirements == (expected,)


BAD = {
    "a first departure off the grid": ('first_departure = "07:00"', 'first_departure = "07:03"', 8, "multiple of 5"),
    "no such time": ('first_departure = "07:00"', 'first_departure = "25:99"', 8, "29:59"),
    "a day that ends before it begins": ('last_arrival = "23:00"', 'last_arrival = "06:00"', None, "after 07:00"),
    "no such stop": ('"mo-gyldenpris", "vagsbunnen"]]', '"moon", "vagsbunnen"]]', 10, "vagsbunnen, mo-gyldenpris"),
    "demand at no such stop": ('to = "mo-gyldenpris"', 'to = "moon"', 23, "vagsbunnen, mo-gyldenpris"),
    "less than nobody": ("passengers = [1, 2.5]", "passengers = [1, -2]", 26, "0 to 10000"),
    "no bus": ("vehicles = 1", "vehicles = 0", 13, "1 to 50"),
    "a day type that is not there": ('day_types = ["weekday"]', 'day_types = ["moonday"]', 5, "weekday, holiday"),
    "no grid": ("grid_minutes = 5", "grid_minutes = 0", 6, "1 to 60"),
    "a word that nobody asked for": ("vehicles = 1", "vehicles = 1\nwheels = 4", 14, "vehicles"),
    "a timetable that is not there": ('"2024-10"', '"2019-01"', 4, "2024-10"),
    "a ride that ends where it begins": ('to = "mo-gyldenpris"', 'to = "vagsbunnen"', 23, "another stop"),
    "waiting that costs more than being left out": ("unserved_minutes = 180", "unserved_minutes = 60", 18, "at least"),
    "too many possible trips": (
        'patterns = [["vagsbunnen", "mo-gyldenpris", "vagsbunnen"]]',
        "patterns = [\n"
        + ",\n".join(
            str(["vagsbunnen", *["mo-gyldenpris", "mo-nesttun"] * n, "vagsbunnen"]).replace("'", '"')
            for n in range(1, 30)
        )
        + "]",
        None,
        "coarser grid",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_fault_is_one_line_with_its_place_and_what_is_allowed(name: str) -> None:
    old, new, line, allowed = BAD[name]
    assert old in SMALL
    text = SMALL.replace(old, new)
    if name.startswith("too many"):
        text = text.replace("grid_minutes = 5", "grid_minutes = 1")
    with pytest.raises(Invalid) as refusal:
        read(text)
    lines = [str(fault) for fault in refusal.value.faults]
    assert any(
        each.startswith("small.toml" if line is None else f"small.toml:{line}:") and allowed in each for each in lines
    ), lines


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        ('kind = "magic"', "keep_departures"),
        ('kind = "forbid"\npattern = 0\nat = "10:03"', "multiple of 5"),
        ('kind = "pin"\npattern = 4\nat = "10:00"', "0 to 0"),
        ('kind = "max_gap"\nto = "vagsbunnen"\nminutes = 60', "mo-gyldenpris"),
        ('kind = "trips"\nmin = 5\nmax = 2', "at most 2"),
        ('kind = "budget"', "driver_hours or nok"),
        ('kind = "trips"\nmax = 5\nhard = false', "weight"),
        ('kind = "coverage"\nof = "mo-gyldenpris"\nmin_share = 1.5', "0 to 1"),
    ],
)
def test_a_requirement_that_makes_no_sense_is_refused(lines: str, allowed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(with_requirement(lines))
    assert [fault for fault in refusal.value.faults if allowed in str(fault) and fault.line]


def test_closed_all_day_leaves_nothing_to_plan() -> None:
    with pytest.raises(Invalid) as refusal:
        read(f"{SMALL}\n[opening_hours.mo-gyldenpris]\nweekday = []\n")
    assert "every stop is closed" in str(refusal.value.faults[0])


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        read(SMALL.replace("vehicles = 1", "vehicles = 0").replace("[1, 2.5]", "[-1]").replace('"2024-10"', '"x"'))
    assert len(refusal.value.faults) == 3
