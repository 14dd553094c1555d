"""The table in schedules/README.md is true: every key that a reader asks for stands there, and no other."""

import re
from collections.abc import Iterator

import pytest

from shuttle.domain.basics.errors import Fault
from shuttle.domain.timetable.service_days import WEEKDAYS
from shuttle.feeds.public_holidays import KEYS
from shuttle.feeds.scenario_files.requirements import KINDS as READ
from shuttle.feeds.schedule_files.calendar import read_calendar
from shuttle.feeds.schedule_files.network import read_network
from shuttle.feeds.schedule_files.opening_hours import read_opening_times
from shuttle.feeds.schedule_files.timetables import read_timetable
from shuttle.feeds.toml.lines import parse_toml
from shuttle.feeds.toml.tables import TomlTable
from shuttle.web.pages.planning.form_fields import DEMAND, FLEET, FRONT, HEAD, KINDS, PROFILE
from tests.builders import SCHEDULES

README = (SCHEDULES / "README.md").read_text(encoding="utf-8")
ANYWHERE = {"source", "assumed", "reason", "valid_from", "valid_to"}


def documented() -> dict[str, set[str]]:
    """File -> keys, with the days of the week written out."""
    found: dict[str, set[str]] = {}
    for name, key in re.findall(r"^\| (\S+) \| `([^`]+)`", README, re.MULTILINE):
        keys = {f"week.{day}" for day in WEEKDAYS} if key == "week.monday" else {key}
        found.setdefault(name, set()).update(keys)
    return found


NETWORK = """
[[stops]]
lat = 1
[[patterns]]
[[running_times]]
km = 1
[[running_times]]
bands = []
[[vehicles]]
[costs]
[[costs.supplements]]
"""
CALENDAR = "[[day_types]]\n[week]\n[special_days]\n[[overrides]]\n"
HOURS = "[[opening_hours]]\n[[special_hours]]\n"
TIMETABLE = "[[trips]]\ndeparts = []\n[[trips]]\n[[trips.calls]]\narrives = '1'\ndeparts = '1'\n[[trips.calls]]\n"


def asked(text: str, read: object) -> set[str]:
    """The keys that a reader asks for, as it says itself when it meets one that it does not know."""
    lines = [line for line in text.splitlines() if line]
    spoilt = "unknown = 1\n" + "".join(
        f"{line}\nunknown = 1\n" if line.startswith("[") else f"{line}\n" for line in lines
    )
    faults: list[Fault] = []
    table = TomlTable.whole(parse_toml(spoilt), faults)
    assert callable(read)
    read(table)
    table.refuse_unknown_keys()
    return set(_keys(spoilt, faults))


def _keys(spoilt: str, faults: list[Fault]) -> Iterator[str]:
    document = parse_toml(spoilt)
    place = {line: path for path, line in document.lines.items() if path[-1] == "unknown"}
    for fault in faults:
        if fault.what == "unknown key 'unknown'":
            above = ".".join(str(step) for step in place[fault.line or 0][:-1] if isinstance(step, str))
            yield from (f"{above}.{key}".strip(".") for key in fault.allowed.split(", "))


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("network.toml", NETWORK, read_network),
        ("calendar.toml", CALENDAR, read_calendar),
        ("opening-hours.toml", HOURS, lambda file: read_opening_times(file, None, None)),
        ("timetables/*.toml", TIMETABLE, read_timetable),
    ],
)
def test_every_key_of_a_file_stands_in_the_table_and_no_other(name: str, text: str, read: object) -> None:
    found = {key for key in asked(text, read) if key.rsplit(".", 1)[-1] not in ANYWHERE}
    tables = {key for key in found if any(other.startswith(f"{key}.") for other in documented()[name])}
    assert found - tables == {key for key in documented()[name] if not key.startswith("special_days.")}


def test_the_keys_of_a_profile_of_duty_rules_stand_in_the_table() -> None:
    used = {
        key
        for profile in parse_toml((SCHEDULES / "duty-rules.toml").read_text("utf-8")).values["profiles"]
        for key in profile
    }
    assert {f"profiles.{key}" for key in used - ANYWHERE - {"rules"}} <= documented()["duty-rules.toml"]


COMMON = ("kind", "name", "hard", "weight", "day_types")


def test_every_key_of_a_scenario_stands_in_the_table_and_no_other() -> None:
    tables = (("", HEAD), ("fleet.", FLEET), ("demand.", DEMAND), ("demand.profile.", PROFILE), ("front.", FRONT))
    keys = {f"{prefix}{field.key}" for prefix, fields in tables for field in fields}
    named = {"patterns", 'running_times."<from> <to>"', "opening_hours.<stop>.<day type>"}
    assert documented()["scenarios/*.toml"] == keys | named | {f"requirements.{key}" for key in COMMON}


def test_every_kind_of_requirement_stands_in_the_table_with_its_keys() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", README, re.MULTILINE)
    told = {kind: re.findall(r"`(\w+)`", keys) for kind, keys in rows}
    assert told.keys() == READ.keys() == KINDS.keys()
    assert {kind: sorted(keys) for kind, keys in told.items()} == {
        kind: sorted(field.key for field in fields) for kind, fields in KINDS.items()
    }


def test_the_keys_that_may_stand_anywhere_are_said_once() -> None:
    assert documented()["all"] == ANYWHERE


def test_every_special_day_is_named() -> None:
    assert [key for key in KEYS if f"`{key}`" not in README] == []


def test_every_file_of_the_folder_is_named() -> None:
    names = {path.name for path in SCHEDULES.glob("*.toml")}
    assert [name for name in sorted(names) if name not in README] == []
