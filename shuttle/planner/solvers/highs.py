"""HiGHS through MathOpt: the second prover. Another algorithm on the same rows; what both say is told to people."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from ortools.math_opt.python import mathopt

from shuttle.planner.model.program import INFINITY, Program
from shuttle.planner.solvers.cpsat import Effort, SolverResult

TIGHT = 1e-9
"""Relative gap at which a cost counts as proven."""


def solve(
    program: Program,
    effort: Effort,
    extra: Iterable[tuple[list[tuple[int, float]], float]] = (),
    feasibility_only: bool = False,
) -> SolverResult:
    """Minimise the same program."""
    model, variables = _model(program, extra, whole=True, with_cost=not feasibility_only)
    return solved(program, model, variables, timedelta(seconds=effort.seconds), effort.seed, TIGHT, feasibility_only)


def model_of(
    program: Program, extra: Iterable[tuple[list[tuple[int, float]], float]]
) -> tuple[mathopt.Model, list[mathopt.Variable]]:
    """The program as it is minimised, to be added to; and its variables in their order."""
    return _model(program, extra, whole=True, with_cost=True)


def solved(
    program: Program,
    model: mathopt.Model,
    variables: list[mathopt.Variable],
    limit: timedelta,
    seed: int,
    gap: float,
    feasibility_only: bool = False,
    prover: mathopt.SolverType = mathopt.SolverType.HIGHS,
) -> SolverResult:
    """What HiGHS, or another `prover` behind MathOpt, says of a model that holds the program's variables."""
    parameters = mathopt.SolveParameters(time_limit=limit, relative_gap_tolerance=gap, random_seed=seed)
    started = time.monotonic()
    result = _solved(lambda: mathopt.solve(model, prover, params=parameters))
    seconds = time.monotonic() - started
    if result is None:
        return SolverResult(
            values=None, cost=INFINITY, bound=-INFINITY, proven=False, infeasible=False, seconds=seconds
        )
    reason = result.termination.reason
    if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
        return SolverResult(values=None, cost=INFINITY, bound=INFINITY, proven=True, infeasible=True, seconds=seconds)
    bound = program.constant + (0.0 if feasibility_only else result.best_objective_bound())
    if not result.has_primal_feasible_solution():
        return SolverResult(values=None, cost=INFINITY, bound=bound, proven=False, infeasible=False, seconds=seconds)
    values = [result.variable_values(variable) for variable in variables]
    whole = [round(v) if choice else v for v, choice in zip(values, program.choice, strict=True)]
    cost = program.constant + sum(amount * values[index] for index, amount in program.cost.items())
    proven = reason is mathopt.TerminationReason.OPTIMAL
    return SolverResult(
        values=[float(v) for v in whole],
        cost=cost,
        bound=cost if proven else bound,
        proven=proven,
        infeasible=False,
        seconds=seconds,
    )


class Subsets:
    """A program that is asked many times which of its requirements can hold together: built once, its rows are opened and closed."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._model, self._variables = _model(program, (), whole=True, with_cost=False)
        self._named = [
            (made, row)
            for made, row in zip(self._model.linear_constraints(), program.rows, strict=True)
            if row.requirement
        ]

    def infeasible(self, names: frozenset[str], effort: Effort) -> bool:
        """Whether it is proven that these cannot hold together."""
        for made, row in self._named:
            holds = row.requirement in names
            made.lower_bound, made.upper_bound = (row.low, row.high) if holds else (-INFINITY, INFINITY)
        limit = timedelta(seconds=effort.seconds)
        return solved(self._program, self._model, self._variables, limit, effort.seed, TIGHT, True).infeasible


@dataclass(frozen=True)
class Relaxed:
    """Values with fractions, what they cost, and the dual of every row: those of the program first, then those that were added."""

    values: list[float]
    bound: float
    duals: list[float]


class Relaxation:
    """The program with fractions allowed, solved again and again as rows are added."""

    def __init__(self, program: Program, extra: Iterable[tuple[list[tuple[int, float]], float]] = ()) -> None:
        self._constant = program.constant
        self._model, self._variables = _model(program, extra, whole=False, with_cost=True)
        self._solver = mathopt.IncrementalSolver(self._model, mathopt.SolverType.GLOP)

    def add(self, rows: Iterable[tuple[list[tuple[int, float]], float]]) -> None:
        """Rows (terms, at most)."""
        for terms, high in rows:
            _add_row(self._model, self._variables, terms, -INFINITY, high)

    def solve(self, seconds: float) -> Relaxed | None:
        """None where nothing fits, or in time, or where GLOP gave up."""
        result = _solved(lambda: self._solver.solve(params=_within(seconds)))
        if result is None or result.termination.reason is not mathopt.TerminationReason.OPTIMAL:
            return None
        values = result.variable_values(self._variables)
        rows = list(self._model.linear_constraints())
        duals = result.dual_values(rows) if result.has_dual_feasible_solution() else [0.0] * len(rows)
        return Relaxed(values, self._constant + result.objective_value(), duals)


def _within(seconds: float) -> mathopt.SolveParameters:
    return mathopt.SolveParameters(time_limit=timedelta(seconds=max(seconds, 0.05)))


def _solved(solve: Callable[[], mathopt.SolveResult]) -> mathopt.SolveResult | None:
    """What a solver says, None where it fails inside (GLOP's "abnormal"): MathOpt raises whatever comes then, an
    AttributeError of its own error handling too. A prover that fails has proven nothing; that is all that follows.
    """
    try:
        return solve()
    except Exception:
        return None


def _model(
    program: Program,
    extra: Iterable[tuple[list[tuple[int, float]], float]],
    whole: bool,
    with_cost: bool,
) -> tuple[mathopt.Model, list[mathopt.Variable]]:
    model = mathopt.Model()
    variables = [
        model.add_variable(lb=0.0, ub=upper, is_integer=choice and whole)
        for upper, choice in zip(program.upper, program.choice, strict=True)
    ]
    for row in program.rows:
        _add_row(model, variables, row.terms, row.low, row.high)
    for terms, high in extra:
        _add_row(model, variables, terms, -INFINITY, high)
    if with_cost:
        model.minimize(mathopt.LinearSum(amount * variables[index] for index, amount in program.cost.items()))
    return model, variables


def _add_row(
    model: mathopt.Model,
    variables: list[mathopt.Variable],
    terms: Iterable[tuple[int, float]],
    low: float,
    high: float,
) -> None:
    """Coefficient by coefficient: MathOpt's expressions take most of the time of a small question."""
    gathered: dict[int, float] = {}
    for index, amount in terms:
        gathered[index] = gathered.get(index, 0.0) + amount
    row = model.add_linear_constraint(lb=low, ub=high)
    for index, amount in gathered.items():
        row.set_coefficient(variables[index], amount)
