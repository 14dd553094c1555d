"""Catalogues: every key exists in three languages with equal placeholders, and every key in the code has a text."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import DepartureStatus
from shuttle.domain.timetable.service_days import ReasonKind
from shuttle.language import LANGUAGES, words
from shuttle.language.catalogues import FOLDER, read_part

PACKAGE = FOLDER.parent
PARTS = sorted({path.name for path in FOLDER.glob("*/*.po")})
LOOKUPS = {"say", "count", "t", "n"}
"""Functions whose first argument is a key: methods of Words, and their short names in templates."""

TEMPLATE_CALL = re.compile(r"""\b(?:say|count|t|n)\(\s*(["'])(?P<key>[\w.-]+)\1\s*(?P<next>[,)~])""")


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _keys_in_python(path: Path) -> Iterator[tuple[str, bool]]:
    """(key, True when it is whole) of each lookup; an f-string gives only the beginning of a key."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr not in LOOKUPS - {"count"} and not (node.func.attr == "count" and len(node.args) > 1):
            continue
        key = node.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, True
        elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
            yield str(key.values[0].value), False


def _keys_in_template(path: Path) -> Iterator[tuple[str, bool]]:
    for call in TEMPLATE_CALL.finditer(path.read_text(encoding="utf-8")):
        yield call["key"], call["next"] != "~"


def _lookups() -> dict[str, tuple[str, bool]]:
    """Key -> (file, True when the key is whole) for all lookups of the program."""
    lookups: dict[str, tuple[str, bool]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for key, whole in _keys_in_python(path):
            lookups[key] = (str(path.relative_to(PACKAGE)), whole)
    for path in sorted((PACKAGE / "web").rglob("templates/**/*.*")):
        for key, whole in _keys_in_template(path):
            lookups[key] = (str(path.relative_to(PACKAGE)), whole)
    return lookups


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_the_same_keys_in_every_language(part: str) -> None:
    keys = {language: set(read_part(FOLDER / language / part)) for language in LANGUAGES}
    assert keys["nb"] == keys["nn"] == keys["en"]


@pytest.mark.parametrize("part", PARTS)
def test_a_text_takes_the_same_values_in_every_language(part: str) -> None:
    texts = {language: read_part(FOLDER / language / part) for language in LANGUAGES}
    for key in texts["nb"]:
        names = {language: set().union(*map(_placeholders, texts[language][key])) for language in LANGUAGES}
        assert names["nb"] == names["nn"] == names["en"], key


@pytest.mark.parametrize("part", PARTS)
def test_no_text_is_empty_or_marked_as_doubtful(part: str) -> None:
    for language in LANGUAGES:
        assert "#, fuzzy" not in (FOLDER / language / part).read_text(encoding="utf-8")
        empty = [key for key, forms in read_part(FOLDER / language / part).items() if not all(map(str.strip, forms))]
        assert not empty, language


def test_no_key_belongs_to_two_parts() -> None:
    for language in LANGUAGES:
        words(language)


def test_every_key_that_the_program_uses_has_a_text() -> None:
    keys = set(words("nb").texts(""))
    missing = [
        f"{where}: {key}"
        for key, (where, whole) in _lookups().items()
        if not (key in keys if whole else any(each.startswith(key) for each in keys))
    ]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize(
    "key",
    [
        *(f"status.{status}" for status in DepartureStatus),
        *(f"reason.{reason}" for reason in ReasonCode),
        *(f"why.{why}" for why in ReasonKind),
    ],
)
def test_every_code_that_is_shown_has_a_text(key: str) -> None:
    assert words("nb").knows(key)


def _acts_and_outcomes() -> Iterator[str]:
    """Keys of stored codes that are shown later: entries of the audit log, and job outcomes."""
    recording = {"add_entry": 4, "_record": 3, "_changed": 3, "JobOutcome": 0}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = recording.get(node.func.id)
            if place is None or place >= len(node.args):
                continue
            if isinstance(code := node.args[place], ast.Constant) and isinstance(code.value, str):
                yield f"{'remark' if node.func.id == 'JobOutcome' else 'act'}.{code.value}"


def test_every_act_and_outcome_that_is_stored_has_a_text() -> None:
    stored = set(_acts_and_outcomes())
    assert {"act.publish", "act.ask-plan", "remark.saved"} <= stored
    assert not {key for key in stored if not words("nb").knows(key)}


def test_nynorsk_is_no_copy_of_bokmal() -> None:
    """A catalogue copied without translation has equal texts for every key."""
    for part in PARTS:
        nb, nn = read_part(FOLDER / "nb" / part), read_part(FOLDER / "nn" / part)
        long = [key for key, forms in nb.items() if len(forms[0].split()) > 5]
        alike = [key for key in long if nb[key] == nn[key]]
        assert len(alike) <= len(long) / 3, (part, alike)
