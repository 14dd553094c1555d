"""`shuttle facts`: entering, listing and undoing, by the same services as the pages."""

import json
import shutil
from pathlib import Path

from tests.builders import SCHEDULES
from tests.cli.conftest import Ended, Run


def test_hours_are_entered_listed_and_undone(run: Run) -> None:
    told = ("facts", "hours", "mo-nesttun", "--day-type", "weekday", "--open", "09:00-21:00", "--source", "a decision")
    made = run(*told, "--from", "2099-03-02", "--json")
    assert made.exit_code == 0, made.output
    act = json.loads(made.stdout)
    assert act["made_by"] == "terminal" and act["from"] == "2099-03-02"
    assert json.loads(run("facts", "acts", "--json").stdout)[0] == act
    assert run("facts", "undo", act["id"]).exit_code == 0
    assert json.loads(run("facts", "acts", "--json").stdout)[1]["undone_by"] == "terminal"


def test_a_confirmed_fact_leaves_the_list(run: Run) -> None:
    def listed() -> set[str]:
        return {fact["name"] for fact in json.loads(run("facts", "assumed", "--json").stdout)}

    assert "MO Nesttun, Weekday" in listed()
    confirmed = ("facts", "hours", "mo-nesttun", "--day-type", "weekday", "--open", "09:00-15:00", "--source", "asked")
    assert run(*confirmed).exit_code == 0
    assert "MO Nesttun, Weekday" not in listed()


def test_a_course_closes_a_centre_for_a_day(run: Run) -> None:
    assert run("facts", "special-hours", "mo-nesttun", "--from", "2099-03-02", "--reason", "a course").exit_code == 0
    assert run("facts", "special-hours", "mo-nesttun", "--from", "2099-03-02", "--regular").exit_code == 0


def test_what_cannot_be_is_said_in_one_line(ended: Ended) -> None:
    told = ("facts", "hours", "mo-nesttun", "--day-type", "weekday", "--open", "nine", "--from", "2099-03-02")
    code, output, errors = ended(*told, "--source", "a decision")
    assert (code, output, len(errors)) == (2, "", 1) and "09:00-15:00" in errors[0]
    code, _, errors = ended("facts", "undo", "fact-nothing")
    assert code == 1 and "fact-nothing" in errors[0]


def test_the_facts_are_written_as_files_that_can_be_imported(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "schedules"
    shutil.copytree(SCHEDULES, folder)
    entered = ("facts", "vehicle", "minibus-1", "--seats", "16", "--from", "2099-03-02", "--source", "the garage")
    assert run(*entered).exit_code == 0
    prices = ("facts", "costs", "--driver-hour", "470", "--km", "6.5", "--from", "2099-05-01", "--source", "the tariff")
    assert run(*prices, "--supplement", "evening weekday 17:00-21:00 26.5").exit_code == 0
    assert run("export", "facts", "--output", folder).exit_code == 0
    text = (folder / "network.toml").read_text("utf-8")
    assert "seats = 16" in text and "valid_from = 2099-03-02" in text and "[[later_costs]]" in text
    assert run("import", folder).exit_code == 0
    assert json.loads(run("facts", "acts", "--json").stdout)[0]["kind"] == "costs"
    again = run(*prices, "--supplement", "evening weekday 17:00-21:00 26.5")
    assert again.exit_code == 1 and again.exception is not None, "the import has left everything as it was"
