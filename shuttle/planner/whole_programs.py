"""Whole-number linear programs, told once and proven by either of two solvers.

A `WholeProgram` is data: variables from 0 to a limit, and rows. CP-SAT (with subsolvers that prove on two cores; its default
portfolio of two workers does not) and HiGHS read the same rows, so that what one claims the other can confirm.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model


class Ended(StrEnum):
    """How a solve ended; `FOUND` is a solution without proof."""

    PROVEN = "proven"
    FOUND = "found"
    IMPOSSIBLE = "impossible"
    OUT_OF_TIME = "out_of_time"


@dataclass(frozen=True)
class Solution:
    """Values by variable, their cost, and what no solution can be below."""

    ended: Ended
    values: tuple[int, ...] = ()
    cost: int = 0
    bound: int = 0

    @property
    def found(self) -> bool:
        return self.ended in (Ended.PROVEN, Ended.FOUND)


@dataclass(frozen=True)
class Effort:
    """How a solve is run: seed, workers, and seconds at most."""

    seed: int = 0
    workers: int = 2
    seconds: float = 20.0


@dataclass
class WholeProgram:
    """Variables and rows `at_least <= sum of coefficient * variable <= at_most`."""

    limits: list[int] = field(default_factory=list)
    rows: list[tuple[dict[int, int], int | None, int | None]] = field(default_factory=list)

    def variable(self, limit: int) -> int:
        """The number of a new variable that is a whole number from 0 to `limit`."""
        self.limits.append(limit)
        return len(self.limits) - 1

    def row(self, terms: Mapping[int, int], at_least: int | None = None, at_most: int | None = None) -> None:
        self.rows.append((dict(terms), at_least, at_most))


def by_cp_sat(program: WholeProgram, costs: Mapping[int, int], effort: Effort, hint: Sequence[int] = ()) -> Solution:
    """The cheapest solution by CP-SAT; the same program, seed and one worker give the same answer."""
    model = cp_model.CpModel()
    variables = [model.new_int_var(0, limit, "") for limit in program.limits]
    for terms, least, most in program.rows:
        total = _total(variables, terms)
        if least is not None:
            model.add(total >= least)
        if most is not None:
            model.add(total <= most)
    model.minimize(_total(variables, costs))
    for variable, value in zip(variables, hint, strict=False):
        model.add_hint(variable, value)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = effort.seed
    solver.parameters.num_workers = effort.workers
    solver.parameters.max_time_in_seconds = effort.seconds
    solver.parameters.linearization_level = 2
    if effort.workers > 1:
        solver.parameters.subsolvers.extend(["max_lp", "lb_tree_search", "reduced_costs"])
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return Solution(Ended.IMPOSSIBLE)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Solution(Ended.OUT_OF_TIME)
    values = tuple(solver.value(variable) for variable in variables)
    ended = Ended.PROVEN if status == cp_model.OPTIMAL else Ended.FOUND
    return Solution(ended, values, _price(values, costs), round(solver.best_objective_bound))


def by_highs(program: WholeProgram, costs: Mapping[int, int], effort: Effort) -> Solution:
    """The cheapest solution by HiGHS, with one thread."""
    model = mathopt.Model()
    variables = [model.add_integer_variable(lb=0, ub=limit) for limit in program.limits]
    for terms, least, most in program.rows:
        total = mathopt.fast_sum(coefficient * variables[number] for number, coefficient in terms.items())
        low = float("-inf") if least is None else least
        model.add_linear_constraint(lb=low, expr=total, ub=float("inf") if most is None else most)
    model.minimize(mathopt.fast_sum(cost * variables[number] for number, cost in costs.items()))
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=effort.seconds),
        random_seed=effort.seed,
        relative_gap_tolerance=0.0,
        absolute_gap_tolerance=0.5,
    )
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    reason = result.termination.reason
    if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
        return Solution(Ended.IMPOSSIBLE)
    if reason not in (mathopt.TerminationReason.OPTIMAL, mathopt.TerminationReason.FEASIBLE):
        return Solution(Ended.OUT_OF_TIME)
    values = tuple(round(value) for value in result.variable_values(variables))
    cost = _price(values, costs)
    proven = reason == mathopt.TerminationReason.OPTIMAL
    return Solution(
        Ended.PROVEN if proven else Ended.FOUND, values, cost, cost if proven else _up(result.best_objective_bound())
    )


def _total(variables: Sequence[cp_model.IntVar], terms: Mapping[int, int]) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.weighted_sum([variables[number] for number in terms], list(terms.values()))


def _price(values: Sequence[int], costs: Mapping[int, int]) -> int:
    return sum(cost * values[number] for number, cost in costs.items())


def _up(bound: float) -> int:
    """The least whole cost that a bound allows."""
    return int(-(-(bound - 1e-6) // 1))


def ones(numbers: Iterable[int]) -> dict[int, int]:
    """Each of the variables once."""
    return dict.fromkeys(numbers, 1)
