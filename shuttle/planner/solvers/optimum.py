"""The least cost of a program, proven by both provers, with the waiting stated by as few tangents as it needs.

Tangents (see `waiting_costs`) are found where a point breaks them: first at fractional points, which is cheap and nearly closes
the gap, then at the plans that a prover proposes. A prover's bound holds with any set of tangents; its plan is the optimum as
soon as it breaks none. The next question about the same day (one trip more, one requirement less) starts with all of them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import Protocol

from shuttle.planner.model.program import INFINITY, Program, Terms
from shuttle.planner.model.waiting_costs import Tangent
from shuttle.planner.solvers import cpsat, highs
from shuttle.planner.solvers.cpsat import Effort, SolverResult, Watch

CUT_ROUNDS = 4
"""Rounds of cuts at whole points before the tree takes over, where there is one."""

ROUNDS, CLOSE = 20, 1e-3
"""Rounds of tangents at fractional points, at most, and the relative gap at which they have nothing more to teach."""

ROUNDS_FOR_TREE, CLOSE_FOR_TREE = 60, 1e-5
"""The same where a tree follows: what it leaves out rests on the bound that is found here."""

SAME = 1e-6
"""Relative difference below which two costs are one."""

CHEAPER, MOST_CHEAPER = 1e-6, 1e-4
"""Relative difference from which on a plan would be a cheaper one; and the largest that is asked for where HiGHS' own tolerance takes
a cost to be less that is not."""

SECOND_OPINION = 30.0
"""Seconds for the second prover, at most; without its word a plan is proven, but not crosschecked."""

TOO_SHORT = 0.1
"""Seconds in which no further round is begun."""

Limits = Sequence[tuple[Terms, float]]


class PassengerCosts(Protocol):
    """What is minimised, known by rows that lie below it: the waiting without seats, or the seating."""

    @property
    def tangents(self) -> list[Tangent]: ...

    def learn(
        self, runs: Sequence[float], values: Sequence[float], tolerance: float = ...
    ) -> tuple[list[Tangent], float]: ...

    def keep_touching(self, values: Sequence[float]) -> None: ...

    def cost(self, runs: Sequence[float]) -> float: ...


class Tree(Protocol):
    """Another way to the end, where cuts take too long: the cheapest under rows that costs no more than `most`; and whether
    another prover finds the same.
    """

    def solve(self, rows: Sequence[tuple[Terms, float]], most: float, effort: Effort) -> SolverResult: ...

    def agrees(self, rows: Sequence[tuple[Terms, float]], cost: float, effort: Effort) -> bool: ...


@dataclass(kw_only=True)
class Optimiser:
    """A program, its waiting costs, and how many of its variables are trips. `tree`: what takes over after some rounds."""

    program: Program
    waiting: PassengerCosts
    trips: int
    workers: int = 2
    seed: int = 0
    tree: Tree | None = None

    def prove(
        self,
        left: Callable[[], float],
        limits: Limits = (),
        hint: list[float] | None = None,
        watch: Watch = cpsat.QUIET,
        crosscheck: bool = True,
    ) -> tuple[SolverResult, bool]:
        """The best that was found, and whether a second prover says the same (where it is asked). `left`: seconds that are left."""
        began = time.monotonic()
        self._learn_at_fractions(left, limits)
        best, bound, second = self._known(hint, limits, left), -INFINITY, self._agrees
        for number in count(1):
            found = cpsat.solve(
                self.program, Effort(left(), self.workers, self.seed), hint=hint, watch=watch, extra=self._rows(limits)
            )
            bound = max(bound, found.bound)
            if found.values is None:
                # What the round before found is the optimum of fewer tangents: proven only where the bound reaches it.
                best = replace(best, bound=min(bound, best.cost), proven=_meet(best.cost, bound))
                return self._without_a_plan(best if best.values else found, left, limits)
            tangents, lacking = self._learn(found.values)
            if found.cost + lacking < best.cost:
                best = replace(found, cost=found.cost + lacking)
            proven = found.proven and _meet(best.cost, bound)
            if proven or not found.proven or not tangents or watch.stop() or left() < TOO_SHORT:
                break
            hint = best.values
            if self.tree is not None and number == CUT_ROUNDS:
                best, bound = self._by_tree(self.tree, best, bound, left, limits)
                proven, second = _meet(best.cost, bound), partial(self._agrees_by_tree, self.tree)
                break
        bound = best.cost if proven else min(bound, best.cost)
        best = replace(best, bound=bound, proven=proven, seconds=time.monotonic() - began)
        agreed = proven and crosscheck and second(best.cost, left, limits)
        if best.values is not None:
            self.waiting.keep_touching(best.values)
        return best, agreed

    def some(self, effort: Effort, limits: Limits = ()) -> SolverResult:
        """Something that keeps every row, at its price; proven to be nothing but admissible."""
        found = cpsat.solve(self.program, effort, extra=self._rows(limits))
        if found.values is None:
            return found
        _, lacking = self._learn(found.values)
        return replace(found, cost=found.cost + lacking, bound=-INFINITY, proven=False)

    def is_impossible(self, found: SolverResult, seconds: float, limits: Limits = ()) -> bool:
        """Whether the second prover, too, says that nothing keeps every row."""
        return self._without_a_plan(found, lambda: seconds, limits)[1]

    def bound(self, left: Callable[[], float], limits: Limits = ()) -> float:
        """What nothing stays below, without a search: the relaxation under the tangents that its own points break."""
        self._learn_at_fractions(left, limits)
        solved = highs.Relaxation(self.program, self._rows(limits)).solve(left())
        return -INFINITY if solved is None else solved.bound

    def agrees(self, cost: float, left: Callable[[], float], limits: Limits = ()) -> bool:
        """The second opinion alone: whether another prover, too, finds nothing below a cost that was proven."""
        if self.tree is not None:
            return self._agrees_by_tree(self.tree, cost, left, limits)
        return self._agrees(cost, left, limits)

    def _known(self, hint: list[float] | None, limits: Limits, left: Callable[[], float]) -> SolverResult:
        """The trips of the hint at their price, where there is a tree: it begins with what is too dear beside them."""
        nothing = SolverResult(values=None, cost=INFINITY, bound=-INFINITY, proven=False, infeasible=False, seconds=0.0)
        if self.tree is None or hint is None:
            return nothing
        runs = [number for number in range(self.trips) if hint[number] > 0.5]
        only: Limits = [([(number, 1.0) for number in range(self.trips)], float(len(runs)))]
        rows = [*self._rows(limits), *only, *(([(number, -1.0)], -1.0) for number in runs)]
        found = cpsat.solve(self.program, Effort(left(), 1, self.seed), extra=rows)
        if found.values is None:
            return nothing
        _, lacking = self._learn(found.values)
        return replace(found, cost=found.cost + lacking, proven=False)

    def _by_tree(
        self, tree: Tree, best: SolverResult, bound: float, left: Callable[[], float], limits: Limits
    ) -> tuple[SolverResult, float]:
        """The best, and what nothing stays below."""
        found = tree.solve(self._rows(limits), best.cost, Effort(left(), 1, self.seed))
        if found.infeasible:
            return best, best.cost  # nothing costs less
        if found.values is not None:
            _, lacking = self._learn(found.values)
            if found.cost + lacking < best.cost:
                best = replace(found, cost=found.cost + lacking)
        return best, max(bound, min(found.bound, best.cost))

    def _agrees_by_tree(self, tree: Tree, cost: float, left: Callable[[], float], limits: Limits) -> bool:
        seconds = min(left() / 2, SECOND_OPINION)  # the other half is left for the next points of a front
        return seconds > TOO_SHORT and tree.agrees(self._rows(limits), cost, Effort(seconds, 1, self.seed))

    def _rows(self, limits: Limits) -> list[tuple[Terms, float]]:
        return [*limits, *self.waiting.tangents]

    def _learn(self, values: list[float]) -> tuple[Limits, float]:
        whole = [float(value > 0.5) for value in values[: self.trips]]
        return self.waiting.learn(whole, values, tolerance=1e-9)

    def _learn_at_fractions(self, left: Callable[[], float], limits: Limits) -> None:
        """Points half-way between the relaxation's and the best one seen teach most: the relaxation's own jump about."""
        relaxation = highs.Relaxation(self.program, self._rows(limits))
        centre: list[float] | None = None
        least = INFINITY
        rounds, close = (ROUNDS, CLOSE) if self.tree is None else (ROUNDS_FOR_TREE, CLOSE_FOR_TREE)
        for _ in range(rounds):
            solved = relaxation.solve(left())
            if solved is None:
                return
            values, bound = solved.values, solved.bound
            there = values[: self.trips]
            point = there if centre is None else [(a + b) / 2 for a, b in zip(there, centre, strict=True)]
            found, _ = self.waiting.learn(point, values)
            if not found:
                point = there
                found, _ = self.waiting.learn(point, values)
            if (worth := self.waiting.cost(point)) < least:
                least, centre = worth, point
            if not found or least - bound <= close * max(1.0, least) or left() < 1:
                return
            relaxation.add(found)

    def _agrees(self, cost: float, left: Callable[[], float], limits: Limits) -> bool:
        """Whether HiGHS finds nothing cheaper: with the tangents at hand, which hold everywhere, no plan costs less."""
        prices = list(self.program.cost.items())
        until, less = time.monotonic() + SECOND_OPINION, CHEAPER * max(1.0, abs(cost))
        most_less = MOST_CHEAPER * max(1.0, abs(cost))
        while less <= most_less and (seconds := min(left(), until - time.monotonic())) > TOO_SHORT:
            most = cost - self.program.constant - less
            if most < 0 <= min((price for _, price in prices), default=0.0):
                return True  # nothing is cheaper than nothing; to HiGHS a millionth below it is still nothing
            rows = [(prices, most), *self._rows(limits)]
            found = highs.solve(self.program, Effort(seconds, 1, self.seed), extra=rows, feasibility_only=True)
            if found.values is None:
                return found.infeasible
            tangents, lacking = self._learn(found.values)
            if found.cost + lacking < cost - SAME * max(1.0, abs(cost)):
                return False  # it is right: there is something cheaper
            if not tangents:
                less *= 10  # it is cheaper by its tolerance alone: asked the same again, it would say the same
            # Else it only seemed cheaper, for want of a tangent there.
        return False

    def _without_a_plan(
        self, found: SolverResult, left: Callable[[], float], limits: Limits
    ) -> tuple[SolverResult, bool]:
        """Nothing was found (this time): that nothing can be is said when HiGHS says so too."""
        if not found.infeasible:
            return found, False
        other = highs.solve(self.program, Effort(left(), 1, self.seed), extra=list(limits), feasibility_only=True)
        return found, other.infeasible


def _meet(cost: float, bound: float) -> bool:
    return cost - bound <= SAME * max(1.0, abs(cost))
