"""Command `sweep`: answers as they come, failures that cost one answer, and workers that have been compared."""

import json
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from shuttle.cli.planning.cluster import check_workers
from shuttle.domain.basics.errors import Refused, Unavailable
from shuttle.planner.process import solver_client
from shuttle.planner.process.empty_result import outline
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.versions import versions
from tests.cli.conftest import Ended, Run
from tests.cli.test_plans import SMALL, written


class Solver:
    """Stands in for the solver's process: each scenario fails as often as is said, and then has an answer."""

    def __init__(self, failing: dict[str, int]) -> None:
        self.failing = failing
        self.asked: list[str] = []

    def __call__(self, request: PlanRequest) -> Any:
        name = request.scenario.id
        self.asked.append(name)
        if self.failing.get(name, 0):
            self.failing[name] -= 1
            raise Unavailable("plan-failed", "the solver ended without an answer: killed")
        return {**outline(request), "status": "solved", "seconds": 1.0}


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    texts = {name: SMALL.replace('id = "small"', f'id = "{name}"') for name in ("one", "two", "three")}
    return [written(tmp_path / f"{name}.toml", text) for name, text in texts.items()]


def test_one_failure_costs_one_answer(
    ended: Ended, three: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver = Solver({"two": 9})
    monkeypatch.setattr(solver_client, "run", solver)
    bad = written(tmp_path / "bad.toml", "id = ")
    code, output, lines = ended("sweep", *three, bad, "--json", "--output", tmp_path / "answers")
    assert code == 1
    answers = json.loads(output)
    assert [(each["scenario"], each["status"]) for each in answers] == [
        ("one", "solved"),
        ("two", "failed"),
        ("three", "solved"),
        ("bad", "failed"),
    ]
    assert "killed" in answers[1]["failure"] and "bad.toml" in answers[3]["failure"]
    assert solver.asked.count("two") == 2, "it was solved again once"
    assert lines[0].startswith("1 of 4: bad: ") and any(line.startswith("4 of 4: ") for line in lines)
    assert len(list((tmp_path / "answers").glob("*.json"))) == 4
    table = ended("sweep", *three, "--retries", "0")[1]
    assert "failed" in table and table.count("solved") == 2


def test_a_lost_scenario_is_solved_again(ended: Ended, three: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_client, "run", Solver({"one": 2, "three": 1}))
    code, output, lines = ended("sweep", *three, "--json", "--retries", "2")
    assert (code, [each["status"] for each in json.loads(output)]) == (0, ["solved"] * 3)
    assert sum("solving it again" in line for line in lines) == 3


def test_an_answer_is_told_before_the_others_have_come(
    ended: Ended, three: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, seen = tmp_path / "answers", list[int]()

    def solve(request: PlanRequest) -> Any:
        if request.scenario.id == "three":  # two at a time: the third begins when another has ended
            for _ in range(500):
                if list(folder.glob("*.json")):
                    break
                sleep(0.01)
            seen.append(len(list(folder.glob("*.json"))))
        return {**outline(request), "status": "solved", "seconds": 1.0}

    monkeypatch.setattr(solver_client, "run", solve)
    assert ended("sweep", *three, "--json", "--output", folder)[0] == 0
    assert seen[0] >= 1


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ({}, "has no workers"),
        ({"tcp://a:1": ModuleNotFoundError("No module named 'shuttle'")}, "tcp://a:1 has no such program"),
        ({"tcp://a:1": {**versions(), "ortools": "9.14"}}, "tcp://a:1 has ortools 9.14 (here"),
        (
            {"tcp://a:1": versions(), "tcp://b:1": {**versions(), "shuttle": "0"}},
            "program: tcp://b:1 has shuttle 0 (here",
        ),
        ({"the scheduler": versions()}, "has no workers"),
    ],
)
def test_workers_with_other_versions_are_refused_in_one_line(theirs: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused) as refused:
        check_workers("tcp://here:8786", theirs)
    assert told in refused.value.detail and "\n" not in refused.value.detail
    check_workers("tcp://here:8786", {"tcp://a:1": versions()})


def test_a_cluster_that_does_not_answer_is_one_line(
    ended: Ended, three: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    def no_answer(address: str, **_options: object) -> Client:
        raise OSError(f"Timed out trying to connect to {address} after 30 s")

    monkeypatch.setattr("distributed.Client", no_answer)
    code, output, lines = ended("sweep", three[0], "--cluster", "tcp://127.0.0.1:9", "--json")
    assert (code, output, len(lines)) == (1, "", 1)
    assert "tcp://127.0.0.1:9 does not answer" in lines[0]


def test_help_names_what_a_sweep_may_be_told(run: Run) -> None:
    text = run("sweep", "--help").stdout
    assert "--retries" in text and "--output" in text
