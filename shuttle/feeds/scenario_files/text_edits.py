"""Edits of a scenario's text: writing from values, turning requirements into wishes, other values, adding pinned trips.

An edit changes its own lines alone; comments and the order of keys stay.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import Array

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.feeds.text_gate import SCENARIO, toml_values

WISH_WEIGHT = 100
"""Passenger minutes for each unit of breach of a requirement that becomes a wish without a weight of its own."""

COVERAGE_WEIGHT = 6000
"""The same for `coverage`, whose unit is the whole day: 60 minutes for each per cent."""

_TABLE = re.compile(r"^\s*\[")
_REQUIREMENT = re.compile(r"^\s*\[\[\s*requirements\s*\]\]")
_HARD = re.compile(r"^\s*hard\s*=")
_WEIGHT = re.compile(r"^\s*weight\s*=")
_FRONT = re.compile(r"^\s*\[\s*front\s*\]")
_COVERAGE = re.compile(r"""^\s*kind\s*=\s*["']coverage["']""")


def toml_text(document: Mapping[str, Any]) -> str:
    """A scenario's values as TOML, each of its patterns on a line of its own; comments are not values."""
    whole = tomlkit.item(dict(document))
    for value in whole.values():
        if isinstance(value, Array) and len(value) > 1 and all(isinstance(each, Array) for each in value):
            value.multiline(True)
    return str(whole.as_string())


def with_wishes(text: str, names: Iterable[str]) -> str:
    """The scenario with the requirements of these names as wishes (`hard = false`, and a weight where none is stated).

    Raises Invalid (`unknown-requirement`) for a name that no requirement of the text has.
    """
    lines = text.splitlines()
    by_name: dict[str, int] = {}
    for start, end in _requirements(text):
        name = _name(lines[start:end])
        if name is not None:
            by_name[name] = start
    wish_names = list(dict.fromkeys(names))
    if unknown := [name for name in wish_names if name not in by_name]:
        unknown_names = ", ".join(unknown)
        raise Invalid(
            "unknown-requirement",
            f"no requirement is called {unknown_names}",
            given=unknown_names,
            allowed=", ".join(by_name),
        )
    for start in sorted((by_name[name] for name in wish_names), reverse=True):
        end = _end(lines, start)
        kept = [line for line in lines[start + 1 : end] if not _HARD.match(line)]
        usual = COVERAGE_WEIGHT if any(_COVERAGE.match(line) for line in kept) else WISH_WEIGHT
        weight = [] if any(_WEIGHT.match(line) for line in kept) else [f"weight = {usual}"]
        lines[start:end] = [lines[start], "hard = false", *weight, *kept]
    return "\n".join(lines) + "\n"


def with_number(text: str, name: str, key: str, value: float) -> str:
    """The scenario with another number in the requirement of this name. Raises Invalid (`unknown-requirement`)."""
    lines = text.splitlines()
    for start, end in _requirements(text):
        if _name(lines[start:end]) == name:
            return _with_numbers(lines, (start, end), {key: value})
    raise Invalid("unknown-requirement", f"no requirement is called {name}", given=name)


def without_requirement(text: str, name: str) -> str:
    """The scenario without the requirement of this name. Raises Invalid (`unknown-requirement`)."""
    lines = text.splitlines()
    for start, end in _requirements(text):
        if _name(lines[start:end]) == name:
            return "\n".join([*lines[:start], *lines[end:]]) + "\n"
    raise Invalid("unknown-requirement", f"no requirement is called {name}", given=name)


def with_front(text: str, first: float, last: float) -> str:
    """The scenario with other ends of its front. Raises Invalid (`unknown-requirement`) without a front."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if _FRONT.match(line):
            return _with_numbers(lines, (start, _end(lines, start)), {"from": first, "to": last})
    raise Invalid("unknown-requirement", "the scenario has no front", given="front")


def _with_numbers(lines: list[str], of: tuple[int, int], values: Mapping[str, float]) -> str:
    """The text with these numbers in one table, whose lines are `of`; a comment after a number stays."""
    start, end = of
    for key, value in values.items():
        place = re.compile(rf"^(\s*{re.escape(key)}\s*=\s*)([^#\s]+)(.*)$")
        changed = [place.sub(rf"\g<1>{value:.12g}\g<3>", line) for line in lines[start:end]]
        lines = [*lines[:start], *changed, *lines[end:]]
    return "\n".join(lines) + "\n"


def _end(lines: list[str], start: int) -> int:
    """The line after the requirement's table: where the next table begins, or the text ends."""
    return next((at for at in range(start + 1, len(lines)) if _TABLE.match(lines[at])), len(lines))


def _name(lines: list[str]) -> str | None:
    try:
        name = toml_values("\n".join(lines), limits=SCENARIO)["requirements"][0].get("name")
    except Invalid:
        return None
    return name if isinstance(name, str) else None


@dataclass(frozen=True)
class PinnedTrip:
    """A trip that must run: `name` is the requirement's, as people read it."""

    name: str
    day_type: str
    at: Minute
    stops: tuple[str, ...]


def with_pinned_trips(text: str, locks: Iterable[PinnedTrip]) -> str:
    """The scenario with one more requirement for each trip that must run; a name that is there already is not added."""
    names = {_name(text.splitlines()[start:end]) for start, end in _requirements(text)}
    pins = [
        {
            "name": lock.name,
            "kind": "pin",
            "day_types": [lock.day_type],
            "pattern": list(lock.stops),
            "at": time_of_day_text(lock.at),
        }
        for lock in locks
        if lock.name not in names
    ]
    return text.rstrip("\n") + "\n" + ("\n" + tomlkit.dumps({"requirements": pins}) if pins else "")


def _requirements(text: str) -> list[tuple[int, int]]:
    lines = text.splitlines()
    return [(at, _end(lines, at)) for at, line in enumerate(lines) if _REQUIREMENT.match(line)]
