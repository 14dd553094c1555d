"""Passenger cost as a cover chain: the reason why a proof takes a second and not an hour.

For someone who is ready at minute a, order the usable departures by how much they would be minded (d1, d2, ...). With
e_k = 1 where none of d1..dk runs, the cost is d1's minutes + sum of e_k (minutes of d_k+1 - minutes of d_k), and after the last
within the limit + e_K (unserved - minutes of d_K). It is enough to ask e_k >= e_k-1 - x(d_k) with e_0 = 1, since every weight is
at least 0. People whose orders begin alike share the variables (a trie); this is the k-median on a line, whose linear relaxation
is nearly whole.
"""

from dataclasses import dataclass, field

from shuttle.domain.clock import Minute
from shuttle.domain.scenario import Wish
from shuttle.domain.waiting import Pair, is_useful
from shuttle.planner.problem import Problem
from shuttle.planner.program import Program


@dataclass
class _Node:
    """None of the departures on the way from the root to here runs. `weight`: minutes that this costs, for all who pass."""

    weight: float = 0.0
    below: dict[Minute, "_Node"] = field(default_factory=dict)


def add_passenger_cost(program: Program, problem: Problem) -> None:
    """Add the cost of waiting and of being left out. Variable i of the program is candidate i of the problem."""
    for pair, rates in problem.demand.items():
        runs = _departures(problem, pair)
        root = _Node()
        for ready, rate in rates.items():
            program.constant += _enter(
                root, _order(problem, sorted(runs), ready), rate, problem.scenario.demand.unserved
            )
        _write(program, root, runs)


def _departures(problem: Problem, pair: Pair) -> dict[Minute, list[int]]:
    """Minute -> candidates that leave then, and arrive while it is of use."""
    windows = problem.scenario.useful_windows(pair[1], problem.day_type)
    found: dict[Minute, list[int]] = {}
    for number, trip in enumerate(problem.candidates):
        for ride in trip.rides.get(pair, ()):
            if is_useful(ride, windows):
                found.setdefault(ride.leaves, []).append(number)
    return found


def _order(problem: Problem, minutes: list[Minute], ready: Minute) -> list[tuple[int, Minute]]:
    """(minutes that it would be minded, departure), the least first, within the limit."""
    limit = problem.scenario.demand.max_wait
    earliest = ready - limit if problem.scenario.demand.wish is Wish.DISPLACEMENT else ready
    return sorted((abs(m - ready), m) for m in minutes if earliest <= m <= ready + limit)


def _enter(root: _Node, order: list[tuple[int, Minute]], rate: float, unserved: int) -> float:
    """Put one minute's passengers into the trie; gives what they cost even if everything runs."""
    if not order:
        return rate * unserved
    node = root
    for position, (minded, minute) in enumerate(order):
        node = node.below.setdefault(minute, _Node())
        following = order[position + 1][0] if position + 1 < len(order) else unserved
        node.weight += rate * (following - minded)
    return rate * order[0][0]


def _write(program: Program, root: _Node, runs: dict[Minute, list[int]]) -> None:
    waiting: list[tuple[_Node, int | None]] = [(root, None)]
    while waiting:
        node, above = waiting.pop()
        for minute, below in node.below.items():
            none_runs = program.variable(choice=False)
            program.pay(none_runs, below.weight)
            terms = [(none_runs, 1.0), *((number, 1.0) for number in set(runs[minute]))]
            if above is None:
                program.at_least(terms, 1.0)
            else:
                program.at_least([*terms, (above, -1.0)], 0.0)
            waiting.append((below, none_runs))
