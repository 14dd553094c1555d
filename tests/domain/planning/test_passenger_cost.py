"""Every figure of a proposal against people followed one by one."""

import random
from dataclasses import replace

import pytest

from shuttle.domain.planning.passenger_cost import coverage, waiting
from shuttle.domain.planning.planned_trips import PlannedTrip, plan_trip
from shuttle.domain.planning.scenario import DemandProfile, Fleet, Scenario, Wish
from shuttle.domain.planning.simulation import simulate
from tests.planner.questions import a_question, profiles_of, trips_at

PARTS = 20
"""Into how many equal people the demand of each minute is cut."""


def a_day(seed: int, wish: Wish = Wish.NEXT, seats: int | None = None) -> tuple[Scenario, list[PlannedTrip]]:
    """Random demand and random trips, some at one minute, some past the useful hours."""
    chance = random.Random(seed)
    question = a_question(profiles_of(seed), wish=wish, last=960, grid=5, max_wait=chance.choice([30, 60, 120]))
    question = replace(question, fleet=Fleet(vehicles=9, seats=seats, turnaround=5, dwell=chance.choice([0, 2])))
    minutes = sorted(chance.sample(range(600, 860), chance.randint(0, 6)))
    return question, [plan_trip(question, chance.choice(question.patterns), minute) for minute in minutes]


def opens(scenario: Scenario, stop: str, minute: int) -> bool:
    return stop == "base" or any(first - 10 <= minute <= last for first, last in scenario.hours[stop]["weekday"])


def rides(scenario: Scenario, trips: list[PlannedTrip], here: str, there: str) -> list[tuple[int, int]]:
    """(leaves, arrives) of every way to get there while it is of use, by walking along each trip."""
    found = []
    for trip in trips:
        for place, call in enumerate(trip.calls[:-1]):
            if call.stop == here:
                later = next((c for c in trip.calls[place + 1 :] if c.stop == there), None)
                if later is not None and opens(scenario, there, later.arrives):
                    found.append((call.departs, later.arrives))
    return found


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("seed", range(25))
def test_waiting_is_that_of_people_followed_one_by_one(seed: int, wish: Wish) -> None:
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
    found = waiting(scenario, "weekday", trips)
    assert (found.served, found.unserved, found.minutes) == pytest.approx((served, unserved, minutes), abs=1e-6)


@pytest.mark.parametrize("wish", list(Wish))
@pytest.mark.parametrize("seed", range(15))
def test_with_seats_for_all_the_played_day_is_the_model_s_day(seed: int, wish: Wish) -> None:
    scenario, trips = a_day(seed, wish)
    model, played = waiting(scenario, "weekday", trips), simulate(scenario, "weekday", trips)
    expected = (model.served, model.unserved, model.minutes, 0.0)
    assert (played.served, played.unserved, played.wait_minutes, played.left_behind) == pytest.approx(
        expected, abs=1e-6
    )


@pytest.mark.parametrize("seed", range(15))
def test_first_come_first_served_is_a_queue_of_small_people(seed: int) -> None:
    """Small equal people, who stand in line and board while there is a place."""
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
            wants = later is not None and opens(scenario, pair[1], later.arrives) and ready <= departs
            wants = wants and departs - ready <= scenario.demand.max_wait
            if wants and sum(size for _, size in aboard[number]) + amount <= seats + 1e-9:
                aboard[number].append((pair[1], amount))
                served, waited = served + amount, waited + amount * (departs - ready)
            else:
                left.append((ready, pair, amount))
        queues[here] = left
    played = simulate(scenario, "weekday", trips)
    whole_people = 2 * len(trips) * 8 / 60 / PARTS * scenario.demand.max_wait
    assert played.served == pytest.approx(served, abs=whole_people)
    assert played.wait_minutes == pytest.approx(waited, rel=0.02, abs=whole_people)
    assert played.max_load <= seats + 1e-9


@pytest.mark.parametrize("seed", range(15))
def test_coverage_asks_each_open_minute(seed: int) -> None:
    scenario, trips = a_day(seed)
    ways = rides(scenario, trips, "base", "near")
    minutes = range(630, 841)
    covered = sum(any(leaves >= m and arrives <= m + 60 for leaves, arrives in ways) for m in minutes)
    assert coverage(scenario, "weekday", trips, "near") == pytest.approx(covered / len(minutes), abs=1e-9)


def test_who_is_left_behind_takes_the_next_bus_and_is_counted_once() -> None:
    question = a_question(profiles_of(0)[:0], last=960)
    full = [replace(profile, passengers=(12.0, 0, 0, 0), slot_minutes=1) for profile in profiles_of(0)[:1]]
    scenario = replace(
        question, fleet=Fleet(vehicles=1, seats=8, turnaround=5), demand=replace(question.demand, profiles=tuple(full))
    )
    played = simulate(scenario, "weekday", trips_at(scenario, ("base", "near", "base"), 610, 640))
    assert (played.served, played.left_behind, played.max_load) == (12.0, 4.0, 8.0)
    assert played.wait_minutes == 8 * 10 + 4 * 40


def test_of_who_got_ready_at_once_those_board_first_whose_stop_comes_first_on_the_trip() -> None:
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


def test_who_has_been_ready_longest_boards_first_whatever_way_the_trip_goes() -> None:
    people = [
        DemandProfile(
            day_type="weekday", origin="base", destination="far", starts=599, slot_minutes=1, passengers=(1.0,)
        ),
        DemandProfile(
            day_type="weekday", origin="base", destination="near", starts=600, slot_minutes=1, passengers=(1.0,)
        ),
    ]
    question = replace(a_question(people), fleet=Fleet(vehicles=9, seats=1), hours={})
    played = simulate(question, "weekday", [plan_trip(question, ("base", "near", "far", "base"), 610)])
    assert (played.served, played.unserved, played.wait_minutes) == (1.0, 1.0, 11.0)
