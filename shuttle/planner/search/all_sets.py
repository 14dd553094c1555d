"""The best played day of a small question, by trying every set of trips.

A set is left out only with all that hold it (two of its trips cannot both run, or it takes too much of the front's limit), or when even
seats for everybody on every trip that may still join would cost more than the best so far (branch and bound).
"""

from shuttle.planner.model.time_budget import TimeBudget
from shuttle.planner.search.admissible import Limit
from shuttle.planner.search.exchange import TINY, Choice, Exchange

FEW = 16
"""Candidate trips up to which all sets are tried."""


def is_small(exchange: Exchange) -> bool:
    return len(exchange.admissible.problem.candidates) <= FEW


def best_of_all_sets(
    exchange: Exchange, limit: Limit | None, best: Choice | None, clock: TimeBudget
) -> tuple[Choice | None, bool]:
    """The best choice, not worse than `best`, and whether all were tried before time was over."""
    admissible = exchange.admissible
    every = range(len(admissible.problem.candidates))
    waiting: list[tuple[tuple[int, ...], int]] = [((), 0)]
    while waiting:
        if clock.over:
            return best, False
        numbers, following = waiting.pop()
        rest = [number for number in every[following:] if admissible.may_run_beside(number, numbers)]
        if best is not None and exchange.costs.waiting([*numbers, *rest]) >= best.total - TINY:
            continue
        if limit is not None and limit.amounts[list(numbers)].sum() > limit.most + TINY:
            continue
        if best is None or exchange.costs.played(numbers) < best.total - TINY:
            choice = exchange.priced(numbers, limit)
            if choice is not None and (best is None or choice.total < best.total - TINY):
                best = choice
        waiting += [((*numbers, number), number + 1) for number in rest]
    return best, True
