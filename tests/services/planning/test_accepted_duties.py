"""Accepting a proposal with duties: the draft has the same duties, and each of its departures belongs to one."""

from collections.abc import Mapping
from typing import Any

import pytest

from shuttle.domain.basics.errors import Refused
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.planner.process import solver_client
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plans import PlanOptions, accept, ask
from shuttle.services.planning.requests import request_for
from shuttle.services.timetable.timetables import copy_timetable
from tests.builders import SCHEDULES
from tests.rosters import PLANNER
from tests.web.api.test_plans import SMALL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WITH_DUTIES = (
    SMALL.replace('[[requirements]]\nname = "today\'s stay"\nkind = "keep_departures"\n', "")
    + """
[[requirements]]
name = "two drivers"
kind = "duties"
profile = "act"
drivers = 2
"""
)


def a_plan(context: AppContext, result: Mapping[str, Any]) -> str:
    """The id of a plan with this result."""
    with context.transaction() as session:
        row = ask(session, PLANNER, WITH_DUTIES, "small", "A small question", PlanOptions(), context.now())
        row.answer, row.status = dict(result), "solved"
        return row.id


@pytest.mark.slow
def test_the_duties_of_a_proposal_come_along_and_drive_every_departure(context: AppContext) -> None:
    scenario = read_scenario(WITH_DUTIES, context.schedule(), context.today())
    result = solver_client.run(request_for(scenario, context.schedule(), SCHEDULES, 60, 1))
    [proposal] = result["day_types"]["weekday"]["proposals"]
    plan = a_plan(context, result)
    with context.transaction() as session:
        accept(session, PLANNER, [f"{plan}.{proposal['id']}"], "next", "Neste", context.now())
        copy_timetable(session, PLANNER, "next", "copied", "En kopi", context.now())
    for timetable in (context.schedule().timetable_by_id[name] for name in ("next", "copied")):
        duties = timetable.duties_on("weekday")
        assert [(duty.starts, duty.ends) for duty in duties] == [
            (parse_time_of_day(duty["starts"]), parse_time_of_day(duty["ends"])) for duty in proposal["duties"]
        ]
        assert {trip for duty in duties for trip in duty.trips} == {trip.id for trip in timetable.trips_on("weekday")}
        assert timetable.duties_on("holiday") == () and timetable.trips_on("holiday"), "those are the base's"


def a_trip(*stops: str, arrives: str) -> dict[str, Any]:
    calls = [{"stop": stops[0], "arrives_at": "10:00", "departs_at": "10:00"}]
    calls += [{"stop": stop, "arrives_at": arrives, "departs_at": arrives} for stop in stops[1:]]
    return {"departs": "10:00", "calls": calls}


def test_two_trips_at_the_same_minute_stay_apart(context: AppContext) -> None:
    duties = [
        {"starts": "09:45", "ends": ends, "trips": [name], "breaks": []}
        for name, ends in (("10:00 (2)", "11:00"), ("10:00", "10:30"))
    ]
    trips = [
        a_trip("vagsbunnen", "mo-nesttun", arrives="10:20"),
        a_trip("vagsbunnen", "mo-gyldenpris", arrives="10:10"),
    ]
    proposal = {"id": "weekday-2", "trips": trips, "duties": duties}
    plan = a_plan(context, {"day_types": {"weekday": {"proposals": [proposal]}}})
    with context.transaction() as session:
        draft = accept(session, PLANNER, [f"{plan}.weekday-2"], "next", "Neste", context.now())
    assert [duty.trips for duty in draft.duties_on("weekday")] == [
        (trip.id,) for trip in sorted(draft.trips_on("weekday"), key=lambda trip: "nesttun" not in trip.pattern)
    ]


def test_trips_at_the_same_minute_are_told_apart_by_the_bus_s_return(context: AppContext) -> None:
    """The one that arrives first is back last, by its empty run. Duties number such trips in order of return."""
    out = a_trip("vagsbunnen", "mo-nesttun", arrives="10:20")
    out["empty_after"] = {"departs_at": "10:20", "arrives_at": "10:40"}
    around = a_trip("vagsbunnen", "mo-gyldenpris", "vagsbunnen", arrives="10:30")
    duties = [
        {"starts": "09:45", "ends": ends, "trips": [name], "breaks": []}
        for name, ends in (("10:00", "10:45"), ("10:00 (2)", "11:00"))
    ]
    proposal = {"id": "weekday-2", "trips": [out, around], "duties": duties}
    plan = a_plan(context, {"day_types": {"weekday": {"proposals": [proposal]}}})
    with context.transaction() as session:
        draft = accept(session, PLANNER, [f"{plan}.weekday-2"], "next", "Neste", context.now())
    first, second = draft.duties_on("weekday")
    trips = {trip.id: trip.pattern for trip in draft.trips_on("weekday")}
    assert (trips[first.trips[0]], trips[second.trips[0]]) != ("nesttun", "nesttun")
    assert trips[second.trips[0]] == "nesttun"


def test_a_proposal_that_cannot_be_driven_is_not_accepted(context: AppContext) -> None:
    trips = [a_trip("vagsbunnen", "mo-gyldenpris", arrives="10:10")]
    proposal = {"id": "weekday-1", "trips": trips, "driven": False, "breaks": ["break_after_minutes"]}
    plan = a_plan(context, {"day_types": {"weekday": {"proposals": [proposal]}}})
    with pytest.raises(Refused) as refused, context.transaction() as session:
        accept(session, PLANNER, [f"{plan}.weekday-1"], "next", "Neste", context.now())
    assert refused.value.code == "proposal-not-driven" and "not accepted" in refused.value.detail
    assert "next" not in context.schedule().timetable_by_id
