"""The tables of schedules/README.md are printed from the models of the files, key for key."""

from collections.abc import Iterator

from shuttle.domain.timetable.service_days import WEEKDAYS
from shuttle.feeds.public_holidays import KEYS
from shuttle.feeds.roadmap_files.reader import RoadmapFile
from shuttle.feeds.scenario_files.requirements import kind_rows
from shuttle.feeds.scenario_files.scenario import ScenarioFile
from shuttle.feeds.schedule_files.calendar import CalendarFile, WeekTable
from shuttle.feeds.schedule_files.duty_rules import DutyRulesFile
from shuttle.feeds.schedule_files.network import NetworkFile
from shuttle.feeds.schedule_files.opening_hours import OpeningHoursFile
from shuttle.feeds.schedule_files.service import ServiceFile
from shuttle.feeds.schedule_files.timetables import TimetableFile
from shuttle.feeds.toml.schema import TomlModel, key_rows
from shuttle.feeds.toml.types import ANYWHERE, Dated
from tests.builders import SCHEDULES

README = (SCHEDULES / "README.md").read_text(encoding="utf-8")

FILES: dict[str, type[TomlModel]] = {
    "service.toml": ServiceFile,
    "network.toml": NetworkFile,
    "calendar.toml": CalendarFile,
    "opening-hours.toml": OpeningHoursFile,
    "timetables/*.toml": TimetableFile,
    "duty-rules.toml": DutyRulesFile,
}


def printed(name: str, model: type[TomlModel], without: tuple[str, ...] = ()) -> Iterator[str]:
    """The rows of a file in the table."""
    for key, unit, meaning in key_rows(model, without=without):
        yield f"| {name} | `{key}` | {unit} | {meaning} |"


def test_the_rows_of_the_schedule_files_are_those_of_their_models() -> None:
    rows = [*printed("all", Dated), *(row for name in FILES for row in printed(name, FILES[name], ANYWHERE))]
    table = "\n".join(["| file | key | unit | meaning |", "| --- | --- | --- | --- |", *rows])
    assert f"\n{table}\n\n" in README, f"the table should be:\n{table}"


def test_every_day_of_the_week_is_a_key() -> None:
    assert tuple(name for name in WeekTable.model_fields if name not in ANYWHERE) == WEEKDAYS


def test_the_rows_of_a_scenario_are_those_of_its_model() -> None:
    rows = printed("scenarios/*.toml", ScenarioFile)
    table = "\n".join(["| file | key | unit | meaning |", "| --- | --- | --- | --- |", *rows])
    assert f"\n{table}\n\n" in README, f"the table should be:\n{table}"


def test_the_rows_of_a_roadmap_are_those_of_its_model() -> None:
    rows = printed("roadmaps/*.toml", RoadmapFile)
    table = "\n".join(["| file | key | unit | meaning |", "| --- | --- | --- | --- |", *rows])
    assert f"\n{table}\n\n" in README, f"the table should be:\n{table}"


def test_the_rows_of_the_requirement_kinds_are_those_of_their_models() -> None:
    rows = (f"| {' | '.join(row)} |" for row in kind_rows())
    table = "\n".join(["| kind | its keys | what must hold |", "| --- | --- | --- |", *rows])
    assert f"\n{table}\n\n" in README, f"the table should be:\n{table}"


def test_every_special_day_is_named() -> None:
    assert [key for key in KEYS if f"`{key}`" not in README] == []


def test_every_file_of_the_folder_is_named() -> None:
    names = {path.name for path in SCHEDULES.glob("*.toml")}
    assert [name for name in sorted(names) if name not in README] == []
