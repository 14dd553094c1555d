"""What the reader of scenarios finds wrong is said in the reader's language."""

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
    """The codes of the faults that a reader notes itself."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fault":
            given = [each.value for each in node.keywords if each.arg == "code"]
            what = given[0] if given else node.args[0]
            assert isinstance(what, ast.Constant), f"{path.name}: words with a value in them need a code"
            yield str(what.value) if given else re.sub(r"[^a-z0-9]+", "-", str(what.value).lower()).strip("-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_of_a_scenario_has_a_text(language: str) -> None:
    asked = {code for reader in READERS for code in codes(Path(str(reader.__file__)))}
    assert len(asked) > 30
    assert [code for code in sorted(asked) if not words(language).knows(f"scenario.fault.{code}")] == []


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
