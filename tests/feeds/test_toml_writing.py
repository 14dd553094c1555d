"""What was written reads as the values that it was written from."""

import tomllib
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.feeds.toml_writing import toml_text
from tests.builders import SCHEDULES

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
PLAIN = st.one_of(
    TEXTS, st.booleans(), st.integers(-(2**40), 2**40), st.floats(allow_nan=False), st.dates(date(1, 1, 1)), st.times()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_values_come_back(values: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(values)) == values


def test_moments_come_back() -> None:
    values = {"when": datetime(2026, 5, 14, 10, 0, tzinfo=UTC), "at": time(10, 0)}
    assert tomllib.loads(toml_text(values)) == values


@pytest.mark.parametrize("path", sorted((SCHEDULES / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_a_scenario_of_the_folder_comes_back(path: Any) -> None:
    values = tomllib.loads(path.read_text("utf-8"))
    assert tomllib.loads(toml_text(values)) == values
