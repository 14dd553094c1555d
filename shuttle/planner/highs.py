"""HiGHS through MathOpt: the second prover. Another algorithm on the same rows; what both say is told to people."""

import time
from collections.abc import Iterable
from datetime import timedelta

from ortools.math_opt.python import mathopt

from shuttle.planner.cpsat import Effort, Found
from shuttle.planner.program import INFINITY, Program

TIGHT = 1e-9
"""Relative gap at which a cost counts as proven."""


def solve(
    program: Program,
    effort: Effort,
    requirements: frozenset[str] | None = None,
    extra: Iterable[tuple[list[tuple[int, float]], float]] = (),
    feasibility_only: bool = False,
) -> Found:
    """Minimise the same program."""
    model = mathopt.Model()
    variables = [
        model.add_variable(lb=0.0, ub=upper, is_integer=choice)
        for upper, choice in zip(program.upper, program.choice, strict=True)
    ]
    for row in program.rows_of(requirements):
        expression = mathopt.LinearSum(amount * variables[index] for index, amount in row.terms)
        model.add_linear_constraint(lb=row.low, ub=row.high, expr=expression)
    for terms, high in extra:
        expression = mathopt.LinearSum(amount * variables[index] for index, amount in terms)
        model.add_linear_constraint(lb=-INFINITY, ub=high, expr=expression)
    if not feasibility_only:
        model.minimize(mathopt.LinearSum(amount * variables[index] for index, amount in program.cost.items()))
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=effort.seconds), relative_gap_tolerance=TIGHT, random_seed=effort.seed
    )
    started = time.monotonic()
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    seconds = time.monotonic() - started
    reason = result.termination.reason
    if reason in (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED):
        return Found(None, INFINITY, INFINITY, proven=True, infeasible=True, seconds=seconds)
    if not result.has_primal_feasible_solution():
        return Found(None, INFINITY, -INFINITY, proven=False, infeasible=False, seconds=seconds)
    values = [result.variable_values(variable) for variable in variables]
    whole = [round(v) if choice else v for v, choice in zip(values, program.choice, strict=True)]
    cost = program.constant + sum(amount * values[index] for index, amount in program.cost.items())
    bound = program.constant + (0.0 if feasibility_only else result.best_objective_bound())
    proven = reason is mathopt.TerminationReason.OPTIMAL
    return Found([float(v) for v in whole], cost, cost if proven else bound, proven, infeasible=False, seconds=seconds)
