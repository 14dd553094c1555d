"""Edits of texts for roadmaps: a roadmap with other steps and fewer options, a scenario under a step's hours. Comments stay."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import tomlkit

from shuttle.feeds.text_gate import SCENARIO, toml_values


@dataclass(frozen=True, kw_only=True)
class RoadmapEdits:
    """Changes by a planner on the page. `steps`: (date, NOK a year, option or empty); `options`: ids that stay; limits None: none."""

    steps: Sequence[tuple[date, float, str]]
    options: Collection[str]
    hours_only_grow: bool
    max_moved: int | None
    max_dropped: int | None
    worst_coverage: float


def edited(text: str, edits: RoadmapEdits) -> str:
    """The roadmap's text with the edits. Raises Invalid (`bad-toml`)."""
    toml_values(text, "roadmap", SCENARIO)
    document = tomlkit.parse(text)
    document["hours_only_grow"] = edits.hours_only_grow
    if edits.worst_coverage or "worst_coverage" in document:
        document["worst_coverage"] = float(edits.worst_coverage)
    options = tomlkit.aot()
    for option in document.get("options", []):
        if option.get("id") in edits.options:
            options.append(option)
    document["options"] = options
    steps = tomlkit.aot()
    for starts, budget, option in edits.steps:
        step = tomlkit.table()
        step["starts"], step["budget_nok_a_year"] = starts, float(budget)
        if option:
            step["option"] = option
        steps.append(step)
    document["steps"] = steps
    limits = {"max_moved": edits.max_moved, "max_dropped": edits.max_dropped}
    change = {**document.get("change", {}), **limits}
    document["change"] = {key: value for key, value in change.items() if value is not None}
    return tomlkit.dumps(document)


def scenario_under(text: str, scenario_id: str, name: str, hours: Mapping[str, Mapping[str, list[list[str]]]]) -> str:
    """A scenario's text under a new id and name, with these opening hours by stop and day type. Raises Invalid (`bad-toml`)."""
    toml_values(text, "scenario", SCENARIO)
    document = tomlkit.parse(text)
    document["id"], document["name"] = scenario_id, name
    own = document.setdefault("opening_hours", tomlkit.table(is_super_table=True))
    for stop, days in hours.items():
        table = tomlkit.table()
        for day_type, windows in days.items():
            table[day_type] = windows
        own[stop] = table
    return tomlkit.dumps(document)
