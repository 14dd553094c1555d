"""Every value of a TOML text has its line, and a text that is not TOML is refused with one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.feeds.text_gate import KeyPath
from shuttle.feeds.toml.lines import parse_toml, read_toml

DOCUMENT = '''# a comment with [brackets] = and "quotes"
title = "A # no comment" # a comment
dotted.key."with space" = 1

[plain]
one = 1
inline = { x = 1, y.z = [1, 2] }
long = [
  "first",   # after the first
  # a line of its own
  "second",
]

[[trips]]
pattern = 'a'
departs = ["10:00",
           "12:00"]

[[trips]]
pattern = """
two lines, ""quoted"", [[not.a.header]]
"""
when = 1979-05-27 07:32:00
  [[trips.calls]]
  stop = "x"
  [[trips.calls]]
  stop = "y"
  [trips.extra]
  deep = true
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("dotted",), 3),
        (("dotted", "key", "with space"), 3),
        (("plain",), 5),
        (("plain", "inline", "y", "z", 1), 7),
        (("plain", "long"), 8),
        (("plain", "long", 0), 9),
        (("plain", "long", 1), 11),
        (("trips",), 14),
        (("trips", 0), 14),
        (("trips", 0, "departs", 1), 17),
        (("trips", 1), 19),
        (("trips", 1, "pattern"), 20),
        (("trips", 1, "when"), 23),
        (("trips", 1, "calls", 1, "stop"), 27),
        (("trips", 1, "extra", "deep"), 29),
    ],
)
def test_every_key_path_has_its_line(path: KeyPath, line: int) -> None:
    assert parse_toml(DOCUMENT).line(*path) == line


def test_what_is_missing_is_placed_at_what_would_hold_it() -> None:
    assert parse_toml(DOCUMENT).line("trips", 1, "day_type") == 19


def test_a_path_that_nothing_holds_has_no_line() -> None:
    assert parse_toml(DOCUMENT).line("absent") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("a = 1\n\n[t\n", 3), ("a = [1,\n2,\n", 2), ("a = 1\na = 2\n", 2)],
)
def test_text_that_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_toml(text, "x.toml")
    (fault,) = refusal.value.faults
    assert (fault.where, fault.line) == ("x.toml", line)


def test_a_file_in_latin_1_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes("a = 1\nname = 'Vågsbunnen'\n".encode("latin-1"))
    with pytest.raises(Invalid) as refusal:
        read_toml(path)
    assert refusal.value.faults[0].line == 2


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_toml(tmp_path / "absent.toml")


KEYS = st.text("abc-_19", min_size=1, max_size=4) | st.text(min_size=1, max_size=3).filter(str.isprintable)
SCALARS = st.integers(-9, 9) | st.booleans() | st.text("ab\"'#[]{}=,\\\n å", max_size=6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)


def quoted(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n"}
    return '"' + "".join(escapes.get(character, character) for character in text) + '"'


def written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(written(item) for item in value) + "\n]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {written(item)}" for key, item in value.items()) + "}"
    return str(value)


def paths(value: object, so_far: KeyPath = ()) -> Iterator[KeyPath]:
    yield so_far
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from paths(child, (*so_far, key))


@given(st.dictionaries(KEYS, VALUES, max_size=4))
def test_whatever_is_in_a_document_has_a_line(values: dict[str, object]) -> None:
    text = "\n".join(f"{quoted(key)} = {written(value)}" for key, value in values.items())
    document = parse_toml(text)
    assert document.values == values
    assert set(document.lines) == set(paths(values)) - {()}
