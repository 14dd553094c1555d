"""TOML values with their lines.

The standard library returns the values of a TOML file without their lines; a person who edits a file needs the line.
A `TomlDocument` has both: values from `tomllib` behind `text_gate`, which alone decide what is valid, and lines from a scanner that
assumes valid text. A key path names keys and, in arrays, positions from 0: `("trips", 1, "departs", 0)`.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.texts import ALLOWED
from shuttle.feeds.text_gate import FILE, KeyPath, TomlLimits, decoded, read_bytes, toml_values, unreadable_value


@dataclass(frozen=True)
class TomlDocument:
    """The values of a TOML text and the line (from 1) of every key path in it; `where` names the file in faults."""

    where: str
    values: Mapping[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, *path: str | int) -> int | None:
        """The line where the value begins; for a missing value that of the nearest table that would hold it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None

    def fault(self, path: KeyPath, what: str, *, given: object = "", allowed: str = "", code: str = "") -> Fault:
        """A fault at a key path, with file and line."""
        return Fault(
            what=what, where=self.where, line=self.line(*path), given=str(given), allowed=allowed, path=path, code=code
        )


def parse_toml(text: str, where: str = "", limits: TomlLimits = FILE) -> TomlDocument:
    """Parse a text. Raises Invalid (`bad-toml`) with one fault and the line at which the text is not TOML or exceeds a limit."""
    values = toml_values(text, where, limits)
    scanner = _Scanner(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    scanner.document()
    document = TomlDocument(where, values, scanner.lines)
    if (odd := unreadable_value(values)) is not None:
        what, code = "a character that cannot be read", "unreadable-character"
        fault = Fault(what=what, where=where, line=document.line(*odd[0]), given=odd[1], allowed=ALLOWED, code=code)
        raise Invalid("bad-toml", str(fault), faults=[fault])
    return document


def read_toml(path: Path, where: str = "", limits: TomlLimits = FILE) -> TomlDocument:
    """Read a file of UTF-8 text. Raises Invalid (`unreadable-file`, `bad-toml`); `where` is the path unless given."""
    where = where or str(path)
    return parse_toml(decoded(read_bytes(path, where), where, "unreadable-file"), where, limits)


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_STRINGS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r'"""(?:\\.|[^\\])*?"""(?:""|"(?!"))?',
        r"'''.*?'''(?:''|'(?!'))?",
        r'"(?:\\.|[^"\\])*"',
        r"'[^']*'",
    )
)


@dataclass
class _Scanner:
    """Walks text that `tomllib` has accepted, noting the line of each key path."""

    text: str
    at: int = 0
    lines: dict[KeyPath, int] = field(default_factory=dict)
    _lengths: dict[KeyPath, int] = field(default_factory=dict)
    """Number of elements, so far, of each array of tables."""

    def __post_init__(self) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def document(self) -> None:
        table: KeyPath = ()
        self._skip_blank()
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._key_and_value(table)
            self._skip_blank()

    def _header(self) -> KeyPath:
        of_array = self.text.startswith("[[", self.at)
        begins = self.at
        self.at += 2 if of_array else 1
        keys = self._keys()
        self.at += 2 if of_array else 1
        path: KeyPath = ()
        for key in keys[:-1]:
            path = self._entered((*path, key), begins)
        path = (*path, keys[-1])
        if of_array:
            self._lengths[path] = self._lengths.get(path, 0) + 1
        return self._entered(path, begins)

    def _entered(self, path: KeyPath, begins: int) -> KeyPath:
        """The path itself, or its newest element where it is an array of tables."""
        self._note(path, begins)
        if path in self._lengths:
            path = (*path, self._lengths[path] - 1)
            self._note(path, begins)
        return path

    def _key_and_value(self, table: KeyPath) -> None:
        begins = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, begins)
        self.at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        """A dotted key, and the blank on both sides of it."""
        keys = [self._key()]
        while self.text.startswith(".", self.at):
            self.at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._skip_blank()
        if self.text[self.at] in "\"'":
            raw = self._string()
            key = str(tomllib.loads(f"key = {raw}")["key"])
        else:
            bare = _BARE_KEY.match(self.text, self.at)
            assert bare is not None
            key, self.at = bare.group(), bare.end()
        self._skip_blank()
        return key

    def _value(self, path: KeyPath) -> None:
        self._skip_blank()
        self._note(path, self.at)
        opening = self.text[self.at]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            scalar = _SCALAR.match(self.text, self.at)
            assert scalar is not None
            self.at = scalar.end()

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        self._skip_blank()
        position = 0
        while self.text[self.at] != "]":
            self._value((*path, position))
            position += 1
            self._skip_comma()
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip_blank()
        while self.text[self.at] != "}":
            self._key_and_value(path)
            self._skip_comma()
        self.at += 1

    def _string(self) -> str:
        begins = self.at
        for kind in _STRINGS:
            if string := kind.match(self.text, begins):
                self.at = string.end()
                return string.group()
        raise AssertionError("tomllib accepted a string that has no end")

    def _skip_comma(self) -> None:
        self._skip_blank()
        if self.text[self.at] == ",":
            self.at += 1
            self._skip_blank()

    def _skip_blank(self) -> None:
        blank = _BLANK.match(self.text, self.at)
        assert blank is not None
        self.at = blank.end()

    def _note(self, path: KeyPath, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._starts, at))
