"""Every rule that a duty or a roster can break has a text."""

import ast
from pathlib import Path

import pytest

from shuttle.language import LANGUAGES, words

DOMAIN = Path(__file__).parent.parent.parent / "shuttle" / "domain"


def rules() -> set[str]:
    """The keys of rules in the code of the checks."""
    keys = {
        node.value
        for name in ("duties/duty.py", "duties/roster_rules.py")
        for call in ast.walk(ast.parse((DOMAIN / name).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Violation"
        for node in call.args[:1]
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return keys | {"break_after_minutes", "long_duty_break_minutes", "longest_week_minutes", "two_on_board"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_broken_rule_has_a_text(language: str) -> None:
    assert len(rules()) > 15
    assert [rule for rule in sorted(rules()) if not words(language).knows(f"duty.broken.{rule}")] == []
