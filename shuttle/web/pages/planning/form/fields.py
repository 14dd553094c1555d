"""Inputs of a scenario's form, as text, and the TOML document made from them.

`Typed` holds the texts by the name of the input; a name is the path in the document (`fleet.vehicles`, `requirements.2.minutes`),
so that a fault finds its input. A text that is no number or time is put into the document as it was typed: the reader of scenarios
refuses it with a reason. Keys without an input (`rest_of`) are carried along as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic.fields import FieldInfo

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import parse_date, parse_time_of_day, time_of_day_text
from shuttle.feeds.scenario_files.demand import DemandProfileTable, DemandTable
from shuttle.feeds.scenario_files.requirements import KINDS as REQUIREMENTS
from shuttle.feeds.scenario_files.requirements import own_keys
from shuttle.feeds.scenario_files.scenario import FleetTable, FrontTable, ScenarioFile
from shuttle.feeds.toml.schema import form_input
from shuttle.web.pages.planning.form.links import is_link, running_times, typed_links

Typed = dict[str, list[str]]
Row = dict[str, list[str]]
Document = dict[str, Any]


@dataclass(frozen=True)
class Field:
    """An input: key of the document, kind of input, and the reader's value for an empty input (`default`)."""

    key: str
    kind: str = "text"
    needed: bool = True
    default: str = ""


def _fields(keys: Iterable[tuple[str, FieldInfo]], *, needed: bool = True) -> tuple[Field, ...]:
    """The inputs of a table's keys, from the fields of its model. `needed` False: the whole table may be left out."""
    inputs = []
    for key, info in keys:
        default = (
            str(info.default) if isinstance(info.default, str | int) and not isinstance(info.default, bool) else ""
        )
        inputs.append(Field(key, form_input(info), needed=needed and info.is_required(), default=default))
    return tuple(inputs)


def _head() -> Iterator[tuple[str, FieldInfo]]:
    """The keys of a scenario but its tables and patterns, which have inputs of their own."""
    return ((key, info) for key, info in ScenarioFile.file_keys() if key not in TABLES)


TABLES = ("patterns", "fleet", "running_times", "opening_hours", "demand", "requirements", "front")
"""Keys of a scenario whose inputs are made by rows."""

HEAD = _fields(_head())
FLEET = _fields(FleetTable.file_keys())
DEMAND = _fields((key, info) for key, info in DemandTable.file_keys() if key != "profile")
PROFILE = _fields(DemandProfileTable.file_keys())
FRONT = _fields(FrontTable.file_keys(), needed=False)
KINDS: Mapping[str, tuple[Field, ...]] = {kind: _fields(own_keys(kind)) for kind in REQUIREMENTS}
"""Kind of requirement -> its own inputs."""

WISH = "wish"
"""Value of the input `hard` for a requirement that may be broken at the price of its weight."""

_OWNED = {*TABLES, *(field.key for field in HEAD)}


def typed_of(document: Mapping[str, Any]) -> Typed:
    """The texts of the inputs for a document."""
    typed = _typed("", HEAD, document)
    typed |= {f"patterns.{n}.stops": _texts(stops) for n, stops in enumerate(_list(document, "patterns"))}
    typed |= _typed("fleet.", FLEET, _table(document, "fleet"))
    typed |= typed_links(_table(document, "running_times"))
    for stop, days in _table(document, "opening_hours").items():
        typed[f"opening_hours.{stop}.own"] = ["own"]
        for day_type in days if isinstance(days, Mapping) else ():
            windows = [window for window in _list(days, day_type) if isinstance(window, list)]
            typed[f"opening_hours.{stop}.{day_type}"] = [_time_text(edge) for window in windows for edge in window]
    demand = _table(document, "demand")
    typed |= _typed("demand.", DEMAND, demand)
    for n, profile in enumerate(_list(demand, "profile")):
        typed |= _typed(f"demand.profile.{n}.", PROFILE, profile if isinstance(profile, Mapping) else {})
    patterns = _list(document, "patterns")
    for n, requirement in enumerate(_list(document, "requirements")):
        typed |= _typed_requirement(f"requirements.{n}.", requirement, patterns)
    return typed | _typed("front.", FRONT, _table(document, "front"))


def _typed_requirement(prefix: str, requirement: Any, patterns: list[Any]) -> Typed:
    if not isinstance(requirement, Mapping):
        return {}
    values = dict(requirement)
    place = values.get("pattern")
    if isinstance(place, int) and not isinstance(place, bool) and 0 <= place < len(patterns):
        values["pattern"] = patterns[place]
    kind = str(values.get("kind", ""))
    fields = (
        Field("name"),
        Field("kind"),
        Field("day_types", "several"),
        *KINDS.get(kind, ()),
        Field("weight", "number"),
    )
    typed = _typed(prefix, fields, values)
    return typed | {f"{prefix}hard": [WISH if values.get("hard") is False else "hard"]}


def rest_of(document: Mapping[str, Any]) -> Document:
    """The keys of a document that have no input."""
    return {key: value for key, value in document.items() if key not in _OWNED}


def document_of(typed: Typed, rest: Mapping[str, Any]) -> Document:
    """The document made from the inputs, with the keys that have none."""
    document = _values("", HEAD, typed)
    patterns = [_filled(row.get("stops", [])) for row in rows(typed, "patterns")]
    document["patterns"] = [stops for stops in patterns if stops]
    document |= {key: value for key, value in rest.items() if not isinstance(value, Mapping)}
    fleet = _values("fleet.", FLEET, typed)
    document |= {"fleet": fleet} if fleet else {}
    document |= {key: value for key, value in rest.items() if isinstance(value, Mapping)}
    times = running_times(typed)
    document |= {"running_times": times} if times else {}
    hours = _hours(typed)
    document |= {"opening_hours": hours} if hours else {}
    demand = _values("demand.", DEMAND, typed)
    profiles = [_values("", PROFILE, row) for row in rows(typed, "demand.profile")]
    document["demand"] = demand | ({"profile": profiles} if profiles else {})
    requirements = [_requirement(row) for row in rows(typed, "requirements")]
    document |= {"requirements": requirements} if requirements else {}
    front = _values("front.", FRONT, typed)
    return document | ({"front": front} if front.get("by") else {})


def _hours(typed: Typed) -> Document:
    """The stops with hours of their own; a day type without a window is closed, and says so."""
    hours: Document = {}
    for name in typed:
        head, _, stop = name.removesuffix(".own").partition(".")
        if head == "opening_hours" and name.endswith(".own") and typed[name]:
            prefix = f"opening_hours.{stop}."
            days = [each.removeprefix(prefix) for each in typed if each.startswith(prefix) and each != name]
            hours[stop] = {day_type: _windows(typed[prefix + day_type]) for day_type in days}
    return hours


def _windows(edges: Sequence[str]) -> list[list[Any]]:
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [[_time(opens), _time(closes)] for opens, closes in pairs if opens.strip() or closes.strip()]


def _requirement(row: Row) -> Document:
    kind = _first(row, "kind")
    values = _values("", (Field("name"), Field("kind"), Field("day_types", "several"), *KINDS.get(kind, ())), row)
    if not values.get("day_types"):
        values.pop("day_types", None)
    wish = {"hard": False} if _first(row, "hard") == WISH else {}
    return values | wish | _values("", (Field("weight", "number"),), row)


def rows(typed: Typed, of: str) -> list[Row]:
    """The rows of a list of tables, in order, each with the names of its own inputs."""
    by_place: dict[int, Row] = {}
    for name, texts in typed.items():
        index, _, key = name.removeprefix(f"{of}.").partition(".")
        if name.startswith(f"{of}.") and key and re.fullmatch(r"\d{1,6}", index):
            by_place.setdefault(int(index), {})[key] = texts
    return [by_place[index] for index in sorted(by_place)]


def with_rows(typed: Typed, of: str, new_rows: Sequence[Row]) -> Typed:
    """The inputs with these rows instead, numbered from 0."""
    kept = {name: texts for name, texts in typed.items() if not name.startswith(f"{of}.")}
    return kept | {f"{of}.{n}.{key}": texts for n, row in enumerate(new_rows) for key, texts in row.items()}


def tidied(typed: Typed) -> Typed:
    """Rows numbered from 0, without patterns that have no stop and hours that have no time: so places agree with the document's."""
    patterns = [row for row in rows(typed, "patterns") if _filled(row.get("stops", []))]
    renumbered = with_rows(typed, "patterns", [{**row, "stops": _filled(row["stops"])} for row in patterns])
    for of in ("demand.profile", "requirements"):
        renumbered = with_rows(renumbered, of, rows(renumbered, of))
    return {
        name: _without_blank_pairs(texts) if _is_hours(name) or is_link(name) else texts
        for name, texts in renumbered.items()
    }


def field_at(typed: Typed, path: Sequence[str | int]) -> str:
    """The name of the input at a path of the document, or of the nearest one that holds it."""
    names = [*typed, *(f"{prefix}{f.key}" for prefix, fields in _PLACES for f in fields)]
    for end in range(len(path), 0, -1):
        name = ".".join(str(step).replace(" ", "~") for step in path[:end])
        if name in names:
            return name
        inside = next((each for each in names if each.startswith(f"{name}.")), None)
        if inside is not None:
            return inside
    return ""


_PLACES = (("", HEAD), ("fleet.", FLEET), ("demand.", DEMAND), ("front.", FRONT))


def _is_hours(name: str) -> bool:
    return name.startswith("opening_hours.") and not name.endswith(".own")


def _without_blank_pairs(edges: Sequence[str]) -> list[str]:
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return [edge for pair in pairs if any(each.strip() for each in pair) for edge in pair]


def _typed(prefix: str, fields: Sequence[Field], table: Mapping[str, Any]) -> Typed:
    return {f"{prefix}{f.key}": _TEXTS[f.kind](table[f.key]) for f in fields if f.key in table}


def _values(prefix: str, fields: Sequence[Field], typed: Typed) -> Document:
    values = {f.key: _VALUES[f.kind](typed.get(f"{prefix}{f.key}", [])) for f in fields}
    return {key: value for key, value in values.items() if value is not None}


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else []


def _first(row: Row, key: str) -> str:
    return (row.get(key) or [""])[0].strip()


def _filled(texts: Sequence[str]) -> list[str]:
    return [text.strip() for text in texts if text.strip()]


def _one(read: Callable[[str], Any]) -> Callable[[Sequence[str]], Any]:
    """One text; None where it is blank."""
    return lambda texts: read(texts[0].strip()) if texts and texts[0].strip() else None


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"[+-]?\d{1,18}", text) else text


def _number(text: str) -> int | float | str:
    """A number with a decimal comma or point."""
    whole = _whole(text)
    if isinstance(whole, int):
        return whole
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _percent(text: str) -> float | str:
    try:
        return float(Decimal(text.removesuffix("%").strip().replace(",", ".")) / 100)
    except (InvalidOperation, ValueError, OverflowError):
        return text


def _time(text: str) -> str:
    """A time as the files have it, or what was typed instead."""
    try:
        return time_of_day_text(parse_time_of_day(text))
    except Invalid:
        return text


def _day(text: str) -> date | str:
    try:
        return parse_date(text)
    except Invalid:
        return text


def _several_numbers(read: Callable[[str], Any]) -> Callable[[Sequence[str]], Any]:
    """Numbers with blanks between them, also after a comma: `2 3,5 1` or `2, 3.5, 1`."""
    return _one(lambda text: [read(each.strip(",;")) for each in text.split() if each.strip(",;")])


def _window(edges: Sequence[str]) -> list[str] | None:
    return [_time(edge) for edge in edges[:2]] if _filled(edges) else None


_VALUES: Mapping[str, Callable[[Sequence[str]], Any]] = {
    "text": _one(str),
    "choice": _one(str),
    "stop": _one(str),
    "profile": _one(str),
    "whole": _one(_whole),
    "number": _one(_number),
    "percent": _one(_percent),
    "time": _one(_time),
    "date": _one(_day),
    "flag": lambda texts: True if _filled(texts) else None,
    "off": lambda texts: False if _filled(texts) else None,
    "several": _filled,
    "pattern": _one(str.split),
    "wholes": _several_numbers(_whole),
    "numbers": _several_numbers(_number),
    "window": _window,
}
"""Kind of input -> the value that its texts stand for; None where it says nothing."""


def _text(value: Any) -> list[str]:
    return [value.isoformat() if isinstance(value, date) else str(value)]


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _time_text(value: Any) -> str:
    return _time(value) if isinstance(value, str) else str(value)


def _percent_text(value: Any) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [str(value)]
    return [f"{(Decimal(repr(value)) * 100).normalize():f}"]


_TEXTS: Mapping[str, Callable[[Any], list[str]]] = {
    **dict.fromkeys(_VALUES, _text),
    "time": lambda value: [_time_text(value)],
    "percent": _percent_text,
    "flag": lambda value: ["yes"] if value is True else [],
    "off": lambda value: ["yes"] if value is False else [],
    "several": _texts,
    "pattern": lambda value: [" ".join(_texts(value))],
    "wholes": lambda value: [" ".join(_texts(value))],
    "numbers": lambda value: [" ".join(_texts(value))],
    "window": lambda value: [_time_text(edge) for edge in value] if isinstance(value, list) else [str(value)],
}
"""Kind of input -> what it shows of a value."""
