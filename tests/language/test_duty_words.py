"""Every rule that a duty or a rota can break has its words."""

import ast
from pathlib import Path

import pytest

from shuttle.language import LANGUAGES, words

DOMAIN = Path(__file__).parent.parent.parent / "shuttle" / "domain"


def rules() -> set[str]:
    """The rule names that the checks give, as they stand in the code."""
    texts = {
        node.value
        for name in ("duties/duty.py", "duties/roster_rules.py")
        for call in ast.walk(ast.parse((DOMAIN / name).read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Violation"
        for node in call.args[:1]
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return texts | {"break_after_minutes", "long_duty_break_minutes", "longest_week_minutes", "two_on_board"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_broken_rule_can_be_said(language: str) -> None:
    said = {rule: words(language).say(f"duty.broken.{rule}") for rule in rules()}
    assert len(rules()) > 15
    assert all(text and not text.startswith("duty.broken") for text in said.values())
