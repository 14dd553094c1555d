"""HiGHS on a program: its relaxation with a basis that is kept, its search tree, and which requirements hold together.

The library is called directly, since MathOpt forgets the basis between two limits of a front. One thread for each call; a call gives
up the interpreter's lock, so that two trees run side by side in two threads.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np

from shuttle.planner.model.program import INFINITY, Program, Terms
from shuttle.planner.solvers.cpsat import Effort, SolverResult
from shuttle.planner.solvers.dual_bound import Amounts, Matrix, costs_of, least_cost, rows_of, sharpened

TIGHT = 1e-7
"""Relative gap at which a cost counts as proven."""

INTERIOR_ROWS = 2000
"""From so many rows a first relaxation is solved by the interior point method: twice as fast as the simplex method there."""

DONE = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)
ENDED = (*DONE, highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kTimeLimit)

HEURISTICS = ("rins", "rens", "root_reduced_cost", "feasibility_jump")
"""Smaller trees of HiGHS' own, which take three quarters of its time where it has a good start."""

Extra = Iterable[tuple[Terms, float]]
"""Further rows: terms, and the most that they may be."""


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """Values with fractions, and a bound with the reduced cost of each variable, as `least_cost` counts them; `duals` by row."""

    values: list[float]
    bound: float
    dearer: Amounts
    duals: Amounts


class Relaxation:
    """A program with fractions allowed, solved again and again under further rows; the basis of the last time is kept.

    `again` False: it is solved once, and needs no basis: a large one is solved by interior point without crossover, in two thirds of the
    time, and its duals lie in the middle of the optimal ones, which leaves fewer trips.
    """

    def __init__(self, program: Program, again: bool = True) -> None:
        self._program, self._rows = program, rows_of(program)
        self._further: list[Terms] = []
        self._highs = _highs(program, self._rows, whole=False)
        if len(self._rows.low) >= INTERIOR_ROWS:
            self._highs.setOptionValue("solver", "ipm")
            self._highs.setOptionValue("run_crossover", "on" if again else "off")

    def solve(self, extra: Extra = (), seconds: float = INFINITY) -> Relaxed | None:
        """None where nothing fits, or nothing is known of it in time."""
        extra = list(extra)
        self._set_rows(extra)
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(0.05, seconds))
        self._highs.run()
        self._highs.setOptionValue("solver", "simplex")
        if self._highs.getModelStatus() not in ENDED:
            self._highs.run()  # where the interior point method has come to nothing
        if self._highs.getModelStatus() not in DONE:
            return None
        solution = self._highs.getSolution()
        matrix = Matrix.of([*_triples(self._program), *((terms, -INFINITY, most) for terms, most in extra)])
        duals = sharpened(self._program, matrix, solution.row_dual)
        bound, dearer = least_cost(self._program, matrix, duals)
        return Relaxed(values=list(solution.col_value), bound=bound, dearer=dearer, duals=duals)

    def _set_rows(self, extra: list[tuple[Terms, float]]) -> None:
        """Rows with the same terms get another limit; the basis stays of use then."""
        first = len(self._program.rows)
        if [terms for terms, _ in extra] != self._further:
            if self._further:
                self._highs.deleteRows(len(self._further), np.arange(first, first + len(self._further), dtype=np.int32))
            self._further = [terms for terms, _ in extra]
            for terms, most in extra:
                row = Matrix.of([(terms, -INFINITY, most)])
                self._highs.addRow(-INFINITY, most, len(row.index), row.index, row.value)
        for place, (_, most) in enumerate(extra, start=first):
            self._highs.changeRowBounds(place, -INFINITY, most)


def relaxed(program: Program) -> Relaxed | None:
    """The relaxation, once."""
    return Relaxation(program).solve()


def solve(
    program: Program,
    effort: Effort,
    extra: Extra = (),
    feasibility_only: bool = False,
    start: Sequence[int] | None = None,
    places: int = 0,
) -> SolverResult:
    """Minimise in a search tree. `start`: those of the first `places` variables that are 1 in a plan to begin with.

    Where HiGHS fails inside nothing was found and nothing is proven.
    """
    began = time.monotonic()
    matrix = Matrix.of([*_triples(program), *((terms, -INFINITY, most) for terms, most in extra)])
    highs = _highs(program, matrix, whole=True, with_cost=not feasibility_only)
    highs.setOptionValue("time_limit", max(0.05, effort.seconds))
    highs.setOptionValue("random_seed", effort.seed)
    if start is not None:
        _begin_with(highs, start, places)
        for heuristic in HEURISTICS:  # the start is nearly as good as can be
            highs.setOptionValue(f"mip_heuristic_run_{heuristic}", False)
        highs.setOptionValue("mip_heuristic_effort", 0.0)
        highs.setOptionValue("mip_allow_restart", False)
    highs.run()
    return _result(program, highs, feasibility_only, time.monotonic() - began)


def _begin_with(highs: highspy.Highs, start: Sequence[int], places: int) -> None:
    """The values of the first `places` variables; HiGHS finds those of the other choices."""
    runs = set(start)
    values = np.array([float(number in runs) for number in range(places)])
    highs.setSolution(places, np.arange(places, dtype=np.int32), values)


def _result(program: Program, highs: highspy.Highs, feasibility_only: bool, seconds: float) -> SolverResult:
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kInfeasible:
        return SolverResult(values=None, cost=INFINITY, bound=INFINITY, proven=True, infeasible=True, seconds=seconds)
    bound = -INFINITY if feasibility_only else float(info.mip_dual_bound)
    proven = status in DONE
    if program.upper and info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return SolverResult(values=None, cost=INFINITY, bound=bound, proven=False, infeasible=False, seconds=seconds)
    values = [
        float(round(value)) if choice else float(value)
        for value, choice in zip(highs.getSolution().col_value, program.choice, strict=True)
    ]
    cost = program.constant + sum(amount * values[index] for index, amount in program.cost.items())
    if not any(program.choice):
        bound = cost if proven else -INFINITY
    return SolverResult(
        values=values, cost=cost, bound=min(bound, cost), proven=proven, infeasible=False, seconds=seconds
    )


class Subsets:
    """A program that is asked many times which of its requirements can hold together: built once, its rows are opened and closed."""

    def __init__(self, program: Program) -> None:
        self._named = [(number, row) for number, row in enumerate(program.rows) if row.requirement]
        self._highs = _highs(program, rows_of(program), whole=True, with_cost=False)

    def infeasible(self, names: frozenset[str], effort: Effort) -> bool:
        """Whether it is proven that these cannot hold together."""
        for number, row in self._named:
            holds = row.requirement in names
            self._highs.changeRowBounds(number, *((row.low, row.high) if holds else (-INFINITY, INFINITY)))
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + effort.seconds)
        self._highs.run()
        return bool(self._highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible)


def _triples(program: Program) -> list[tuple[Iterable[tuple[int, float]], float, float]]:
    return [(row.terms, row.low, row.high) for row in program.rows]


def _highs(program: Program, matrix: Matrix, whole: bool, with_cost: bool = True) -> highspy.Highs:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.upper), len(matrix.low)
    lp.col_cost_ = costs_of(program) if with_cost else np.zeros(len(program.upper))
    lp.col_lower_, lp.col_upper_ = np.zeros(len(program.upper)), np.array(program.upper, dtype=np.float64)
    lp.row_lower_, lp.row_upper_ = matrix.low, matrix.high
    lp.offset_ = program.constant if with_cost else 0.0
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.starts, matrix.index, matrix.value
    if whole:
        kinds = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
        lp.integrality_ = [kinds[choice] for choice in program.choice]
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", TIGHT)
    highs.setOptionValue("mip_abs_gap", TIGHT)
    highs.passModel(lp)
    return highs
