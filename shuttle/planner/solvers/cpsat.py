"""CP-SAT as prover, with a portfolio that proves on two cores.

It knows whole numbers only. A row or a cost whose numbers are no whole multiples of one unit is rounded to the safe side: a row allows
no less than it did, a cost is no more than it was. So what it proves holds of the program as it was written.

Its default for two workers proves nothing here (60 s: a bound of 410 under an optimum of 3105); with subsolvers that live on the
linear relaxation the same model is proven in under a second. A test keeps that difference.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm

from ortools.sat.python import cp_model

from shuttle.planner.model.program import INFINITY, Program

LARGEST = 2**46
"""What a scaled row or cost may come to: below it products of doubles are right to less than a tenth."""

ROUNDED = 10**12
"""The scale of what has no common unit."""

DENOMINATORS = (10**3, 10**6, 10**9)
"""With at most which an amount is read, the smallest that gives the same double: a third is 1/3 and not 0.333."""

WHOLE = 1e-9
"""How far from a whole number a product may lie that is one but for the rounding of its factors."""

PROVING = ("max_lp", "lb_tree_search", "reduced_costs")


@dataclass(frozen=True)
class Effort:
    """How long and how hard to look: seconds, threads, seed."""

    seconds: float = 60.0
    workers: int = 2
    seed: int = 0


@dataclass(frozen=True, kw_only=True)
class SolverResult:
    """`values`: None where nothing was found. `infeasible` is a claim, to be confirmed by the other prover."""

    values: list[float] | None
    cost: float
    bound: float
    proven: bool
    infeasible: bool
    seconds: float


def configured(effort: Effort) -> cp_model.CpSolver:
    """The solver with the portfolio that proves."""
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = effort.seconds
    solver.parameters.num_workers = effort.workers
    solver.parameters.random_seed = effort.seed
    solver.parameters.linearization_level = 2
    if effort.workers > 1:
        solver.parameters.subsolvers.extend(PROVING)
    return solver


def solve(
    program: Program,
    effort: Effort,
    hint: list[float] | None = None,
    extra: Iterable[tuple[list[tuple[int, float]], float]] = (),
) -> SolverResult:
    """Minimise; `extra` are further rows (terms, at most)."""
    model, variables, scale = _model(program, list(extra))
    if hint is not None:
        for variable, value, steps in zip(variables, hint, program.steps, strict=False):
            model.add_hint(variable, round(value * steps))
    solver = configured(effort)
    started = time.monotonic()
    status = solver.solve(model)
    seconds = time.monotonic() - started
    if status == cp_model.INFEASIBLE:
        return SolverResult(values=None, cost=INFINITY, bound=INFINITY, proven=True, infeasible=True, seconds=seconds)
    bound = program.constant + solver.best_objective_bound / scale
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return SolverResult(values=None, cost=INFINITY, bound=bound, proven=False, infeasible=False, seconds=seconds)
    values = [solver.value(variable) / steps for variable, steps in zip(variables, program.steps, strict=True)]
    cost = program.constant + sum(amount * values[index] for index, amount in program.cost.items())
    proven = status == cp_model.OPTIMAL
    bound = cost if proven and _is_near(cost, bound) else min(bound, cost)
    return SolverResult(values=values, cost=cost, bound=bound, proven=proven, infeasible=False, seconds=seconds)


def _is_near(cost: float, bound: float) -> bool:
    """Whether they differ by the arithmetic of doubles alone, and not by what was rounded."""
    return abs(cost - bound) <= 1e-10 * max(1.0, abs(cost))


def _model(
    program: Program, extra: list[tuple[list[tuple[int, float]], float]]
) -> tuple[cp_model.CpModel, list[cp_model.IntVar], int]:
    model = cp_model.CpModel()
    steps = program.steps
    variables = [model.new_int_var(0, _up(upper * step), "") for upper, step in zip(program.upper, steps, strict=True)]
    rows = [(row.terms, row.low, row.high) for row in program.rows]
    rows += [(tuple(terms), -INFINITY, high) for terms, high in extra]
    for terms, low, high in rows:
        _add_row(model, variables, program, terms, low, high)
    prices = {index: amount / steps[index] for index, amount in program.cost.items()}
    scale = _scale(prices.values(), sum(abs(amount) * program.upper[index] for index, amount in program.cost.items()))
    model.minimize(
        cp_model.LinearExpr.weighted_sum(
            [variables[index] for index in prices], [_down(price * scale) for price in prices.values()]
        )
    )
    return model, variables, scale


def _add_row(
    model: cp_model.CpModel,
    variables: list[cp_model.IntVar],
    program: Program,
    terms: tuple[tuple[int, float], ...],
    low: float,
    high: float,
) -> list[cp_model.Constraint]:
    """A row in whole numbers, or two where both of its edges hold and they are rounded to either side. No variable is below 0."""
    gathered: dict[int, float] = {}
    for index, amount in terms:
        gathered[index] = gathered.get(index, 0.0) + amount / program.steps[index]
    edges = [edge for edge in (low, high) if abs(edge) < INFINITY]
    size = sum(abs(amount) * program.steps[index] * program.upper[index] for index, amount in gathered.items())
    finest = max((program.steps[index] for index in gathered), default=1)
    factor = _scale([*gathered.values(), *edges], max([size, *map(abs, edges)]), guess=finest)

    # What rounding an amount the wrong way, by arithmetic alone, may come to at the largest value of its variable.
    largest = {index: program.steps[index] * program.upper[index] for index in gathered}
    short = sum(max(0.0, amount * factor - _up(amount * factor)) * largest[i] for i, amount in gathered.items())
    over = sum(max(0.0, _down(amount * factor) - amount * factor) * largest[i] for i, amount in gathered.items())
    least = _down(low * factor - short) if low > -INFINITY else cp_model.INT_MIN
    most = _up(high * factor + over) if high < INFINITY else cp_model.INT_MAX

    def add(rounded: Callable[[float], int], least: int, most: int) -> cp_model.Constraint:
        amounts = [rounded(amount * factor) for amount in gathered.values()]
        expression = cp_model.LinearExpr.weighted_sum([variables[index] for index in gathered], amounts)
        return model.add_linear_constraint(expression, least, most)

    if high == INFINITY:
        return [add(_up, least, most)]
    if low == -INFINITY:
        return [add(_down, least, most)]
    if all(_is_whole(amount * factor) for amount in gathered.values()):
        return [add(_down, _down(low * factor - max(short, over)), _up(high * factor + max(short, over)))]
    return [add(_up, least, cp_model.INT_MAX), add(_down, cp_model.INT_MIN, most)]


def _up(amount: float) -> int:
    """The whole number that is it, but for arithmetic, or the next above."""
    return round(amount) if _is_whole(amount) else ceil(amount)


def _down(amount: float) -> int:
    """The whole number that is it, but for arithmetic, or the next below."""
    return round(amount) if _is_whole(amount) else floor(amount)


def _is_whole(amount: float) -> bool:
    return abs(amount - round(amount)) < WHOLE + abs(amount) * 1e-15


class Subsets:
    """A program whose requirements are switched on and off, to be asked many times which of them can hold together."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._model = cp_model.CpModel()
        variables = [
            self._model.new_int_var(0, _up(upper * step), "")
            for upper, step in zip(program.upper, program.steps, strict=True)
        ]
        self._switches: dict[str, int] = {}
        for row in program.rows:
            for made in _add_row(self._model, variables, program, row.terms, row.low, row.high):
                if row.requirement:
                    made.only_enforce_if(self._model.get_bool_var_from_proto_index(self._switch(row.requirement)))

    def _switch(self, name: str) -> int:
        if name not in self._switches:
            self._switches[name] = self._model.new_bool_var(name).index
        return self._switches[name]

    def holding(self, names: frozenset[str], effort: Effort) -> frozenset[str] | None:
        """Requirements that hold in what is found for these, others among them by chance; none where time is over.

        None where these cannot hold together: a claim, to be confirmed by the other prover.
        """
        model = self._model.clone()
        for name, index in self._switches.items():
            model.add(model.get_bool_var_from_proto_index(index) == int(name in names))
        solver = configured(effort)
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            return None
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return frozenset()
        steps = enumerate(self._program.steps)
        return self._program.holding([solver.value(model.get_int_var_from_proto_index(i)) / step for i, step in steps])


def _scale(amounts: Iterable[float], size: float, guess: int = 1) -> int:
    """A factor that makes all amounts whole: the guess where it does, else the least one; at most what `size`, the largest sum that
    they can come to, leaves below LARGEST, or ROUNDED (then they are not all whole)."""
    most = max(1, floor(LARGEST / max(1.0, size)))
    different = {abs(amount) for amount in amounts}
    if guess <= most and all(_is_whole(amount * guess) for amount in different):
        return guess
    factor = 1
    for amount in different:
        factor = lcm(factor, _read(amount).denominator)
        if factor > most:
            return min(most, ROUNDED)
    if all(_is_whole(amount * factor) for amount in different):
        return factor
    return min(most, ROUNDED)


def _read(amount: float) -> Fraction:
    """The simplest fraction that is the same double, but for its last bits; else the double itself."""
    exact = Fraction(amount)
    for largest in DENOMINATORS:
        simple = exact.limit_denominator(largest)
        if abs(simple - exact) <= exact * Fraction(1, 2**50):
            return simple
    return exact
