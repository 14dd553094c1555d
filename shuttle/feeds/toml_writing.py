"""TOML written from values: each key on a line of its own, tables after the plain keys, in the order in which they are given.

Reading what was written gives the same values again. Comments are not values; who wants to keep them edits the text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, time
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(values: Mapping[str, Any]) -> str:
    """The text of a document."""
    return "\n".join(_table(values, ())).strip("\n") + "\n"


def _table(values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {key: value for key, value in values.items() if isinstance(value, Mapping) or _is_tables(value)}
    for key, value in values.items():
        if key not in inner:
            yield from _line(key, value)
    for key, value in inner.items():
        below = (*path, key)
        name = ".".join(map(_key, below))
        if isinstance(value, Mapping):
            if not value or any(not isinstance(each, Mapping) for each in value.values()):
                yield from ("", f"[{name}]")
            yield from _table(value, below)
        else:
            for each in value:
                yield from ("", f"[[{name}]]")
                yield from _table(each, below)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


def _line(key: str, value: Any) -> Iterator[str]:
    """A list of lists of texts with more than two of them is written one a line."""
    if isinstance(value, list) and len(value) > 1 and all(isinstance(each, list) and len(each) > 2 for each in value):
        yield f"{_key(key)} = ["
        yield from (f"    {_value(each)}," for each in value)
        yield "]"
    else:
        yield f"{_key(key)} = {_value(value)}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return repr(value)


def _quoted(text: str) -> str:
    """A basic string of TOML, which is written as JSON writes one."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
