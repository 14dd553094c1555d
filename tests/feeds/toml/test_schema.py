"""A schema reports every fault of a table at once, each with its path, line and code, and never fails in another way."""

import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.scenario_files.text_edits import toml_text
from shuttle.feeds.schedule_files.calendar import CalendarFile
from shuttle.feeds.schedule_files.duty_rules import DutyRulesFile
from shuttle.feeds.schedule_files.network import NetworkFile
from shuttle.feeds.schedule_files.opening_hours import OpeningHoursFile
from shuttle.feeds.schedule_files.timetables import TimetableFile
from shuttle.feeds.toml.lines import parse_toml
from shuttle.feeds.toml.schema import TomlModel, between, key, read_model, whole
from shuttle.feeds.toml.types import Dated, Tables, Text
from tests.builders import SCHEDULES, the_real_schedule

FILES: dict[str, type[TomlModel]] = {
    "network.toml": NetworkFile,
    "calendar.toml": CalendarFile,
    "opening-hours.toml": OpeningHoursFile,
    "timetables/2024-10.toml": TimetableFile,
    "duty-rules.toml": DutyRulesFile,
}
SCENARIO = tomllib.loads((SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text("utf-8"))
SCHEDULE = the_real_schedule()


class Seat(TomlModel):
    """A row of a table for the tests."""

    name: Text = key("text", "name")
    row: int = whole("rows", "from the front", 1, 9)


def _one_row_each(seats: list[tuple[int, Seat]]) -> Iterator[Fault]:
    rows = [seat.row for _, seat in seats]
    for place, (position, seat) in enumerate(seats):
        if seat.row in rows[:place]:
            yield Fault(what="a row is taken", given=str(seat.row), path=(position, "row"))


class Bus(Dated):
    """A file for the tests."""

    seats: Tables[Seat] = key("", "", [])


def faults(text: str, model: type[TomlModel] = Bus) -> list[Fault]:
    noted: list[Fault] = []
    read_model(model, parse_toml(text, "bus.toml"), noted)
    return noted


def test_every_fault_of_a_file_has_its_path_line_and_code() -> None:
    text = """assumed = true
valid_from = 2026-05-02
valid_to = 2026-05-01
colour = "red"
[[seats]]
name = " "
row = 10
[[seats]]
name = 3
"""
    assert [(fault.line, fault.code, fault.path) for fault in faults(text)] == [
        (1, "assumed-without-a-reason", ("assumed",)),
        (3, "bad-validity", ("valid_to",)),
        (4, "unknown-key", ("colour",)),
        (6, "empty", ("seats", 0, "name")),
        (7, "out-of-range", ("seats", 0, "row")),
        (8, "missing", ("seats", 1, "row")),
        (9, "not-text", ("seats", 1, "name")),
    ]


@pytest.mark.parametrize("value", ["1", '"x"', "[1]", "{}", "[[]]"])
def test_what_is_no_array_of_tables_is_one_fault(value: str) -> None:
    assert [fault.code for fault in faults(f"seats = {value}")] == ["not-tables"]


def test_a_check_between_elements_sees_those_without_a_fault() -> None:
    class Coach(TomlModel):
        """A file whose rows are compared."""

        seats: Annotated[Tables[Seat], between(_one_row_each)] = key("", "", [])

    text = "\n".join(f'[[seats]]\nname = "a"\nrow = {row}' for row in (1, 20, 1))
    assert [(fault.line, fault.code) for fault in faults(text, Coach)] == [(6, "out-of-range"), (9, "a-row-is-taken")]


SCALARS = st.one_of(
    st.integers(-(2**40), 2**40),
    st.floats(),
    st.booleans(),
    st.sampled_from(["", " ", "x", "vagsbunnen", "10:00", "25:99", "weekday"]),
    st.dates(date(1, 1, 1)),
    st.times(),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "id", "00:00"]), inner, max_size=2)
    ),
    max_leaves=5,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in pairs:
        yield (*path, step)
        yield from places(below, (*path, step))


def with_value(document: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed = deepcopy(document)
    parent: Any = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return changed


@given(st.data())
def test_any_value_in_a_schedule_file_is_read_or_refused_with_a_line(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    document = tomllib.loads((SCHEDULES / name).read_text("utf-8"))
    path = data.draw(st.sampled_from(sorted(places(document), key=str)))
    text = toml_text(with_value(document, path, data.draw(VALUES)))
    assert all(fault.code and (fault.line or not fault.path) for fault in faults(text, FILES[name]))


@given(st.data())
def test_any_value_in_a_scenario_is_read_or_refused_with_a_code(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(places(SCENARIO), key=str)))
    text = toml_text(with_value(SCENARIO, path, data.draw(VALUES)))
    refused: tuple[Fault, ...] | None = None
    try:
        read_scenario(text, SCHEDULE, date(2026, 11, 23))
    except Invalid as refusal:
        refused = refusal.faults
    assert refused is None or (refused and all(fault.code for fault in refused))
