"""Passenger cost, simulation and coverage against naive computations, passenger by passenger."""

import random
from dataclasses import replace

import pytest

from shuttle.domain.planning.passenger_cost import coverage, waiting
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.scenario import DemandProfile, Fleet, Scenario, Wish
from shuttle.domain.planning.simulation import simulate
from tests.planner.questions import a_question, profiles_of, trips_at

PARTS = 20
"""Number of equal small passengers into which the demand of each minute is divided."""


def a_day(seed: int, wish: Wish = Wish.NEXT, seats: int | None = None) -> tuple[Scenario, list[PlannedTrip]]:
    """Random demand and random trips, some at one minute, some past the useful hours."""
    chance = random.Random(seed)
    question = a_question(profiles_of(seed), wish=wish, last=960, grid=5, max_wait=chance.choice([30, 60, 120]))
    question = replace(question, fleet=Fleet(vehicles=9, seats=seats, turnaround=5, dwell=chance.choice([0, 2])))
    minutes = sorted(chance.sample(range(600, 860), chance.randint(0, 6)))
    return question, [plan_trip(question, chance.choice(question.patterns), minute) for minute in minutes]


def is_open(scenario: Scenario, stop: str, minute: int) -> bool:
    return stop == "base" or any(first - 10 <= minute <= last for first, last in scenario.hours[stop]["weekday"])


def rides(scenario: Scenario, trips: list[PlannedTrip], here: str, there: str) -> list[tuple[int, int]]:
    """(leaves, arrives) of every usable ride, by walking along each trip."""
    times = []
    for trip in trips:
        for place, call in enumerate(trip.calls[:-1]):
            if call.stop == here:
                later = next((c for c in trip.calls[place + 1 :] if c.stop == there), None)
                if later is not None and is_open(scenario, there, later.arrives):
                    times.append((call.departs, later.arrives))
    return times


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("seed", range(25))
def test_waiting_equals_that_of_single_passengers(seed: int, wish: Wish) -> None:
    scenario, trips = a_day(seed, wish)
    served = unserved = minutes = 0.0
    for profile in scenario.demand.profiles:
        leaves = [leaves for leaves, _ in rides(scenario, trips, profile.origin, profile.destination)]
        for slot, amount in enumerate(profile.passengers):
            for ready in range(profile.starts + 60 * slot, profile.starts + 60 * (slot + 1)):
                waits = [m - ready for m in leaves if m >= ready]
                if wish is Wish.DISPLACEMENT:
                    waits += [ready - m for m in leaves if m < ready]
                if waits and min(waits) <= scenario.demand.max_wait:
                    served, minutes = served + amount / 60, minutes + min(waits) * amount / 60
                else:
                    unserved += amount / 60
    computed = waiting(scenario, "weekday", trips)
    assert (computed.served, computed.unserved, computed.minutes) == pytest.approx(
        (served, unserved, minutes), abs=1e-6
    )


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("seed", range(15))
def test_with_seats_for_all_the_simulation_equals_the_model(seed: int, wish: Wish) -> None:
    scenario, trips = a_day(seed, wish)
    model, simulated = waiting(scenario, "weekday", trips), simulate(scenario, "weekday", trips)
    expected = (model.served, model.unserved, model.minutes, 0.0)
    assert (simulated.served, simulated.unserved, simulated.wait_minutes, simulated.left_behind) == pytest.approx(
        expected, abs=1e-6
    )


@pytest.mark.parametrize("seed", range(15))
def test_first_come_first_served_is_a_queue_of_small_passengers(seed: int) -> None:
    """Small equal passengers queue and board while a seat is free."""
    seats = 3
    scenario, trips = a_day(seed, seats=seats)
    queues: dict[str, list[tuple[int, tuple[str, str], float]]] = {}
    for profile in scenario.demand.profiles:
        pair = (profile.origin, profile.destination)
        for ready, rate in profile.per_minute().items():
            queues.setdefault(profile.origin, []).extend((ready, pair, rate / PARTS) for _ in range(PARTS))
    for queue in queues.values():
        queue.sort()
    waited = served = 0.0
    boards = sorted(
        (call.departs, number, place) for number, t in enumerate(trips) for place, call in enumerate(t.calls[:-1])
    )
    aboard: dict[int, list[tuple[str, float]]] = {number: [] for number in range(len(trips))}
    for departs, number, place in boards:
        trip, here = trips[number], trips[number].calls[place].stop
        aboard[number] = [person for person in aboard[number] if person[0] != here]
        left = []
        for ready, pair, amount in queues.get(here, []):
            later = next((c for c in trip.calls[place + 1 :] if c.stop == pair[1]), None)
            boards_it = later is not None and is_open(scenario, pair[1], later.arrives) and ready <= departs
            boards_it = boards_it and departs - ready <= scenario.demand.max_wait
            if boards_it and sum(size for _, size in aboard[number]) + amount <= seats + 1e-9:
                aboard[number].append((pair[1], amount))
                served, waited = served + amount, waited + amount * (departs - ready)
            else:
                left.append((ready, pair, amount))
        queues[here] = left
    simulated = simulate(scenario, "weekday", trips)
    whole_people = 2 * len(trips) * 8 / 60 / PARTS * scenario.demand.max_wait
    assert simulated.served == pytest.approx(served, abs=whole_people)
    assert simulated.wait_minutes == pytest.approx(waited, rel=0.02, abs=whole_people)
    assert simulated.max_load <= seats + 1e-9


@pytest.mark.parametrize("seed", range(15))
def test_coverage_is_the_share_of_covered_open_minutes(seed: int) -> None:
    scenario, trips = a_day(seed)
    times = rides(scenario, trips, "base", "near")
    minutes = range(630, 841)
    covered = sum(any(leaves >= m and arrives <= m + 60 for leaves, arrives in times) for m in minutes)
    assert coverage(scenario, "weekday", trips, "near") == pytest.approx(covered / len(minutes), abs=1e-9)


def test_a_passenger_left_behind_takes_the_next_bus_and_counts_once() -> None:
    question = a_question(profiles_of(0)[:0], last=960)
    full = [replace(profile, passengers=(12.0, 0, 0, 0), slot_minutes=1) for profile in profiles_of(0)[:1]]
    scenario = replace(
        question, fleet=Fleet(vehicles=1, seats=8, turnaround=5), demand=replace(question.demand, profiles=tuple(full))
    )
    simulated = simulate(scenario, "weekday", trips_at(scenario, ("base", "near", "base"), 610, 640))
    assert (simulated.served, simulated.left_behind, simulated.max_load) == (12.0, 4.0, 8.0)
    assert simulated.wait_minutes == 8 * 10 + 4 * 40


def test_of_equally_ready_passengers_the_first_destination_boards_first() -> None:
    """One seat; one passenger to far and one to near, both ready at 10:00. The trip goes to near first, the next one to far."""
    people = [
        DemandProfile(
            day_type="weekday", origin="base", destination=stop, starts=600, slot_minutes=1, passengers=(1.0,)
        )
        for stop in ("far", "near")
    ]
    question = replace(a_question(people), fleet=Fleet(vehicles=9, seats=1), hours={})
    over_near = plan_trip(question, ("base", "near", "far", "base"), 610)
    over_far = plan_trip(question, ("base", "far", "near", "base"), 610)
    only_far = plan_trip(question, ("base", "far", "base"), 640)
    near_first = simulate(question, "weekday", [over_near, only_far])
    assert (near_first.served, near_first.wait_minutes, near_first.left_behind) == (2.0, 50.0, 1.0)
    far_first = simulate(question, "weekday", [over_far, only_far])
    assert (far_first.served, far_first.unserved, far_first.wait_minutes) == (1.0, 1.0, 10.0)


def test_the_longest_ready_board_first_in_any_order_of_stops() -> None:
    people = [
        DemandProfile(
            day_type="weekday", origin="base", destination="far", starts=599, slot_minutes=1, passengers=(1.0,)
        ),
        DemandProfile(
            day_type="weekday", origin="base", destination="near", starts=600, slot_minutes=1, passengers=(1.0,)
        ),
    ]
    question = replace(a_question(people), fleet=Fleet(vehicles=9, seats=1), hours={})
    simulated = simulate(question, "weekday", [plan_trip(question, ("base", "near", "far", "base"), 610)])
    assert (simulated.served, simulated.unserved, simulated.wait_minutes) == (1.0, 1.0, 11.0)
