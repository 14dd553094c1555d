"""Faults of a scenario have a text in every language."""

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.feeds.scenario_files import demand, requirements, scenario, values
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.toml import schema, types
from shuttle.language import LANGUAGES, words
from shuttle.language.faults import fault_text
from tests.builders import the_real_schedule
from tests.web.api.test_plans import SMALL

READERS = (demand, requirements, scenario, schema, types, values)
SCHEDULE_FILES_ONLY = {"id-twice", "assumed-without-a-reason"}
"""Faults of types that no scenario uses."""


def codes(path: Path) -> Iterator[str]:
    """The codes of the faults that a module notes itself."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef):
            words = dict(assigned(function))
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault":
                    yield from codes_of({each.arg or "": each.value for each in node.keywords}, words, path.name)


def assigned(function: ast.FunctionDef) -> Iterator[tuple[str, list[ast.expr]]]:
    """Name -> what a function assigns to it."""
    parts_of: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            names = target.elts if isinstance(target, ast.Tuple) else [target]
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for name, part in zip(names, parts, strict=False):
                if isinstance(name, ast.Name):
                    parts_of.setdefault(name.id, []).append(part)
    yield from parts_of.items()


def codes_of(fields: dict[str, ast.expr], words: dict[str, list[ast.expr]], module: str) -> Iterator[str]:
    if "code" in fields:
        if isinstance(fields["code"], ast.Constant):
            yield str(fields["code"].value)
        return
    what = fields["what"]
    for text in words.get(what.id, []) if isinstance(what, ast.Name) else [what]:
        assert isinstance(text, ast.Constant), f"{module}: words with a value in them need a code"
        yield schema.code_of(Fault(what=str(text.value)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_scenario_has_a_text(language: str) -> None:
    noted = {code for reader in READERS for code in codes(Path(str(reader.__file__)))} - SCHEDULE_FILES_ONLY
    noted |= {code for code, _ in schema._TYPES.values()}
    assert len(noted) > 45
    assert [code for code in sorted(noted) if not words(language).knows(f"scenario.fault.{code}")] == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("grid_minutes = 30", "grid_minutes = 99", "99 er utenfor det som er tillatt: 1–60."),
        ("grid_minutes = 30", 'grid_minutes = "ofte"', "«ofte» er ikke et helt tall."),
        ("grid_minutes = 30", "", "Dette må fylles ut."),
        ('to = "mo-gyldenpris"', 'to = "hjem"', "«hjem» finnes ikke. Velg blant: vagsbunnen"),
        ('first_departure = "09:00"', 'first_departure = "ni"', "Klokkeslettet «ni» kan ikke leses."),
        ('last_arrival = "20:00"', 'last_arrival = "08:00"', "Dagen ender 08:00, før den begynner."),
    ],
)
def test_a_fault_is_said_in_bokmaal(old: str, new: str, said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_scenario(SMALL.replace(old, new, 1), the_real_schedule(), date(2026, 11, 23))
    assert any(said in fault_text(fault, words("nb")) for fault in refusal.value.faults)


def test_a_fault_that_no_catalogue_knows_is_said_in_its_own_words() -> None:
    said = fault_text(Fault(what="something new", given="x", allowed="y"), words("nb"))
    assert said.startswith("something new") and "x" in said and "y" in said
