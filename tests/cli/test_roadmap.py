"""Command `roadmap`: the answer's figures counted again from its trips and days, and fronts that are solved once."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import the_real_schedule
from tests.cli.conftest import Run

SCENARIO = """
id = "small"
name = "A small question"
base_timetable = "2024-10"
day_types = ["weekday", "holiday"]
grid_minutes = 60
base_stop = "vagsbunnen"
first_departure = "09:00"
last_arrival = "20:00"
patterns = [["vagsbunnen", "mo-nesttun", "vagsbunnen"]]

[fleet]
vehicles = 1

[opening_hours.mo-nesttun]
weekday = [["09:00", "19:00"]]
holiday = [["12:00", "16:00"]]

[demand]
max_wait_minutes = 120
unserved_minutes = 180

[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-nesttun"
starts = "10:00"
slot_minutes = 60
passengers = [1, 2, 3, 2, 1, 1, 2, 3]

[[demand.profile]]
day_type = "holiday"
from = "vagsbunnen"
to = "mo-nesttun"
starts = "12:00"
slot_minutes = 60
passengers = [2, 2, 2]

[[requirements]]
name = "some trips"
kind = "trips"
max = 3

[front]
by = "trips"
from = 2
to = 3
"""
ROADMAP = """
id = "steps"
name = "Steps"
scenario = "small"
combine = true

[staff]
nok_per_hour = {weekday = 100, holiday = 200}

[[options]]
id = "evening"
stop = "mo-nesttun"
weekday = [["09:00", "19:00"]]

[[options]]
id = "weekend"
stop = "mo-nesttun"
holiday = [["12:00", "16:00"]]

[[steps]]
starts = 2027-01-01
budget_nok_a_year = 700000

[[steps]]
starts = 2028-01-01
budget_nok_a_year = 2000000
"""
RATES = {"weekday": 100, "holiday": 200}


def written(folder: Path, roadmap: str = ROADMAP) -> Path:
    for name in ("scenarios", "roadmaps"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "scenarios" / "small.toml").write_text(SCENARIO, encoding="utf-8")
    path = folder / "roadmaps" / "steps.toml"
    path.write_text(roadmap, encoding="utf-8")
    return path


def days_from(first: date) -> dict[str, int]:
    """Days of each day type in the year, one date after the other."""
    calendar, days = the_real_schedule().calendar, dict[str, int]()
    day = first
    while day < first.replace(year=first.year + 1):
        kind = calendar.service_day(day).day_type
        days[kind] = days.get(kind, 0) + 1
        day += timedelta(days=1)
    return days


def staff_hours(windows: list[list[str]], today: int) -> float:
    hours = sum(int(closes[:2]) - int(opens[:2]) for opens, closes in windows)
    return hours - today


def check_money(step: dict[str, Any]) -> None:
    """NOK a year: each date's timetable and staff, to the krone."""
    days = days_from(date.fromisoformat(step["from"]))
    hours = step["opening_hours"]["mo-nesttun"]
    extra = {"weekday": staff_hours(hours["weekday"], 6), "holiday": staff_hours(hours["holiday"], 0)}
    nok = sum(days[kind] * (step["day_types"][kind]["nok"] + RATES[kind] * extra[kind]) for kind in days)
    cost = sum(days[kind] * step["day_types"][kind]["cost"] for kind in days)
    assert round(step["nok_a_year"]) == round(nok) <= step["budget_nok_a_year"]
    assert step["cost_a_year"] == pytest.approx(cost)
    assert step["days"] == days


@pytest.mark.slow
def test_a_roadmap_is_solved_once_and_its_money_is_the_calendars(run: Run, tmp_path: Path) -> None:
    path, output = written(tmp_path), tmp_path / "road.json"
    outcome = run("roadmap", path, "--json", "--gap", "0", "--output", output)
    assert outcome.exit_code == 0, outcome.stderr
    answer = json.loads(outcome.stdout)
    assert answer == json.loads(output.read_text(encoding="utf-8"))
    assert (answer["status"], answer["gap"]) == ("solved", 0.0)
    assert [step["from"] for step in answer["steps"]] == ["2027-01-01", "2028-01-01"]
    assert len(answer["fronts"]) == 4 and len(answer["cases"]) == 6
    for step in answer["steps"]:
        check_money(step)
    weighed = [span * step["cost_a_year"] for span, step in zip(answer["years"], answer["steps"], strict=True)]
    assert answer["cost"] == pytest.approx(sum(weighed)) and answer["years"] == [1.0, 2.0]
    assert answer["greedy"]["cost"] >= answer["cost"] - 1e-6

    again = run("roadmap", written(tmp_path, ROADMAP.replace("700000", "900000")), "--json", "--gap", "0")
    richer = json.loads(again.stdout)
    assert [front["seconds"] for front in richer["fronts"]] == [0.0] * 4
    assert richer["cost"] <= answer["cost"] + 1e-6
    short = run("roadmap", written(tmp_path, ROADMAP.replace("700000", "1000")))
    assert short.exit_code == 3 and "no timetable is within the budget from 2027-01-01" in short.stdout


def test_a_roadmap_with_faults_names_file_line_and_what_is_allowed(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, ROADMAP.replace("2028-01-01", "2026-01-01"))
    outcome = run("roadmap", path)
    assert outcome.exit_code == 1
    assert "steps.toml:25: a step starts before the one above it; given: 2026-01-01" in str(outcome.exception)


def test_a_scenario_that_is_nowhere_is_told_with_those_that_are(run: Run, tmp_path: Path) -> None:
    outcome = run("roadmap", written(tmp_path, ROADMAP.replace('scenario = "small"', 'scenario = "large"')))
    assert outcome.exit_code == 1 and "there is no scenario 'large'" in str(outcome.exception)
