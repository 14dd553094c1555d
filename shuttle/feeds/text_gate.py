"""Limits on text before it is parsed, whether from a page, the API, the terminal or an imported file.

A parser checks the meaning of a text, not its cost: a dotted key of 30,000 parts takes gigabytes, 90,000 brackets overflow the stack,
Python reads no number of 150,000 digits. One pass over the text refuses what exceeds the limits. A refusal is Invalid with one
fault: place, value given, values allowed.
"""

import csv
import io
import lzma
import re
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.basics.texts import ALLOWED, unreadable

LONGEST_FILE = 20_000_000
"""Bytes of a file, and of all files of an archive unpacked: a hundred times what a shuttle needs."""

LONGEST_CELL, MOST_CELLS, MOST_ROWS = 1000, 100, 200_000
"""Characters of a cell of a CSV file, cells of a row, rows of a file."""

MOST_MEMBERS = 1000
"""Files of an archive, those that are passed over included: a feed has some thirty."""

DEEPEST = 16
"""Brackets within brackets, and parts of a dotted key; our own files have 3."""

LONGEST_WORD = 100
"""Characters of a number or a key without quotes."""

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class TomlLimits:
    """Characters of a text, its tables, and its keys and values of lists together."""

    characters: int
    tables: int
    values: int


FILE = TomlLimits(characters=1_000_000, tables=2000, values=50_000)
"""A timetable with calls of its own for each trip is the largest."""

SCENARIO = TomlLimits(characters=200_000, tables=400, values=5000)
"""A scenario: a hundred requirements are many, and the form shows all of them."""


def toml_values(text: str, where: str = "", limits: TomlLimits = FILE) -> dict[str, Any]:
    """The values of a TOML text. Raises Invalid (`bad-toml`); the fault has the line at which the text stops being TOML."""
    text = text.removeprefix("\ufeff")
    _check_size(text, where, limits)
    _check_characters(text, where, "bad-toml")
    _Shape(text=text, where=where, limits=limits).check()
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        what, line = _without_place(str(problem), text)
        _refuse("bad-toml", f"not TOML: {what}", where, line, allowed="TOML 1.0", fault="not-toml")


def unreadable_value(values: object, path: KeyPath = ()) -> tuple[KeyPath, str] | None:
    """The place of the first key or text with an unreadable character (written as an escape), and the character's name."""
    if isinstance(values, str):
        odd = unreadable(values)
        return (path, odd[1]) if odd else None
    pairs: Iterator[tuple[str | int, object]] = iter(())
    if isinstance(values, Mapping):
        pairs = iter(values.items())
    elif isinstance(values, list):
        pairs = iter(enumerate(values))
    for key, value in pairs:
        if isinstance(key, str) and (odd := unreadable(key)):
            return (*path, key), odd[1]
        if place := unreadable_value(value, (*path, key)):
            return place
    return None


def read_bytes(path: Path, where: str = "", code: str = "unreadable-file") -> bytes:
    """The content of a file, of which no more is read than is allowed. Raises Invalid (`code`)."""
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
    except OSError as problem:
        _refuse(code, f"cannot be read: {problem.strerror}", where or str(path), allowed="a file of text")
    _check_bytes(len(content), where or str(path), code)
    return content


def decoded(content: bytes, where: str, code: str) -> str:
    """UTF-8, with or without a byte order mark. Raises Invalid (`code`), with the line."""
    _check_bytes(len(content), where, code)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        byte = content[problem.start : problem.start + 1].hex()
        _refuse(code, "not UTF-8 text", where, line, given=f"byte {byte}", allowed="UTF-8")
    _check_characters(text, where, code)
    return text


def csv_rows(text: str, where: str, delimiter: str, code: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it begins on; empty lines are skipped. Raises Invalid (`code`)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins, rows = 1, 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows += 1
                _check_row(cells, rows, where, begins, code)
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as problem:
        # Python's own limit on a cell holds for the whole process, and a library may raise it: the fault is the same either way.
        if "field larger" in str(problem):
            _refuse(code, "a cell is too long", where, begins, allowed=f"{LONGEST_CELL} characters")
        allowed = "cells between commas or semicolons, quotes in pairs"
        _refuse(code, f"this is not CSV: {problem}", where, begins, allowed=allowed)


def zip_texts(content: bytes, names: Collection[str], code: str) -> dict[str, str]:
    """The texts of the files of these names in an archive, by name. Raises Invalid (`code`).

    The files lie at the top of the archive, or in one folder of it. Other files are skipped: macOS adds one for each file.
    Some programs of Windows write the folder with a backslash.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = _entries_of(archive, names, code)
            if entries:
                largest = max(entries.values(), key=lambda entry: entry.file_size)
                _check_bytes(sum(entry.file_size for entry in entries.values()), largest.filename, code)
            contents = {name: archive.read(entry) for name, entry in entries.items()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
    ) as problem:
        _refuse(code, f"not a zip: {problem}", "", allowed="a zip of text files in UTF-8")
    return {name: decoded(each, name, code) for name, each in contents.items()}


def _entries_of(archive: zipfile.ZipFile, names: Collection[str], code: str) -> dict[str, zipfile.ZipInfo]:
    if (members := len(archive.infolist())) > MOST_MEMBERS:
        _refuse(
            code,
            "the archive has too many files",
            "",
            given=f"{members} files",
            allowed=f"at most {MOST_MEMBERS} files",
        )
    by_folder: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for entry in archive.infolist():
        folder, _, name = entry.filename.replace("\\", "/").rpartition("/")
        if name.lower() in names and "__MACOSX" not in folder.split("/"):
            by_folder.setdefault(folder, {})[name.lower()] = entry
    if "" not in by_folder and len(by_folder) > 1:
        allowed = "all files at the top of the zip, or in one folder"
        _refuse(code, "the files lie in several folders", "", given=", ".join(sorted(by_folder)), allowed=allowed)
    return by_folder.get("", next(iter(by_folder.values()), {}))


def _refuse(
    code: str, what: str, where: str, line: int | None = None, *, given: str = "", allowed: str = "", fault: str = ""
) -> NoReturn:
    refused = Fault(what=what, where=where, line=line, given=given, allowed=allowed, code=fault)
    raise Invalid(code, str(refused), faults=[refused]) from None


def _check_bytes(size: int, where: str, code: str) -> None:
    if size > LONGEST_FILE:
        _refuse(
            code,
            "the file is too large",
            where,
            given=f"more than {LONGEST_FILE} bytes",
            allowed=f"at most {LONGEST_FILE} bytes",
        )


def _check_size(text: str, where: str, limits: TomlLimits) -> None:
    if len(text) > limits.characters:
        _refuse(
            "bad-toml",
            "too many characters",
            where,
            1,
            given=str(len(text)),
            allowed=str(limits.characters),
            fault="too-long",
        )


def _check_characters(text: str, where: str, code: str) -> None:
    if (odd := unreadable(text)) is not None:
        line = text[: odd[0]].count("\n") + 1
        what = "a character that cannot be read"
        _refuse(code, what, where, line, given=odd[1], allowed=ALLOWED, fault="unreadable-character")


def _check_row(cells: list[str], row: int, where: str, line: int, code: str) -> None:
    if row > MOST_ROWS:
        _refuse(code, "there are too many rows", where, line, given=f"row {row}", allowed=f"{MOST_ROWS} rows")
    if len(cells) > MOST_CELLS:
        _refuse(
            code, "the row has too many cells", where, line, given=f"{len(cells)} cells", allowed=f"{MOST_CELLS} cells"
        )
    if longest := next((cell for cell in cells if len(cell) > LONGEST_CELL), ""):
        _refuse(
            code,
            "a cell is too long",
            where,
            line,
            given=f"{len(longest)} characters",
            allowed=f"{LONGEST_CELL} characters",
        )


_TOKEN = re.compile(r"""#[^\n]*|\"{3}|'{3}|["'\[\]{}=,.\n]|[A-Za-z0-9_+-]+""")
_ENDS: Mapping[str, re.Pattern[str]] = {
    '"""': re.compile(r'(?:[^\\"]++|\\.|"(?!""))*+"{3,5}', re.DOTALL),
    "'''": re.compile(r"(?:[^']++|'(?!''))*+'{3,5}"),
    '"': re.compile(r'(?:[^"\\\n]++|\\.)*+"'),
    "'": re.compile(r"[^'\n]*+'"),
}
"""The rest of a string after its opening quote; possessive, so that a string without an end is scanned once."""


@dataclass(kw_only=True)
class _Shape:
    """One pass over a text: brackets, dotted keys, words, tables and values, outside of strings and comments."""

    text: str
    where: str
    limits: TomlLimits
    depth: int = 0
    dots: int = 0
    tables: int = 0
    values: int = 0
    line_begins: bool = True

    def check(self) -> None:
        at = 0
        while (token := _TOKEN.search(self.text, at)) is not None:
            at = token.end()
            word = token.group()
            if (end := _ENDS.get(word)) is not None:
                closed = end.match(self.text, at)
                if closed is None:
                    return  # the string has no end: the parser says so
                at = closed.end()
                self.line_begins = False
            else:
                self._count(word, token.start())

    def _count(self, word: str, at: int) -> None:
        if word in "[{":
            self.depth += 1
            self.tables += self.line_begins and self.depth == 1
            self.dots = 0
        elif word in "]}":
            self.depth, self.dots = max(0, self.depth - 1), 0
        elif word == ".":
            self.dots += 1
        elif word in "=,\n":
            self.values += word != "\n"
            self.dots = 0
        if word[0] != "#":
            self.line_begins = word == "\n"
            if self._is_too_much(len(word)):
                self._refuse(len(word), at)

    def _is_too_much(self, length: int) -> bool:
        return (
            self.depth > DEEPEST
            or self.dots >= DEEPEST
            or length > LONGEST_WORD
            or self.tables > self.limits.tables
            or self.values > self.limits.values
        )

    def _refuse(self, length: int, at: int) -> NoReturn:
        what, code, size, most = max(
            ("brackets within brackets", "too-deep", self.depth, DEEPEST),
            ("parts of a key", "too-many-parts", self.dots + 1, DEEPEST),
            ("characters in a number or a key without quotes", "too-long-word", length, LONGEST_WORD),
            ("tables", "too-many-tables", self.tables, self.limits.tables),
            ("keys and values", "too-many-values", self.values, self.limits.values),
            key=lambda row: row[2] - row[3],
        )
        line = self.text[:at].count("\n") + 1
        _refuse("bad-toml", f"too many {what}", self.where, line, given=str(size), allowed=str(most), fault=code)


def _without_place(message: str, text: str) -> tuple[str, int]:
    """The parser's message without its place, and the line of that place."""
    match = re.fullmatch(r"(?P<what>.*?) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", message, re.DOTALL)
    if match is None:
        return message, 1
    return match["what"], int(match["line"]) if match["line"] else text.rstrip("\n").count("\n") + 1
