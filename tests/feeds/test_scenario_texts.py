"""A requirement made a wish in a scenario's own text."""

import tomllib

import pytest

from shuttle.domain.errors import Invalid
from shuttle.feeds.scenario_texts import WISH_WEIGHT, Lock, locked, wished
from tests.builders import SCHEDULES

TEXT = (SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text(encoding="utf-8")
BUDGET = "høyst 9 sjåførtimer om dagen"


def test_only_the_named_requirement_becomes_a_wish_and_everything_else_stays() -> None:
    before, after = tomllib.loads(TEXT), tomllib.loads(wished(TEXT, [BUDGET]))
    changed = [r for r in after["requirements"] if r not in before["requirements"]]
    assert changed == [{"name": BUDGET, "kind": "budget", "driver_hours": 9, "hard": False, "weight": WISH_WEIGHT}]
    assert len(after["requirements"]) == len(before["requirements"])
    assert {k: v for k, v in after.items() if k != "requirements"} == {
        k: v for k, v in before.items() if k != "requirements"
    }


def test_comments_stay_where_their_writer_put_them() -> None:
    assert all(line in wished(TEXT, [BUDGET]).splitlines() for line in TEXT.splitlines())


def test_a_wish_keeps_the_weight_that_it_has() -> None:
    text = '[[requirements]]\nname = "a"\nkind = "vehicles"\nhard = true\nweight = 7\nmax = 1\n'
    found = tomllib.loads(wished(text, ["a"]))["requirements"][0]
    assert (found["hard"], found["weight"]) == (False, 7)


def test_an_unknown_requirement_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="nothing like it"):
        wished(TEXT, ["nothing like it"])


def test_a_locked_departure_is_a_requirement_that_the_planner_understands_and_stands_once() -> None:
    stops = ("vagsbunnen", "mo-gyldenpris", "vagsbunnen")
    lock = Lock('låst "10.00"', "weekday", 600, stops)
    text = locked(locked(TEXT, [lock]), [lock])
    pins = [r for r in tomllib.loads(text)["requirements"] if r["kind"] == "pin"]
    assert pins == [
        {"name": 'låst "10.00"', "kind": "pin", "day_types": ["weekday"], "pattern": list(stops), "at": "10:00"}
    ]
