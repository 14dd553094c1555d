"""`shuttle jobs`."""

import json

from tests.cli.conftest import Run


def test_a_job_is_run_and_listed_with_how_often_it_was_begun(run: Run) -> None:
    assert run("departures").exit_code == 0
    assert run("jobs", "run", "look-ahead").exit_code == 0
    listed = {job["job"]: job for job in json.loads(run("jobs", "--json").stdout)["jobs"]}
    assert (listed["look-ahead"]["outcome"], listed["look-ahead"]["begun"]) == ("done", 1)
    assert (listed["backup"]["outcome"], listed["backup"]["begun"]) == (None, 0)
    assert "begun" in run("jobs").stdout.splitlines()[0]


def test_an_unknown_job_is_named_with_those_that_there_are(run: Run) -> None:
    answer = run("jobs", "run", "coffee")
    assert answer.exit_code != 0
