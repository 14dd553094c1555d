"""Trips to begin with: any that keep what must hold.

Tried in this order: trips that another search found (of an earlier run, of a smaller limit), today's own, these and none filled up
trip by trip, and at last CP-SAT on the requirements alone, which says too when there are none. The solver is loaded only then: that
takes longer than all the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shuttle.planner.model.time_budget import Work
from shuttle.planner.search.admissible import Admissible, Limit
from shuttle.planner.search.exchange import Choice, Exchange

SECONDS = 2.0
"""For CP-SAT, before the other alternatives get their turn."""


@dataclass(frozen=True)
class NoChoice:
    """`impossible`: CP-SAT says so, which another prover has to confirm before people are told; else time was over."""

    impossible: bool


def first_choice(
    exchange: Exchange, limit: Limit | None, starts: Iterable[Sequence[int]], work: Work, seed: int = 0
) -> Choice | NoChoice:
    """The cheapest of the starts that is admissible, else one that is filled up, else what CP-SAT comes upon."""
    several = [tuple(numbers) for numbers in starts]
    priced = [choice for numbers in several if (choice := exchange.priced(numbers, limit)) is not None]
    if priced:
        return min(priced, key=lambda choice: choice.total)
    filled = [choice for each in (*several, ()) if (choice := exchange.filled(each, limit, work)) is not None]
    if filled:
        return min(filled, key=lambda choice: choice.total)
    return _any(exchange, limit, work.clock.left, seed)


def _any(exchange: Exchange, limit: Limit | None, left: float, seed: int) -> Choice | NoChoice:
    from shuttle.planner.solvers import cpsat

    admissible: Admissible = exchange.admissible
    rows = [] if limit is None else [([(n, float(a)) for n, a in enumerate(limit.amounts)], limit.most)]
    effort = cpsat.Effort(min(SECONDS, left), 1, seed)
    solved = cpsat.solve(admissible.program, effort, extra=rows)
    if solved.values is None:
        return NoChoice(solved.infeasible)
    trips = range(len(admissible.problem.candidates))
    choice = exchange.priced([number for number in trips if solved.values[number] > 0.5], limit)
    return choice if choice is not None else NoChoice(impossible=False)


def todays_trips(admissible: Admissible) -> list[int]:
    """Today's departures among the candidates."""
    today = {(trip.stops, trip.departs) for trip in admissible.problem.base}
    return [n for n, trip in enumerate(admissible.problem.candidates) if (trip.stops, trip.departs) in today]
