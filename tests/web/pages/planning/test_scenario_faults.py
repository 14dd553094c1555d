"""Faults of a scenario have a text in every language."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.feeds.scenario_files import reader as scenario_files
from shuttle.feeds.scenario_files import requirements
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import LANGUAGES, words
from shuttle.web.pages.planning.scenario import fault_text
from tests.builders import the_real_schedule
from tests.web.api.test_plans import SMALL

READERS = (scenario_files, requirements)


def codes(path: Path) -> Iterator[str]:
    """The codes of the faults that a module's own calls of `fault` note."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fault":
            named = [each.value for each in node.keywords if each.arg == "code"]
            what = named[0] if named else node.args[0]
            assert isinstance(what, ast.Constant), f"{path.name}: words with a value in them need a code"
            yield str(what.value) if named else re.sub(r"[^a-z0-9]+", "-", str(what.value).lower()).strip("-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_scenario_has_a_text(language: str) -> None:
    noted = {code for reader in READERS for code in codes(Path(str(reader.__file__)))}
    assert len(noted) > 30
    assert [code for code in sorted(noted) if not words(language).knows(f"scenario.fault.{code}")] == []


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("grid_minutes = 30", "grid_minutes = 99", "99 er utenfor det som er tillatt: 1–60."),
        ("grid_minutes = 30", 'grid_minutes = "ofte"', "«ofte» er ikke et helt tall."),
        ("grid_minutes = 30", "", "Dette må fylles ut."),
        ('to = "mo-gyldenpris"', 'to = "hjem"', "«hjem» finnes ikke. Velg blant: vagsbunnen"),
        ('first_departure = "09:00"', 'first_departure = "ni"', "Klokkeslettet «ni» kan ikke leses."),
        ('last_arrival = "20:00"', 'last_arrival = "08:00"', "Dagen ender 08:00, før den begynner."),
    ],
)
def test_a_fault_has_a_text_in_bokmaal(old: str, new: str, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_scenario(SMALL.replace(old, new, 1), the_real_schedule(), date(2026, 11, 23))
    assert any(text in fault_text(fault, words("nb")) for fault in refusal.value.faults)


def test_a_fault_without_a_text_is_shown_in_its_own_words() -> None:
    text = fault_text(Fault(what="something new", given="x", allowed="y"), words("nb"))
    assert text.startswith("something new") and "x" in text and "y" in text
