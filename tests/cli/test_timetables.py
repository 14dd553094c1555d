"""`shuttle timetables`: publishing, withdrawing, rolling back and undoing, by the same services as the pages."""

import json
from pathlib import Path

import pytest

from tests.builders import SCHEDULES
from tests.cli.conftest import Ended, Run

JUNE = ("--from", "2099-06-22", "--to", "2099-08-16")


@pytest.fixture
def draft(run: Run, tmp_path: Path) -> str:
    """A draft, a copy of the timetable in force, as a file that is imported."""
    file = next((SCHEDULES / "timetables").glob("*.toml"))
    assert run("import", file, "--id", "summer").exit_code == 0
    return "summer"


def applies(run: Run) -> dict[str, list[dict[str, str | None]]]:
    return {each["id"]: each["applies"] for each in json.loads(run("timetables", "list", "--json").stdout)}


def test_a_summer_table_is_published_rolled_back_and_undone(run: Run, draft: str) -> None:
    told = run("timetables", "findings", draft, *JUNE, "--json")
    assert {each["code"] for each in json.loads(told.stdout)} >= {"gives-way"}
    assert applies(run)[draft] == []
    assert run("timetables", "publish", draft, *JUNE).exit_code == 0
    published = applies(run)[draft]
    assert published == [{"from": "2099-06-22", "to": "2099-08-16"}]
    assert run("timetables", "roll-back", "2024-10").exit_code == 0
    assert applies(run)[draft] == []
    assert run("timetables", "undo").exit_code == 0
    assert applies(run)[draft] == published


def test_what_ends_all_service_must_be_accepted_by_name(ended: Ended) -> None:
    code, output, errors = ended("timetables", "withdraw", "2024-10")
    assert (code, output) == (1, "") and "no timetable applies from" in errors[0]
    code, output, errors = ended("timetables", "withdraw", "2024-10", "--accept", "no-timetable")
    assert code == 0 and "no timetable applies from" in output
