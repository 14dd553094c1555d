"""HiGHS on a program: its relaxation with a basis that is kept, its search tree, and which requirements hold together.

The library is called directly, since MathOpt forgets the basis between two limits of a front. One thread for each call; a call gives
up the interpreter's lock, so that two trees run side by side in two threads.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from shuttle.planner.model.program import INFINITY, Program, Terms
from shuttle.planner.solvers.cpsat import Effort, SolverResult

TIGHT = 1e-7
"""Relative gap at which a cost counts as proven."""

NEGATIVE = -1e-6
"""A reduced cost below it says that a column can lower the relaxation."""

BATCH = 100
"""Columns that enter the relaxation at a time."""

DONE = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kModelEmpty)

Extra = Iterable[tuple[Terms, float]]
"""Further rows: terms, and the most that they may be."""

Amounts = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Rows of a program and further ones, in arrays: row `i` has the entries from `starts[i]` to `starts[i + 1]`."""

    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Amounts
    low: Amounts
    high: Amounts

    @classmethod
    def of(cls, rows: Iterable[tuple[Iterable[tuple[int, float]], float, float]]) -> "Matrix":
        starts, index, value, low, high = [0], list[int](), list[float](), list[float](), list[float]()
        for terms, least, most in rows:
            gathered: dict[int, float] = {}
            for number, amount in terms:
                gathered[number] = gathered.get(number, 0.0) + amount
            index += gathered.keys()
            value += gathered.values()
            starts.append(len(index))
            low.append(least)
            high.append(most)
        return cls(
            starts=np.array(starts, dtype=np.int32),
            index=np.array(index, dtype=np.int32),
            value=np.array(value, dtype=np.float64),
            low=np.array(low, dtype=np.float64),
            high=np.array(high, dtype=np.float64),
        )


def rows_of(program: Program) -> Matrix:
    """The rows of the program itself."""
    return Matrix.of((row.terms, row.low, row.high) for row in program.rows)


def least_cost(program: Program, matrix: Matrix, duals: Sequence[float]) -> tuple[float, Amounts]:
    """A cost that nothing stays below, and by how much more that is where a variable is 1 instead of 0.

    Plain arithmetic (weak duality): it holds for any duals whatever of the rows; those of a solver only make it sharp.
    """
    prices, dual = _costs(program), np.array(duals, dtype=np.float64)
    edge = np.where(dual > 0, matrix.low, matrix.high)
    dual = np.where(np.isfinite(edge), dual, 0.0)
    edge = np.where(np.isfinite(edge), edge, 0.0)
    lengths = np.diff(matrix.starts)
    np.subtract.at(prices, matrix.index, np.repeat(dual, lengths) * matrix.value)
    bound = program.constant + float(dual @ edge) + float(np.minimum(prices, 0.0) @ np.array(program.upper))
    return bound, np.maximum(prices, 0.0)


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """Values with fractions, and a bound with the reduced cost of each variable, as `least_cost` counts them; `duals` by row.

    Not `optimal` where the time was over: the bound holds all the same, and is lower than it could be.
    """

    values: list[float]
    bound: float
    dearer: Amounts
    duals: list[float]
    optimal: bool = True


class Relaxation:
    """A program with fractions allowed, solved again and again under further rows; the basis of the last time is kept.

    Column generation: the `later` variables are 0 until their reduced cost says that they can lower the cost.
    """

    def __init__(self, program: Program, later: Iterable[int] = ()) -> None:
        self._program, self._rows = program, rows_of(program)
        self._later = sorted(later)
        self._further: list[Terms] = []
        self._highs = _highs(program, self._rows, whole=False)
        self._bound_columns(self._later, 0.0)

    def solve(self, extra: Extra = (), seconds: float = INFINITY, seed: int = 0) -> Relaxed | None:
        """None where nothing fits, or nothing is known of it in time."""
        extra = list(extra)
        self._set_rows(extra)
        ends = time.monotonic() + seconds
        while True:
            self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(0.05, ends - time.monotonic()))
            self._highs.run()
            status = self._highs.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible and self._later:
                self._open(self._later)
                continue
            solution = self._highs.getSolution()
            if status == highspy.HighsModelStatus.kTimeLimit and solution.dual_valid:
                break
            if status not in DONE:
                return None
            reduced = solution.col_dual
            entering = sorted((n for n in self._later if reduced[n] < NEGATIVE), key=lambda n: reduced[n])
            if not entering:
                break
            self._open(entering[:BATCH])
        matrix = Matrix.of([*_triples(self._program), *((terms, -INFINITY, most) for terms, most in extra)])
        duals = list(solution.row_dual)
        bound, dearer = least_cost(self._program, matrix, duals)
        return Relaxed(values=list(solution.col_value), bound=bound, dearer=dearer, duals=duals, optimal=status in DONE)

    def _open(self, numbers: list[int]) -> None:
        entering = set(numbers)
        self._later = [number for number in self._later if number not in entering]
        self._bound_columns(sorted(entering), 1.0)

    def _bound_columns(self, numbers: list[int], upper: float) -> None:
        if numbers:
            columns = np.array(numbers, dtype=np.int32)
            uppers = np.array([upper * self._program.upper[number] for number in numbers])
            self._highs.changeColsBounds(len(numbers), columns, np.zeros(len(numbers)), uppers)

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
    closed: Iterable[int] = (),
    start: Sequence[int] | None = None,
) -> SolverResult:
    """Minimise in a search tree. `closed`: variables that are 0; `start`: those of the choices that are 1 in a plan to begin with.

    Where HiGHS fails inside nothing was found and nothing is proven.
    """
    began = time.monotonic()
    matrix = Matrix.of([*_triples(program), *((terms, -INFINITY, most) for terms, most in extra)])
    highs = _highs(program, matrix, whole=True, with_cost=not feasibility_only)
    highs.setOptionValue("time_limit", max(0.05, effort.seconds))
    highs.setOptionValue("random_seed", effort.seed)
    for number in closed:
        highs.changeColBounds(number, 0.0, 0.0)
    if start is not None:
        _begin_with(highs, program, start)
    highs.run()
    return _result(program, highs, feasibility_only, time.monotonic() - began)


def _begin_with(highs: highspy.Highs, program: Program, start: Sequence[int]) -> None:
    runs = set(start)
    choices = np.array([n for n, choice in enumerate(program.choice) if choice], dtype=np.int32)
    highs.setSolution(len(choices), choices, np.array([float(n in runs) for n in choices]))


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


def _costs(program: Program) -> Amounts:
    costs = np.zeros(len(program.upper))
    for number, amount in program.cost.items():
        costs[number] = amount
    return costs


def _highs(program: Program, matrix: Matrix, whole: bool, with_cost: bool = True) -> highspy.Highs:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(program.upper), len(matrix.low)
    lp.col_cost_ = _costs(program) if with_cost else np.zeros(len(program.upper))
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
