"""How many vehicles are out at once.

Where every trip begins and ends at the base stop, by an empty return if need be, it is enough to count the trips under way at each
start. Otherwise vehicles are followed through place and time: they wait at stops, drive trips, and run empty between stops.
"""

from shuttle.domain.basics.service_time import Minute
from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program, Terms


def add_vehicle_limit(program: Program, problem: Problem, most: int, requirement: str, breach: Terms = ()) -> None:  # type: ignore[assignment]
    """At most `most` vehicles, plus a breach that is paid for."""
    eased = [(variable, -amount) for variable, amount in breach]
    if problem.all_round_trips:
        _count(program, problem, most, requirement, eased)
    else:
        _flow(program, problem, most, requirement, eased)


def _count(program: Program, problem: Problem, most: int, requirement: str, eased: Terms) -> None:
    """Under way at each minute at which a trip may start: a larger number there would be larger than at any other minute."""
    rows: set[tuple[int, ...]] = set()
    for minute in sorted({trip.departs for trip in problem.candidates}):
        rows.add(tuple(n for n, t in enumerate(problem.candidates) if t.departs <= minute < t.busy_until))
    for under_way in sorted(rows):
        if len(under_way) > most:
            program.at_most([*((number, 1.0) for number in under_way), *eased], float(most), requirement)


def _flow(program: Program, problem: Problem, most: int, requirement: str, eased: Terms) -> None:
    """Vehicles waiting at a stop after each event = those before + those that get free - those that leave; starts are free."""
    size = float(len(problem.candidates))
    changes: dict[str, dict[Minute, Terms]] = {}

    def put(stop: str, minute: Minute, variable: int, amount: float) -> None:
        changes.setdefault(stop, {}).setdefault(minute, []).append((variable, amount))

    bases = {trip.taken_from for trip in problem.candidates}
    empties: dict[tuple[str, str, Minute, Minute], int] = {}
    for number, trip in enumerate(problem.candidates):
        put(trip.taken_from, trip.departs, number, -1.0)
        put(trip.left_at, trip.busy_until, number, 1.0)
        for stop in bases - {trip.left_at}:
            running = problem.scenario.running_times.get((trip.left_at, stop))
            if running is None:
                continue
            there = trip.busy_until + running.minutes(trip.ends)
            key = (trip.left_at, stop, trip.busy_until, there)
            if key not in empties:
                empties[key] = program.variable(choice=False, upper=size)
                put(trip.left_at, trip.busy_until, empties[key], -1.0)
                put(stop, there, empties[key], 1.0)
    begun: Terms = []
    for by_minute in changes.values():
        waiting = program.variable(choice=False, upper=size)
        begun.append((waiting, 1.0))
        for minute in sorted(by_minute):
            after = program.variable(choice=False, upper=size)
            program.equal([(waiting, 1.0), *by_minute[minute], (after, -1.0)], 0.0)
            waiting = after
    program.at_most([*begun, *eased], float(most), requirement)
