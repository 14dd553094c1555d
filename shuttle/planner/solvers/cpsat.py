"""CP-SAT as prover, with a portfolio that proves on two cores.

Its default for two workers proves nothing here (60 s: a bound of 410 under an optimum of 3105); with subsolvers that live on the
linear relaxation the same model is proven in under a second. A test keeps that difference.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from ortools.sat.python import cp_model

from shuttle.planner.model.program import INFINITY, Program

LARGEST_SCALE = 10**6
FINEST_PRICE = 10**9

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


@dataclass(frozen=True)
class Watch:
    """Told of progress (best, bound), and asked whether to stop."""

    on_progress: Callable[[float | None, float], None] = field(default=lambda _best, _bound: None)
    stop: Callable[[], bool] = field(default=lambda: False)


QUIET = Watch()


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
    watch: Watch = QUIET,
    extra: Iterable[tuple[list[tuple[int, float]], float]] = (),
) -> SolverResult:
    """Minimise; `extra` are further rows (terms, at most). Costs are scaled to whole numbers, exactly where that is possible."""
    model, variables, scale = _model(program, list(extra))
    if hint is not None:
        for variable, value, steps in zip(variables, hint, program.steps, strict=False):
            model.add_hint(variable, round(value * steps))
    solver = configured(effort)
    started = time.monotonic()
    status = solver.solve(model, _Callback(program, scale, watch))
    seconds = time.monotonic() - started
    if status == cp_model.INFEASIBLE:
        return SolverResult(values=None, cost=INFINITY, bound=INFINITY, proven=True, infeasible=True, seconds=seconds)
    bound = program.constant + solver.best_objective_bound / scale
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return SolverResult(values=None, cost=INFINITY, bound=bound, proven=False, infeasible=False, seconds=seconds)
    values = [solver.value(variable) / steps for variable, steps in zip(variables, program.steps, strict=True)]
    cost = program.constant + sum(amount * values[index] for index, amount in program.cost.items())
    proven = status == cp_model.OPTIMAL
    return SolverResult(
        values=values,
        cost=cost,
        bound=cost if proven else min(bound, cost),
        proven=proven,
        infeasible=False,
        seconds=seconds,
    )


class _Callback(cp_model.CpSolverSolutionCallback):
    def __init__(self, program: Program, scale: int, watch: Watch) -> None:
        super().__init__()
        self._program, self._scale, self._watch = program, scale, watch

    def on_solution_callback(self) -> None:
        constant = self._program.constant
        self._watch.on_progress(
            constant + self.objective_value / self._scale, constant + self.best_objective_bound / self._scale
        )
        if self._watch.stop():
            self.stop_search()


def _model(
    program: Program, extra: list[tuple[list[tuple[int, float]], float]]
) -> tuple[cp_model.CpModel, list[cp_model.IntVar], int]:
    model = cp_model.CpModel()
    steps = program.steps
    variables = [
        model.new_int_var(0, round(upper * step), "") for upper, step in zip(program.upper, steps, strict=True)
    ]
    rows = [(row.terms, row.low, row.high) for row in program.rows]
    rows += [(tuple(terms), -INFINITY, high) for terms, high in extra]
    for terms, low, high in rows:
        _add_row(model, variables, steps, terms, low, high)
    prices = {index: amount / steps[index] for index, amount in program.cost.items()}
    scale = _scale(prices.values(), FINEST_PRICE)
    model.minimize(
        cp_model.LinearExpr.weighted_sum(
            [variables[index] for index in prices], [round(price * scale) for price in prices.values()]
        )
    )
    return model, variables, scale


def _add_row(
    model: cp_model.CpModel,
    variables: list[cp_model.IntVar],
    steps: list[int],
    terms: tuple[tuple[int, float], ...],
    low: float,
    high: float,
) -> cp_model.Constraint:
    """A row in whole numbers."""
    whole = [amount / steps[index] for index, amount in terms]
    finest = max((steps[index] for index, _ in terms), default=1)
    factor = _scale([*whole, *(edge for edge in (low, high) if abs(edge) < INFINITY)], guess=finest)
    coefficients = [round(amount * factor) for amount in whole]
    expression = cp_model.LinearExpr.weighted_sum([variables[index] for index, _ in terms], coefficients)
    if low > -INFINITY and high < INFINITY:
        return model.add_linear_constraint(expression, round(low * factor), round(high * factor))
    if low > -INFINITY:
        return model.add(expression >= round(low * factor))
    return model.add(expression <= round(high * factor))


class Subsets:
    """A program whose requirements are switched on and off, to be asked many times which of them can hold together."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._model = cp_model.CpModel()
        variables = [
            self._model.new_int_var(0, round(upper * step), "")
            for upper, step in zip(program.upper, program.steps, strict=True)
        ]
        self._switches: dict[str, int] = {}
        for row in program.rows:
            made = _add_row(self._model, variables, program.steps, row.terms, row.low, row.high)
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


def _scale(amounts: Iterable[float], largest: int = LARGEST_SCALE, guess: int = 1) -> int:
    """A factor that makes all amounts whole: the guess where it does, else the least one, at most `largest` (then they are
    rounded to that).
    """
    different = {abs(amount) for amount in amounts}
    if all(abs(amount * guess - round(amount * guess)) < WHOLE for amount in different):
        return guess
    factor = 1
    for amount in different:
        factor = lcm(factor, Fraction(amount).limit_denominator(largest).denominator)
        if factor > largest:
            return largest
    return factor
