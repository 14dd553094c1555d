"""Limits on hours and money hold for what duties are paid: plain search over every set of trips says the same."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import combinations

import pytest

from shuttle.domain.duties.costs import pay_on
from shuttle.domain.duties.duty import trip_works
from shuttle.domain.duties.rules import THE_ACT
from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.costs import km
from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import PlanResult
from shuttle.domain.planning.scenario import FrontRequest, Scenario
from shuttle.planner.duties.set_partitioning import DutyPlan, DutyTask, plan_duties
from shuttle.planner.process.request import PlanRequest
from shuttle.planner.process.run import answer
from shuttle.planner.solvers.cpsat import Effort
from tests.planner.questions import OUT_AND_HOME, RATES, a_question, asked, profiles_of

pytestmark = pytest.mark.slow

ONE = Effort(20.0, workers=1)
Fits = Callable[[DutyPlan, float], bool]
"""Whether duties, with the NOK of the kilometres, are within the limits."""


def the_answer(scenario: Scenario, seconds: float = 60.0) -> PlanResult:
    request = PlanRequest(
        scenario=scenario, bases={"weekday": ()}, rates=RATES, profiles={"act": THE_ACT}, time_limit=seconds, workers=1
    )
    return answer(request, lambda _: None, lambda: False)


def cheapest_driven(scenario: Scenario, drivers: int, fits: Fits) -> float | None:
    """The least passenger cost over all sets of trips whose cheapest duties fit, by trying them all."""
    values: list[float] = []
    candidates = asked(scenario).candidates
    for size in range(len(candidates) + 1):
        for trips in combinations(candidates, size):
            cost = passenger_cost(scenario, "weekday", trips)
            if (not values or cost < min(values)) and not _two_at_once(trips):
                duties = plan_duties(_task(trips, drivers), ONE)
                driven = (km(scenario, trips) or 0.0) * RATES.nok_per_km
                if isinstance(duties, DutyPlan) and fits(duties, driven):
                    values.append(cost)
    return min(values, default=None)


def _is_paid_within(minutes: float, duties: DutyPlan, _driven: float) -> bool:
    return duties.paid_minutes <= minutes


def _task(trips: tuple[PlannedTrip, ...], drivers: int) -> DutyTask:
    works = trip_works((trip.departs, trip.ends, trip.busy_until) for trip in trips)
    return DutyTask(trips=works, profile=THE_ACT, drivers=drivers, pay=pay_on(RATES, "weekday"))


def _two_at_once(trips: tuple[PlannedTrip, ...]) -> bool:
    return any(a.departs < b.busy_until and b.departs < a.busy_until for a, b in combinations(trips, 2))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("limit", "fits"),
    [
        ({"driver_hours": 2.5}, lambda duties, _: duties.paid_minutes <= 150),
        ({"driver_hours": 4.0}, lambda duties, _: duties.paid_minutes <= 240),
        ({"nok": 1300.0}, lambda duties, driven: duties.nok + driven <= 1300),
    ],
    ids=["150 minutes", "240 minutes", "1300 NOK"],
)
def test_no_trips_whose_duties_fit_a_budget_are_cheaper(seed: int, limit: dict[str, float], fits: Fits) -> None:
    scenario = a_question(
        profiles_of(seed),
        ask.DriverDuties(name="duties", profile="act", drivers=1),
        ask.Budget(name="budget", **limit),  # type: ignore[arg-type]
        patterns=(OUT_AND_HOME,),
    )
    told = the_answer(scenario)
    [proposal] = told["day_types"]["weekday"]["proposals"]
    assert told["status"] == "solved" and proposal["proven"]
    assert proposal["cost"] == pytest.approx(cheapest_driven(scenario, 1, fits))
    assert sum(duty["paid_minutes"] for duty in proposal["duties"]) == proposal["driver_minutes"]
    assert all(verdict["met"] for verdict in proposal["requirements"])


def test_a_front_by_driver_hours_is_a_front_of_paid_hours() -> None:
    duties = ask.DriverDuties(name="duties", profile="act", drivers=1)
    scenario = a_question(profiles_of(1), duties, patterns=(OUT_AND_HOME,))
    told = the_answer(replace(scenario, front=FrontRequest("driver_hours", 2, 5, 1)))
    proposals = told["day_types"]["weekday"]["proposals"]
    assert len(proposals) > 1
    for proposal in proposals:
        limit = float(proposal["id"].rpartition("-")[2]) * 60
        assert proposal["proven"] and proposal["driver_minutes"] <= limit
        assert proposal["cost"] == pytest.approx(cheapest_driven(scenario, 1, partial(_is_paid_within, limit)))


def test_a_budget_that_no_duties_keep_conflicts_with_the_duties() -> None:
    """Two trips five hours apart are paid two hours as trips, and five and a half as a duty."""
    scenario = a_question(
        profiles_of(0),
        ask.Pin(name="early", pattern=0, at=600),
        ask.Pin(name="late", pattern=0, at=840),
        ask.DriverDuties(name="duties", profile="act", drivers=1),
        ask.Budget(name="budget", driver_hours=3),
        patterns=(OUT_AND_HOME,),
    )
    told = the_answer(scenario)
    assert told["status"] == "infeasible"
    assert told["conflicts"] == [["budget", "duties", "early", "late"]]
    assert {tuple(relaxation["requirements"]) for relaxation in told["relaxations"]} == {
        ("budget",),
        ("duties",),
        ("early",),
        ("late",),
    }
    assert all(relaxation["cost"] is not None for relaxation in told["relaxations"])


def test_duties_that_are_a_wish_cost_their_weight_where_they_cannot_be() -> None:
    wish = ask.DriverDuties(name="duties", profile="act", drivers=0, hard=False, weight=40.0)
    scenario = a_question(profiles_of(2), wish, ask.TripCount(name="some", least=2), patterns=(OUT_AND_HOME,))
    [proposal] = the_answer(scenario)["day_types"]["weekday"]["proposals"]
    assert proposal["penalty"] == pytest.approx(40.0)
    assert {"name": "duties", "met": False, "slack": 0.0, "hard": False} in proposal["requirements"]


def test_a_time_limit_leaves_drivable_trips_with_a_valid_bound() -> None:
    scenario = a_question(
        profiles_of(3, slots=10),
        ask.DriverDuties(name="duties", profile="act", drivers=2),
        ask.Budget(name="budget", driver_hours=7),
        last=1200,
        grid=15,
    )
    told = the_answer(scenario, seconds=4.0)
    for proposal in told["day_types"]["weekday"]["proposals"]:
        assert proposal["driver_minutes"] <= 420 and proposal["bound"] <= proposal["cost"] + 1e-6
        unmet = [verdict["name"] for verdict in proposal["requirements"] if not verdict["met"]]
        assert (unmet, bool(proposal["breaks"])) == (([], False) if proposal["driven"] else (["duties"], True))
    assert told["status"] in ("solved", "out_of_time")
