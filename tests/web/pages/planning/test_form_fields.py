"""A scenario as inputs of a form and back: the meaning stays, what was typed stays, and a fault finds its input."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.planning.scenario import Scenario
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.feeds.scenario_files.text_edits import toml_text
from shuttle.web.pages.planning.form.fields import (
    KINDS,
    Typed,
    document_of,
    field_at,
    rest_of,
    rows,
    tidied,
    typed_of,
    with_rows,
)
from shuttle.web.pages.planning.form.links import OWN, link_name
from tests.builders import SCHEDULES, the_real_schedule

DAY = date(2026, 11, 23)
SCHEDULE = the_real_schedule()
FILES = sorted((SCHEDULES / "scenarios").glob("*.toml"))
STOPS = ("mo-gyldenpris", "mo-nesttun")
WAYS = [["vagsbunnen", stop, "vagsbunnen"] for stop in STOPS]

LINK_NAME = link_name("vagsbunnen", "mo-nesttun")
TIMES = st.integers(0, 29 * 60).map(time_of_day_text)
MINUTES = st.integers(1, 240)
STOP = st.sampled_from(STOPS)
BETWEEN = st.tuples(st.integers(0, 700), st.integers(701, 1700)).map(
    lambda edges: [time_of_day_text(edges[0]), time_of_day_text(edges[1])]
)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip).map(str.strip)
SHARE = st.floats(0, 1, allow_nan=False)
WAY = st.one_of(st.integers(0, 1), st.sampled_from(WAYS))


def asked(kind: str, must: dict[str, Any], may: dict[str, Any] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), **must}, optional=may or {})


def either(kind: str, *several: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of([asked(kind, each) for each in several])


REQUIRED = [
    asked("keep_departures", {}, {"to": STOP, "tolerance_minutes": st.integers(0, 240)}),
    asked("pin", {"pattern": WAY, "at": TIMES}),
    asked("forbid", {"pattern": WAY, "at": st.integers(0, 300).map(lambda n: time_of_day_text(5 * n))}),
    asked("max_gap", {"to": STOP, "minutes": MINUTES}, {"between": BETWEEN}),
    asked("min_gap", {"minutes": MINUTES}, {"to": STOP}),
    asked("first_arrival_by_opening", {"to": STOP, "minutes": st.integers(-60, 60)}),
    asked("last_return_after_closing", {"from": STOP, "minutes": st.integers(0, 60)}),
    asked("trips", {"min": st.integers(0, 5), "max": st.integers(5, 20)}, {"pattern": WAY}),
    either("budget", {"driver_hours": st.floats(0, 99)}, {"nok": st.integers(0, 9999)}),
    asked("vehicles", {"max": st.integers(1, 9)}),
    either(
        "clock_face", {"minutes": st.lists(st.integers(0, 59), min_size=1, max_size=4)}, {"repeat_minutes": MINUTES}
    ),
    asked("coverage", {"of": STOP, "min_share": SHARE}),
    asked("max_change", {"moved": st.integers(0, 9), "by_minutes": st.integers(0, 99)}),
    asked("duties", {"profile": TEXT}, {"drivers": st.integers(1, 5), "two_on_board_after": TIMES}),
    asked("room", {"max_left_behind": st.integers(0, 99)}, {"to": STOP}),
    asked("last_bus", {"centre": STOP, "minutes": st.integers(0, 99)}),
]
DAY_TYPES = st.sampled_from([["weekday"], ["holiday"], ["weekday", "holiday"]])
COMMON = st.one_of(
    st.fixed_dictionaries({}, optional={"weight": st.floats(0, 99), "hard": st.just(True), "day_types": DAY_TYPES}),
    st.fixed_dictionaries({"hard": st.just(False), "weight": st.integers(0, 99)}),
)
REQUIREMENTS = st.lists(st.tuples(COMMON, st.one_of(REQUIRED)), max_size=5).map(
    lambda several: [{"name": f"nr {n}", **common, **own} for n, (common, own) in enumerate(several)]
)
PROFILE = st.fixed_dictionaries(
    {
        "day_type": st.sampled_from(["weekday", "holiday"]),
        "from": st.just("vagsbunnen"),
        "to": STOP,
        "starts": st.integers(300, 700).map(time_of_day_text),
        "slot_minutes": st.sampled_from([15, 60]),
        "passengers": st.lists(st.one_of(st.integers(0, 99), st.floats(0, 99)), min_size=1, max_size=12),
    }
)
DEMAND = st.fixed_dictionaries(
    {"profile": st.lists(PROFILE, min_size=1, max_size=3), "unserved_minutes": st.integers(240, 999)},
    optional={
        "source": st.just("profile"),
        "wish": st.sampled_from(["next", "displacement"]),
        "assumed": st.booleans(),
        "coverage_minutes": MINUTES,
        "from": st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    },
)
LEG = st.sampled_from(["vagsbunnen mo-gyldenpris", "mo-nesttun vagsbunnen"])
BANDS = st.one_of(
    st.integers(1, 99),
    st.dictionaries(st.integers(1, 1439).map(time_of_day_text), st.integers(1, 99), max_size=2).map(
        lambda b: {"00:00": 9, **b}
    ),
)
HOURS = st.dictionaries(
    STOP, st.dictionaries(st.sampled_from(["weekday", "holiday"]), st.lists(BETWEEN, max_size=1)), max_size=2
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "id": st.from_regex(r"[a-z]{1,5}(-[a-z0-9]{1,3})?", fullmatch=True),
        "name": TEXT,
        "base_timetable": st.just("2024-10"),
        "day_types": st.just(["weekday", "holiday"]),
        "grid_minutes": st.just(5),
        "base_stop": st.just("vagsbunnen"),
        "first_departure": st.just("07:00"),
        "last_arrival": st.integers(1000, 1799).map(time_of_day_text),
        "patterns": st.just(WAYS),
        "demand": DEMAND,
        "requirements": REQUIREMENTS,
    },
    optional={
        "fleet": st.fixed_dictionaries({"vehicles": st.integers(1, 3)}, optional={"seats": st.integers(1, 50)}),
        "opening_hours": HOURS,
        "running_times": st.dictionaries(LEG, BANDS, max_size=2),
        "front": st.fixed_dictionaries({"by": st.just("trips"), "from": st.integers(1, 5), "to": st.integers(5, 9)}),
    },
)


def read(document: dict[str, Any]) -> Scenario | list[str]:
    """What the reader makes of it: the scenario, or its faults (of a scenario on which every stop is closed)."""
    try:
        return read_scenario(toml_text(document), SCHEDULE, DAY)
    except Invalid as error:
        return [fault.what for fault in error.faults] or [error.detail]


def through_the_form(document: dict[str, Any]) -> dict[str, Any]:
    return document_of(tidied(typed_of(document)), rest_of(document))


def test_every_kind_of_requirement_has_inputs() -> None:
    from shuttle.feeds.scenario_files import requirements

    assert KINDS.keys() == requirements.KINDS.keys() and len(REQUIRED) == len(KINDS)


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_the_meaning_of_a_scenario_stays_through_the_form(document: dict[str, Any]) -> None:
    assert read(through_the_form(document)) == read(document)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_meaning_of_a_scenario_of_the_folder_stays_through_the_form(path: Path) -> None:
    document = tomllib.loads(path.read_text("utf-8"))
    again = read(through_the_form(document))
    assert isinstance(again, Scenario) and again == read(document)


NAMES = sorted(typed_of(tomllib.loads(FILES[0].read_text("utf-8"))))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=6), max_size=3), max_size=4))
def test_whatever_is_typed_is_read_or_refused_at_an_input(typed: Typed) -> None:
    document = tomllib.loads(FILES[0].read_text("utf-8"))
    whole = tidied(typed_of(document) | typed)
    try:
        read_scenario(toml_text(document_of(whole, rest_of(document))), SCHEDULE, DAY)
    except Invalid as error:
        for fault in error.faults:
            assert fault.path == () or field_at(whole, fault.path), fault


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ({"grid_minutes": ["99"]}, "grid_minutes"),
        ({"grid_minutes": [""]}, "grid_minutes"),
        ({"fleet.seats": ["mange"]}, "fleet.seats"),
        ({"demand.profile.1.passengers": ["1 to 3"]}, "demand.profile.1.passengers"),
        ({"requirements.0.name": [""]}, "requirements.0.name"),
        ({"opening_hours.mo-nesttun.weekday": ["09:00", "", "x", "21"]}, "opening_hours.mo-nesttun.weekday"),
        ({"patterns.2.stops": ["vagsbunnen", "nowhere"]}, "patterns.2.stops"),
        ({LINK_NAME + OWN: ["own"], LINK_NAME: ["", "ti"]}, LINK_NAME),
        ({LINK_NAME + OWN: ["own"], LINK_NAME: ["00:00", "10", "kveld", "12"]}, LINK_NAME),
        ({LINK_NAME + OWN: ["own"], LINK_NAME: ["00:00", "10", "00:00", "12"]}, LINK_NAME),
        ({LINK_NAME + OWN: ["own"], LINK_NAME: ["07:00", "10"]}, LINK_NAME),
        ({LINK_NAME + OWN: ["own"], LINK_NAME: []}, LINK_NAME),
        ({LINK_NAME + OWN: ["own"], LINK_NAME: ["", "0"]}, LINK_NAME),
        ({"demand.unserved_minutes": ["1"]}, "demand.unserved_minutes"),
    ],
)
def test_a_fault_stands_at_its_input_which_keeps_its_text(typed: Typed, name: str) -> None:
    document = tomllib.loads(next(path for path in FILES if path.stem == "nesttun-evening").read_text("utf-8"))
    whole = tidied(typed_of(document) | typed)
    with pytest.raises(Invalid) as refusal:
        read_scenario(toml_text(document_of(whole, rest_of(document))), SCHEDULE, DAY)
    assert name in {field_at(whole, fault.path) for fault in refusal.value.faults}
    assert whole[name] == typed[name]


def test_a_leg_has_the_schedule_s_minutes_unless_it_has_its_own() -> None:
    bands = {LINK_NAME: ["", "18", "15:00", "24", "", ""]}
    assert "running_times" not in document_of(tidied(bands), {})
    own = document_of(tidied({**bands, LINK_NAME + OWN: ["own"]}), {})
    assert own["running_times"] == {"vagsbunnen mo-nesttun": {"00:00": 18, "15:00": 24}}
    allday = document_of(tidied({LINK_NAME: ["", "18"], LINK_NAME + OWN: ["own"]}), {})
    assert allday["running_times"] == {"vagsbunnen mo-nesttun": 18}


def test_numbers_are_typed_with_comma_or_point_and_shares_as_per_cent() -> None:
    demand = {"demand.profile.0.passengers": ["0,5 1 1.5, 2"], "requirements.0.kind": ["coverage"]}
    document = document_of({**demand, "requirements.0.min_share": ["92,5 %"]}, {})
    assert document["demand"]["profile"][0]["passengers"] == [0.5, 1, 1.5, 2]
    assert document["requirements"][0]["min_share"] == 0.925


def test_rows_are_numbered_anew_when_one_is_taken_out() -> None:
    typed = {"requirements.0.name": ["a"], "requirements.2.name": ["b"], "requirements.10.name": ["c"]}
    assert [row["name"] for row in rows(typed, "requirements")] == [["a"], ["b"], ["c"]]
    assert with_rows(typed, "requirements", rows(typed, "requirements")[1:]) == {
        "requirements.0.name": ["b"],
        "requirements.1.name": ["c"],
    }
