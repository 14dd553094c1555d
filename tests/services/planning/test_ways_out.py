"""A conflict of coverage with the limit of the front: values that suffice, each of which has a timetable, and wishes."""

from dataclasses import replace

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.result import PlanProgress, PlanResult
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.planner.process import solver_client
from shuttle.services.app_context import AppContext
from shuttle.services.planning.nearest_values import number_of, with_nearest
from shuttle.services.planning.requests import request_for
from shuttle.services.planning.ways_out import eased, ways_out
from tests.builders import SCHEDULES

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

COVERED = """
id = "covered"
name = "Nesttun covered"
day_types = ["weekday"]
grid_minutes = 30
base_stop = "vagsbunnen"
first_departure = "08:00"
last_arrival = "22:00"
patterns = [["vagsbunnen", "mo-nesttun", "vagsbunnen"]]

[opening_hours.mo-nesttun]
weekday = [["09:00", "15:00"]]

[demand]
max_wait_minutes = 120
unserved_minutes = 180

[[demand.profile]]
day_type = "weekday"
from = "vagsbunnen"
to = "mo-nesttun"
starts = "09:00"
slot_minutes = 60
passengers = [1, 1, 1, 1, 1, 1]

[[requirements]]
name = "Nesttun er dekket"
kind = "coverage"
of = "mo-nesttun"
min_share = 0.6  # asked for by the centre

[front]
by = "trips"
from = 3
to = 4
"""


def answer(context: AppContext, text: str, progress: list[PlanProgress] | None = None) -> PlanResult:
    schedule = context.schedule()
    scenario = read_scenario(text, schedule, context.today())
    request = replace(request_for(scenario, schedule, SCHEDULES, 60, 1), hindsight_days=0)
    steps = progress if progress is not None else []
    return with_nearest(request, solver_client.run(request), on_progress=steps.append)


@pytest.mark.slow
def test_the_nearest_values_of_a_conflict_suffice_and_no_nearer_one_does(context: AppContext) -> None:
    progress: list[PlanProgress] = []
    result = answer(context, COVERED, progress)
    assert result["status"] == "infeasible"
    assert [(each["phase"], each["done"], each["of"], each["day_type"]) for each in progress] == [
        ("nearest", 0, 2, "weekday"),
        ("nearest", 1, 2, "weekday"),
    ]
    (conflict,) = result["conflicts"]
    ways = ways_out(result, conflict)
    assert [way.way for way in ways] == ["value", "value", "wish"]
    share, trips = (way.nearest for way in ways if way.nearest is not None)
    assert share is not None and trips is not None
    assert (share["key"], share["asked"], trips["asked"]) == ("min_share", 0.6, 4)
    assert 0 < share["value"] < 0.6 and trips["value"] > 4
    for way in ways:
        text = eased(COVERED, result, way.way, way.requirement, way.day_type)
        assert "# asked for by the centre" in text and text != COVERED
    stricter = COVERED.replace("min_share = 0.6", f"min_share = {share['value'] + 0.01:.2f}")
    assert answer(context, stricter)["status"] == "infeasible", (
        "to see that each way leads to proposals is the part of tests/browser/test_planner_desk.py"
    )


def test_a_way_that_the_answer_does_not_have_is_refused(context: AppContext) -> None:
    result: PlanResult = {**_EMPTY, "conflicts": [["Nesttun er dekket"]]}  # type: ignore[typeddict-item]
    with pytest.raises(Refused, match="no such way out"):
        eased(COVERED, result, "value", "Nesttun er dekket", "weekday")


_EMPTY: dict[str, object] = {"limits": [], "day_types": {}, "relaxations": []}


@pytest.mark.parametrize(
    ("wanted", "breach", "value"),
    [
        (ask.CoverageShare(name="c", of="s", share=0.8), 0.0551, 0.74),
        (ask.TripCount(name="t", most=14), 2.0, 16),
        (ask.TripCount(name="t", least=9), 1.0, 8),
        (ask.Budget(name="b", driver_hours=9), 31.0, 9.6),
        (ask.Budget(name="b", nok=4000), 12.5, 4013),
        (ask.MaxGap(name="g", to="s", minutes=60), 15.0, 75),
        (ask.MinGap(name="g", minutes=60), 15.0, 45),
        (ask.MaxChange(name="m", moved=1, by=15), 2.0, 3),
    ],
)
def test_a_number_gives_way_by_the_breach_and_no_further(
    context: AppContext, wanted: ask.Requirement, breach: float, value: float
) -> None:
    number = number_of(wanted)
    assert number is not None and number.eased(breach) == pytest.approx(value)
    assert number.eased(0.0) == pytest.approx(number.value)
