"""SCIP, the second opinion: another code with a search and tolerances of its own is asked for the cheapest anew."""

from datetime import timedelta

from ortools.math_opt.python import mathopt

from shuttle.planner.model.program import INFINITY, Program
from shuttle.planner.solvers.cpsat import Effort
from shuttle.planner.solvers.highs import Extra

SURE = 1e-6
"""Relative difference below which two costs are one."""

DEARER = 1e-4
"""By how much more, relatively, a plan may cost: so it has to find the cheapest again, not only nothing below it."""


def agrees(program: Program, cost: float, effort: Effort, extra: Extra = ()) -> bool:
    """Whether SCIP, too, finds something at that cost and proves that nothing costs less."""
    model, variables = _model(program, extra)
    total = mathopt.LinearSum(amount * variables[index] for index, amount in program.cost.items())
    model.minimize(total)
    model.add_linear_constraint(total <= cost - program.constant + DEARER * max(1.0, abs(cost)))
    result = _solved(model, effort, 1e-7)
    if result is None or result.termination.reason is not mathopt.TerminationReason.OPTIMAL:
        return False
    return bool(abs(program.constant + result.objective_value() - cost) <= SURE * max(1.0, abs(cost)))


def infeasible(program: Program, effort: Effort, extra: Extra = ()) -> bool:
    """Whether SCIP, too, says that nothing keeps every row."""
    model, _ = _model(program, extra)
    result = _solved(model, effort, 1e-7)
    impossible = (mathopt.TerminationReason.INFEASIBLE, mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED)
    return result is not None and result.termination.reason in impossible


def _solved(model: mathopt.Model, effort: Effort, gap: float) -> mathopt.SolveResult | None:
    """None where SCIP fails inside: MathOpt raises whatever comes then. A prover that fails has proven nothing."""
    limit = timedelta(seconds=max(effort.seconds, 0.05))
    parameters = mathopt.SolveParameters(time_limit=limit, relative_gap_tolerance=gap, random_seed=effort.seed)
    try:
        return mathopt.solve(model, mathopt.SolverType.GSCIP, params=parameters)
    except Exception:
        return None


def _model(program: Program, extra: Extra) -> tuple[mathopt.Model, list[mathopt.Variable]]:
    """Coefficient by coefficient: MathOpt's expressions take most of the time of a small question."""
    model = mathopt.Model()
    variables = [
        model.add_variable(lb=0.0, ub=upper, is_integer=choice)
        for upper, choice in zip(program.upper, program.choice, strict=True)
    ]
    rows = [(row.terms, row.low, row.high) for row in program.rows]
    for terms, low, high in [*rows, *((tuple(terms), -INFINITY, most) for terms, most in extra)]:
        gathered: dict[int, float] = {}
        for index, amount in terms:
            gathered[index] = gathered.get(index, 0.0) + amount
        made = model.add_linear_constraint(lb=low, ub=high)
        for index, amount in gathered.items():
            made.set_coefficient(variables[index], amount)
    return model, variables
