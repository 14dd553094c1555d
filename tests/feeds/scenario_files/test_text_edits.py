"""A scenario's text is written from values, and an edit changes its own lines alone."""

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.feeds.scenario_files.text_edits import (
    WISH_WEIGHT,
    PinnedTrip,
    toml_text,
    with_front,
    with_number,
    with_pinned_trips,
    with_wishes,
    without_requirement,
)
from tests.builders import SCHEDULES

TEXT = (SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text(encoding="utf-8")
BUDGET = "høyst 9 sjåførtimer om dagen"
FILES = sorted((SCHEDULES / "scenarios").glob("*.toml"))

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
def test_values_that_were_written_read_back_as_they_were(values: dict[str, Any]) -> None:
    assert tomllib.loads(toml_text(values)) == values


def test_moments_read_back_as_they_were() -> None:
    values = {"when": datetime(2026, 5, 14, 10, 0, tzinfo=UTC), "at": time(10, 0)}
    assert tomllib.loads(toml_text(values)) == values


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_scenario_of_the_folder_is_written_as_a_person_would(path: Path) -> None:
    """Values and lines are those of the file; only comments and blank lines are not."""
    text = path.read_text("utf-8")
    written = toml_text(tomllib.loads(text))
    assert tomllib.loads(written) == tomllib.loads(text)
    assert [line for line in written.splitlines() if line] == [
        line for line in text.splitlines() if line and not line.startswith("#")
    ]


def test_only_the_named_requirement_becomes_a_wish() -> None:
    before, after = tomllib.loads(TEXT), tomllib.loads(with_wishes(TEXT, [BUDGET]))
    changed = [r for r in after["requirements"] if r not in before["requirements"]]
    assert changed == [{"name": BUDGET, "kind": "budget", "driver_hours": 9, "hard": False, "weight": WISH_WEIGHT}]
    assert len(after["requirements"]) == len(before["requirements"])
    assert {k: v for k, v in after.items() if k != "requirements"} == {
        k: v for k, v in before.items() if k != "requirements"
    }


def test_comments_stay_where_their_writer_put_them() -> None:
    assert all(line in with_wishes(TEXT, [BUDGET]).splitlines() for line in TEXT.splitlines())


def test_a_wish_keeps_the_weight_that_it_has() -> None:
    text = '[[requirements]]\nname = "a"\nkind = "vehicles"\nhard = true\nweight = 7\nmax = 1\n'
    requirement = tomllib.loads(with_wishes(text, ["a"]))["requirements"][0]
    assert (requirement["hard"], requirement["weight"]) == (False, 7)


def test_an_unknown_requirement_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="nothing like it"):
        with_wishes(TEXT, ["nothing like it"])


def test_a_locked_departure_is_one_pinned_trip() -> None:
    stops = ("vagsbunnen", "mo-gyldenpris", "vagsbunnen")
    lock = PinnedTrip('låst "10.00"', "weekday", 600, stops)
    text = with_pinned_trips(with_pinned_trips(TEXT, [lock]), [lock])
    pins = [r for r in tomllib.loads(text)["requirements"] if r["kind"] == "pin"]
    assert pins == [
        {"name": 'låst "10.00"', "kind": "pin", "day_types": ["weekday"], "pattern": list(stops), "at": "10:00"}
    ]


def test_a_number_changes_alone_and_its_comment_stays() -> None:
    text = TEXT.replace("driver_hours = 9", "driver_hours = 9  # one driver")
    changed = with_number(text, BUDGET, "driver_hours", 9.5)
    assert changed == text.replace("driver_hours = 9  #", "driver_hours = 9.5  #")
    front = with_front(text, 16, 16)
    assert tomllib.loads(front)["front"] == {"by": "trips", "from": 16, "to": 16}
    assert tomllib.loads(front)["demand"] == tomllib.loads(text)["demand"], "its own from and to stay"
    with pytest.raises(Invalid):
        with_number(text, "nothing", "max", 1)
    with pytest.raises(Invalid):
        with_front("", 1, 2)


def test_a_requirement_goes_alone() -> None:
    before, after = tomllib.loads(TEXT), tomllib.loads(without_requirement(TEXT, BUDGET))
    assert after == {**before, "requirements": [each for each in before["requirements"] if each["name"] != BUDGET]}
    with pytest.raises(Invalid):
        without_requirement(TEXT, "nothing")
