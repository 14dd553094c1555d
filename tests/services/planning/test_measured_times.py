"""Running times of the cases of a road: percentiles of what drivers reported, and assumed where they reported too little."""

from dataclasses import replace

import pytest

from shuttle.domain.planning.roadmap.robustness import case_scenario
from shuttle.domain.planning.scenario import Scenario
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import words
from shuttle.language.roadmap_texts import cases_basis
from shuttle.services.app_context import AppContext
from shuttle.services.planning.roadmap.measured_times import measured_times
from tests.builders import SCHEDULES
from tests.web.pages.ridership.test_punctuality import drive

OUT, BACK = ("vagsbunnen", "mo-gyldenpris"), ("mo-gyldenpris", "vagsbunnen")


@pytest.fixture
def scenario(context: AppContext) -> Scenario:
    text = (SCHEDULES / "scenarios" / "nesttun-evening.toml").read_text("utf-8")
    return read_scenario(text, context.schedule(), context.today())


def test_only_links_with_enough_trips_are_measured(context: AppContext, scenario: Scenario) -> None:
    assert measured_times(context, context.schedule(), scenario) == {}
    drive(context, 7, late=0, minutes=14)
    measured = measured_times(context, context.schedule(), scenario)
    assert {percent: list(links) for percent, links in measured.items()} == {50: [OUT], 85: [OUT]}
    assert 14 in dict(measured[85][OUT]).values()


def test_running_times_of_a_scenario_of_its_own_are_not_replaced(context: AppContext, scenario: Scenario) -> None:
    drive(context, 7, late=0, minutes=14)
    own = replace(scenario.running_times[OUT], bands=((0, 21),))
    other = replace(scenario, running_times={**scenario.running_times, OUT: own})
    assert measured_times(context, context.schedule(), other) == {}


def test_a_case_drives_as_measured_and_never_faster_than_planned(scenario: Scenario) -> None:
    bands = scenario.running_times[OUT].bands
    slow, fast = (tuple((start, minutes + more) for start, minutes in bands) for more in (4, -3))
    longer = case_scenario(scenario, 1.0, 15, {OUT: slow}).running_times
    assert longer[OUT].bands == slow
    assert longer[BACK].bands == tuple((s, -(-m * 115 // 100)) for s, m in scenario.running_times[BACK].bands)
    assert case_scenario(scenario, 1.0, 0, {OUT: fast}).running_times[OUT].bands == bands


def test_the_page_says_what_is_measured_and_what_is_assumed() -> None:
    case = {
        "demand": 1.0, "running_time_percent": 15, "cost": 1.0, "best": 1.0, "options": [], "drivable": True, "holds": True,
    }  # fmt: skip
    nb = words("nb")
    assert "antatt: 15 % lengre" in cases_basis([case], nb)  # type: ignore[list-item]  # a dict of the shape
    partly = case | {"percentile": 85, "measured_links": 1, "links": 6}
    assert "målt på 1 av 6 strekninger" in cases_basis([partly], nb)  # type: ignore[list-item]
    assert "er målt: " in cases_basis([partly | {"links": 1}], nb)  # type: ignore[list-item]
