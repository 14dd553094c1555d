"""What the provers call the best is the best, and what they call impossible is impossible: plain counting says so too."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from shuttle.domain.planning import scenario as ask
from shuttle.domain.planning.passenger_cost import passenger_cost
from shuttle.domain.planning.scenario import Requirement, Wish
from tests.planner.questions import (
    OUT_AND_HOME,
    OVER_BOTH,
    a_question,
    asked,
    cheapest,
    impossible,
    price,
    profiles_of,
    proposed,
    trips_at,
)

pytestmark = pytest.mark.slow

Given = dict[str, Any]


def any_of(kind: str, chance: random.Random, given: Given) -> Requirement:
    """A requirement of a kind with numbers that sometimes bind, sometimes not, and sometimes cannot be met."""
    make: dict[str, Callable[[], Requirement]] = {
        "keep": lambda: ask.KeepDepartures(**given, tolerance=chance.choice([0, 20, 60])),
        "pin": lambda: ask.Pin(**given, pattern=chance.randint(0, 1), at=chance.choice([600, 660, 840])),
        "forbid": lambda: ask.Forbid(**given, pattern=1, at=chance.choice([600, 660, 720])),
        "max_gap": lambda: ask.MaxGap(**given, to=chance.choice(["near", "far"]), minutes=chance.choice([40, 60, 90])),
        "min_gap": lambda: ask.MinGap(
            **given,
            minutes=chance.choice([60, 61, 120]),
            to=chance.choice([None, "far"]),
        ),
        "first": lambda: ask.FirstArrivalByOpening(**given, to="near", minutes=chance.choice([-30, 0, 40])),
        "last": lambda: ask.LastReturnAfterClosing(**given, origin="far", minutes=chance.choice([5, 30])),
        "trips": lambda: ask.TripCount(**given, least=chance.choice([None, 4]), most=chance.choice([2, 4])),
        "hours": lambda: ask.Budget(**given, driver_hours=chance.choice([0.9, 1.5])),
        "nok": lambda: ask.Budget(**given, nok=chance.choice([500.5, 900.25])),
        "vehicles": lambda: ask.VehicleLimit(**given, most=1),
        "clock": lambda: ask.ClockFace(**given, minutes=(chance.choice([0, 30]),)),
        "repeat": lambda: ask.ClockFace(**given, repeat=chance.choice([60, 120]), between=(600, 800)),
        "coverage": lambda: ask.CoverageShare(**given, of="near", share=chance.choice([0.3, 0.62, 0.9])),
        "last bus": lambda: ask.LastBus(**given, centre="near", minutes=chance.choice([0, 20, 60, 150])),
        "change": lambda: ask.MaxChange(**given, moved=chance.choice([0, 1]), by=chance.choice([0, 20, 45])),
    }
    return make[kind]()


KINDS = ["keep", "pin", "forbid", "max_gap", "min_gap", "first", "last", "trips", "hours", "nok", "vehicles"]
KINDS += ["last bus", "clock", "repeat", "coverage", "change"]


@pytest.mark.parametrize("hard", [True, False], ids=["hard", "wish"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_set_of_trips_is_cheaper_under_a_requirement(kind: str, hard: bool) -> None:
    for seed in range(4):
        chance = random.Random(f"{kind}{seed}")
        weight = 0.0 if hard else chance.choice([1.0, 15.0, 200.0])
        wanted = any_of(kind, chance, {"name": "wanted", "hard": hard, "weight": weight})
        scenario = a_question(
            profiles_of(seed), wanted, wish=chance.choice(list(Wish)), vehicles=chance.choice([1, 2]), last=840
        )
        problem = asked(scenario, trips_at(scenario, ("base", "near"), 620, 720))
        expected = cheapest(problem)
        if expected is None:
            assert impossible(problem), f"seed {seed}: {wanted}"
            continue
        best = proposed(problem)
        assert best.total == pytest.approx(expected, abs=1e-5), f"seed {seed}: {wanted}"
        assert price(problem, problem.chosen(best.numbers)) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("seed", range(200))
def test_one_line_costs_what_an_exact_dynamic_programme_says(seed: int) -> None:
    chance = random.Random(seed)
    grid = chance.choice([5, 15, 30])
    trips, gap = chance.randint(1, 6), chance.choice([0, 0, 30, 45])
    pinned = chance.choice([None, 630, 660])
    requirements: list[Requirement] = [ask.TripCount(name="trips", most=trips)]
    if gap:
        requirements.append(ask.MinGap(name="gap", minutes=gap))
    if pinned:
        requirements.append(ask.Pin(name="pin", pattern=0, at=pinned))
    profiles = [
        profile for profile in profiles_of(seed, 15, 16) if profile.origin == "base" and profile.destination == "near"
    ]
    scenario = a_question(profiles, *requirements, patterns=(OUT_AND_HOME,), grid=grid, vehicles=9)
    problem = asked(scenario)
    assert proposed(problem).cost == pytest.approx(_by_dynamic_programme(scenario, trips, gap, pinned), abs=1e-5)


def _by_dynamic_programme(scenario: ask.Scenario, most: int, gap: int, pinned: int | None) -> float:
    """Least cost of departures in order of time: state = (last departure, how many), one stage for each departure."""
    rates = scenario.demand.profiles[0].per_minute()
    usable = [m for m in range(600, 880, scenario.grid) if m + 20 <= 900]
    useful = {m for m in usable if 620 <= m + 10 <= 840}

    def between(before: int | None, at: int | None) -> float:
        """What those cost who get ready after one departure, until the next."""
        cost = 0.0
        for ready, rate in rates.items():
            if (before is None or ready > before) and (at is None or ready <= at):
                wait = None if at is None else at - ready
                cost += rate * (180 if wait is None or wait > scenario.demand.max_wait else wait)
        return cost

    best: dict[tuple[int | None, int | None, int], float] = {(None, None, 0): 0.0}
    for minute in usable:
        for (useless, before, count), cost in list(best.items()):
            last = max((m for m in (useless, before) if m is not None), default=None)
            if count == most or (last is not None and minute - last < gap):
                continue
            if pinned is not None and (last or 0) < pinned < minute:
                continue
            served = minute in useful
            state = (None, minute, count + 1) if served else (minute, before, count + 1)
            value = cost + (between(before, minute) if served else 0.0)
            best[state] = min(value, best.get(state, float("inf")))
    ends = [
        cost + between(before, None)
        for (useless, before, _), cost in best.items()
        if pinned is None or max(useless or 0, before or 0) >= pinned
    ]
    return min(ends)


def test_the_same_question_seed_and_one_worker_give_the_same_trips() -> None:
    problem = asked(a_question(profiles_of(3), ask.TripCount(name="trips", most=3), grid=15))
    assert proposed(problem).numbers == proposed(problem).numbers


def test_two_ways_are_weighed_against_each_other_by_the_minute() -> None:
    """The way over both centres serves everybody once; the short way twice serves the nearer centre better."""
    problem = asked(a_question(profiles_of(7), ask.TripCount(name="trips", most=2), grid=30))
    best = proposed(problem)
    trips = problem.chosen(best.numbers)
    assert {trip.stops for trip in trips} <= {OUT_AND_HOME, OVER_BOTH}
    assert passenger_cost(problem.scenario, "weekday", trips) == pytest.approx(best.bound, abs=1e-5)


def test_a_pinned_departure_may_lie_off_the_grid() -> None:
    problem = asked(
        a_question(profiles_of(1), ask.Pin(name="pin", pattern=0, at=607), ask.TripCount(name="one", most=1))
    )
    assert [trip.departs for trip in problem.chosen(proposed(problem).numbers)] == [607]
