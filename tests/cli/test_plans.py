"""Commands `plan`, `evaluate` and `sweep`."""

import json
from pathlib import Path

import pytest

from tests.builders import SCHEDULES
from tests.cli.conftest import Run

SMALL = """
id = "small"
name = "A small question"
base_timetable = "2024-10"
day_types = ["weekday"]
grid_minutes = 30
base_stop = "vagsbunnen"
first_departure = "09:00"
last_arrival = "20:00"
patterns = [["vagsbunnen", "mo-gyldenpris", "vagsbunnen"]]

[fleet]
vehicles = 1

[demand]
max_wait_minutes = 120
unserved_minutes = 180

[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-gyldenpris"
starts = "09:00"
slot_minutes = 60
passengers = [1, 2, 3, 2, 1, 1, 2, 1, 1, 1]

[[requirements]]
name = "at most five"
kind = "trips"
max = 5
"""
TIMETABLE = """
id = "by-hand"
name = "By hand"

[[trips]]
pattern = "gyldenpris"
day_type = "weekday"
departs = ["10:00", "12:10", "15:00"]
"""
TODAY = SCHEDULES / "timetables" / "2024-10.toml"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_evaluate_gives_any_timetable_the_figures_of_a_proposal(run: Run, small: Path, tmp_path: Path) -> None:
    outcome = run("evaluate", small, written(tmp_path / "by-hand.toml", TIMETABLE), "--json")
    assert outcome.exit_code == 0, outcome.stderr
    document = json.loads(outcome.stdout)
    weekday = document["day_types"]["weekday"]
    assert (document["timetable"], weekday["id"], weekday["trips_count"]) == ("by-hand", "by-hand", 3)
    changes = weekday["changes"]
    assert (changes["kept"], changes["moved"]) == (2, [{"from": "12:00", "to": "12:10", "minutes": 10}])
    assert (changes["added"], changes["dropped"]) == ([], ["17:00", "18:30"])
    assert [(each["departs"], each["mean"]) for each in changes["past_boardings"]] == [
        ("12:00", None),
        ("17:00", None),
        ("18:30", None),
    ]
    assert [(each["name"], each["met"]) for each in weekday["requirements"]] == [("at most five", True)]
    assert weekday["interval"]["cost_p5"] <= weekday["cost"] <= weekday["interval"]["cost_p95"]


def test_a_table_is_printed_for_people(run: Run, small: Path) -> None:
    outcome = run("evaluate", small, TODAY)
    assert outcome.exit_code == 0, outcome.stderr
    assert "10:00 12:00 15:00 17:00 18:30" in outcome.stdout
    assert "5 kept, 0 moved, 0 added, 0 dropped" in outcome.stdout


@pytest.mark.slow
def test_a_plan_agrees_with_evaluate_and_prints_sensitivity_and_baselines(
    run: Run, small: Path, tmp_path: Path
) -> None:
    output = tmp_path / "answer.json"
    outcome = run("plan", small, "--workers", 1, "--output", output)
    assert outcome.exit_code == 0, outcome.stderr
    assert "a driver hour costs NOK" in outcome.stdout
    assert "even headway" in outcome.stdout
    [proposal] = json.loads(output.read_text(encoding="utf-8"))["day_types"]["weekday"]["proposals"]
    times = [trip["departs"] for trip in proposal["trips"]]
    by_hand = TIMETABLE.replace('["10:00", "12:10", "15:00"]', json.dumps(times))
    weighed = json.loads(run("evaluate", small, written(tmp_path / "same.toml", by_hand), "--json").stdout)
    same = weighed["day_types"]["weekday"]
    assert same["cost"] == pytest.approx(proposal["cost"])
    assert same["interval"] == proposal["interval"]


@pytest.mark.slow
def test_a_sweep_has_a_result_for_each_scenario(run: Run, small: Path, tmp_path: Path) -> None:
    fewer = SMALL.replace('id = "small"', 'id = "fewer"').replace("max = 5", "max = 3")
    other = written(tmp_path / "fewer.toml", fewer)
    outcome = run("sweep", small, other, "--json")
    assert outcome.exit_code == 0, outcome.stderr
    answers = json.loads(outcome.stdout)
    assert [(each["scenario"], each["status"]) for each in answers] == [("small", "solved"), ("fewer", "solved")]
    more, less = (each["day_types"]["weekday"]["proposals"][0] for each in answers)
    assert (more["trips_count"], less["trips_count"]) == (5, 3)
    assert more["cost"] < less["cost"]
    table = run("sweep", small, other)
    assert table.exit_code == 0
    assert {"small", "fewer"} < set(table.stdout.split())


@pytest.mark.slow
def test_a_sweep_on_a_cluster_gives_the_same_results(run: Run, small: Path) -> None:
    import distributed  # a second to load: only here

    where = {"protocol": "tcp://", "host": "tcp://127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, **where) as cluster:
        outcome = run("sweep", small, "--cluster", cluster.scheduler_address, "--json")
    assert outcome.exit_code == 0, outcome.exception
    [there], [here] = json.loads(outcome.stdout), json.loads(run("sweep", small, "--json").stdout)
    assert {**there, "seconds": 0} == {**here, "seconds": 0}
