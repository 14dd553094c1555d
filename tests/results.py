"""Result documents for tests: one that an old version of the program stored, and a check of a document against its declared shape.

`stored_results/version_1.json` is the answer to `version_1.toml` as the program once wrote it, with fewer baselines and rounded.
"""

import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

STORED = Path(__file__).parent / "stored_results"
AN_OLD_RESULT = (STORED / "version_1.json").read_text(encoding="utf-8")
AN_OLD_SCENARIO = (STORED / "version_1.toml").read_text(encoding="utf-8")


def wrong_places(value: object, shape: Any, path: str = "") -> list[str]:
    """Where a JSON value differs from a TypedDict (or any type made of them): missing and unknown keys, wrong types."""
    return list(_wrong(value, shape, path))


def _wrong(value: object, shape: Any, path: str) -> Iterator[str]:
    origin, arguments = get_origin(shape), get_args(shape)
    if is_typeddict(shape):
        yield from _wrong_keys(value, shape, path)
    elif origin is NotRequired:
        yield from _wrong(value, arguments[0], path)
    elif origin in (Union, types.UnionType):
        if all(wrong_places(value, each, path) for each in arguments):
            yield f"{path}: {value!r} is none of {shape}"
    elif origin is Literal:
        if value not in arguments:
            yield f"{path}: {value!r} is none of {arguments}"
    elif origin is list and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _wrong(each, arguments[0], f"{path}[{number}]")
    elif origin is dict and isinstance(value, dict):
        for key, each in value.items():
            yield from _wrong(each, arguments[1], f"{path}.{key}")
    elif not _is_of(value, origin or shape):
        yield f"{path}: {value!r} is no {shape}"


def _is_of(value: object, kind: type) -> bool:
    """JSON has one kind of number: a whole one may stand for a float; a boolean is no number."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _wrong_keys(value: object, shape: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{path}: {value!r} is no object"
        return
    hints = get_type_hints(shape, include_extras=True)
    missing = {key for key, hint in hints.items() if get_origin(hint) is not NotRequired} - set(value)
    unknown = set(value) - set(hints)
    yield from (f"{path}.{key}: missing" for key in sorted(missing))
    yield from (f"{path}.{key}: unknown" for key in sorted(unknown))
    for key in sorted(set(value) & set(hints)):
        yield from _wrong(value[key], hints[key], f"{path}.{key}")
