"""Better timetables by exchange: one trip goes and another comes, as long as the day as it is played costs people less.

Nothing is proven here. Waiting with seats for everybody is a lower bound of the played day and known for all exchanges of a trip at
once, so that only those are played that could be better. Where no exchange helps any more two or three trips are taken out at
random and the set is filled up anew; that is kept where it ends lower.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from shuttle.planner.model.time_budget import Work
from shuttle.planner.search.admissible import Admissible, Limit
from shuttle.planner.search.day_costs import DayCosts

TINY = 1e-6

TRIED = 300
"""Exchanges that are played before a set is said to be as good as exchange makes it, the most promising first."""

PATIENCE = 60
"""Sets that are made anew in vain before the search ends."""

NEAR = 20
"""Minutes from a trip within which another stands in for it while two are exchanged."""

MORE = 20
"""Exchanges that are played after the first that is better."""


@dataclass(frozen=True)
class Choice:
    """Trips by number, in ascending order; passenger minutes as played, and the penalty of the wishes that they break."""

    numbers: tuple[int, ...]
    cost: float
    penalty: float

    @property
    def total(self) -> float:
        return self.cost + self.penalty


@dataclass(frozen=True)
class _Move:
    """The trips after it, in order, and what they cost at least."""

    least: float
    numbers: tuple[int, ...]


class Exchange:
    """The search on one day type."""

    def __init__(self, costs: DayCosts, admissible: Admissible) -> None:
        self.costs, self.admissible = costs, admissible
        self._everything = np.arange(len(admissible.problem.candidates))

    def priced(self, numbers: Sequence[int], limit: Limit | None) -> Choice | None:
        """Trips at their price; None where they break what must hold."""
        ordered = tuple(sorted(numbers))
        penalty = self.admissible.penalty(ordered, limit)
        return None if penalty is None else Choice(ordered, self.costs.played(ordered), penalty)

    def improve(
        self,
        choice: Choice,
        limit: Limit | None,
        work: Work,
        random: Random,
        better: Callable[[Choice], None] = lambda _choice: None,
    ) -> Choice:
        """The best found while work may be done; `better` hears of each that is."""
        best = self.descend(choice, limit, work)
        if best.total < choice.total - TINY:
            better(best)
        paired: Choice | None = None
        in_vain = 0
        while not work.done and in_vain < PATIENCE and best.numbers and best.total > TINY:
            if best is not paired:
                paired, best = best, self._by_pairs(best, limit, work, random)
                if best is not paired:
                    better(best)
                    continue
            in_vain += 1
            kept = self._without_some(best.numbers, random)
            trial = self.filled(kept, limit, work, random)
            if trial is None:
                continue
            trial = self.descend(trial, limit, work)
            if trial.total < best.total - TINY:
                best, in_vain = trial, 0
                better(best)
        return best

    def descend(self, choice: Choice, limit: Limit | None, work: Work) -> Choice:
        """Exchange by exchange until none helps, or the work is over."""
        while not work.done:
            following = self._one_better(choice, limit, work)
            if following is None:
                return choice
            choice = following
        return choice

    def _one_better(self, choice: Choice, limit: Limit | None, work: Work) -> Choice | None:
        found = self._best_of(choice, self._moves(choice, limit), limit, work)
        return None if found is choice else found

    def _best_of(self, choice: Choice, moves: Sequence[_Move], limit: Limit | None, work: Work) -> Choice:
        """The best of the first moves that are better than the choice; itself where none of them is."""
        best, since = choice, 0
        for tried, move in enumerate(moves):
            if move.least >= best.total - TINY or tried >= TRIED or since > MORE or work.done:
                break
            since += best is not choice
            cost = self.costs.played(move.numbers) if self.costs.seated else move.least
            if cost >= best.total - TINY:
                continue
            penalty = self.admissible.penalty(move.numbers, limit)
            if penalty is not None and cost + penalty < best.total - TINY:
                best = Choice(move.numbers, cost, penalty)
        return best

    def _moves(self, choice: Choice, limit: Limit | None) -> list[_Move]:
        """Every exchange that could be better, the most promising first."""
        found: list[_Move] = []
        for leaves in (None, *choice.numbers):
            rest = [number for number in choice.numbers if number != leaves]
            least = self.costs.with_one_more(rest)
            promising = self._everything[least < choice.total - TINY]
            joining = self.admissible.may_join(rest, limit, promising)
            found += [_Move(float(least[joins]), tuple(sorted([*rest, int(joins)]))) for joins in joining]
            if leaves is not None and choice.penalty > TINY:
                found.append(_Move(self.costs.waiting(rest), tuple(rest)))
        return sorted(found, key=lambda move: move.least)

    def _by_pairs(self, choice: Choice, limit: Limit | None, work: Work, random: Random) -> Choice:
        """Two trips go, one of them for one of about its time, the other for any: what single exchanges cannot do step by step."""
        candidates = self.admissible.problem.candidates
        departs = np.array([trip.departs for trip in candidates])
        pairs = [(one, other) for one in choice.numbers for other in choice.numbers if one != other]
        random.shuffle(pairs)
        for one, other in pairs:
            rest = [number for number in choice.numbers if number not in (one, other)]
            near = self._everything[np.abs(departs - departs[one]) <= NEAR]
            for joins in self.admissible.may_join(rest, limit, near, repair=True):
                if work.done:
                    return choice
                base = [*rest, int(joins)]
                least = self.costs.with_one_more(base)
                promising = self._everything[least < choice.total - TINY]
                several = self.admissible.may_join(base, limit, promising)
                nearest = several[np.argsort(least[several])[:MORE]]
                moves = [_Move(float(least[last]), tuple(sorted([*base, int(last)]))) for last in nearest]
                found = self._best_of(choice, moves, limit, work)
                if found is not choice:
                    return self.descend(found, limit, work)
        return choice

    def _without_some(self, numbers: Sequence[int], random: Random) -> list[int]:
        """Two to four trips that follow each other, or two anywhere, are taken out."""
        many = random.randint(2, 4)
        first = random.randrange(max(1, len(numbers) - many + 1))
        gone = (
            set(numbers[first : first + many])
            if random.random() < 0.7
            else set(random.sample(numbers, min(2, len(numbers))))
        )
        return [number for number in numbers if number not in gone]

    def filled(
        self, numbers: Sequence[int], limit: Limit | None, work: Work, random: Random | None = None
    ) -> Choice | None:
        """Trips are added until none helps or may: the one that helps most each time, or with `random` one of those that do."""
        numbers, cost = list(numbers), self.costs.waiting(numbers)
        while not work.done:
            least = self.costs.with_one_more(numbers)
            joining = self.admissible.may_join(numbers, limit, self._everything, repair=True)
            if not len(joining):
                break
            among = random.choice((1, 5, 20)) if random else 1
            promising = joining[np.argsort(least[joining])[:among]]
            best = int(random.choice(promising) if random else promising[0])
            if least[best] >= cost - TINY and self.priced(numbers, limit) is not None:
                break
            numbers, cost = [*numbers, best], float(least[best])
        return self.priced(numbers, limit)
