"""Lower bounds and reduced costs of a linear program from dual values, by plain arithmetic (weak duality).

They hold for any duals whatever of the rows; those of a solver only make them sharp. The duals of a degenerate optimum are not unique:
`sharpened` picks those under which a choice that is 1 instead of 0 adds most to the bound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shuttle.planner.model.program import INFINITY, Program

Amounts = NDArray[np.float64]

TINY = 1e-12


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

    def entries(self, row: int) -> slice:
        return slice(self.starts[row], self.starts[row + 1])


def rows_of(program: Program) -> Matrix:
    """The rows of the program itself."""
    return Matrix.of((row.terms, row.low, row.high) for row in program.rows)


def costs_of(program: Program) -> Amounts:
    costs = np.zeros(len(program.upper))
    for number, amount in program.cost.items():
        costs[number] = amount
    return costs


def least_cost(program: Program, matrix: Matrix, duals: Sequence[float] | Amounts) -> tuple[float, Amounts]:
    """A cost that no solution stays below, and by how much more that is where a variable is 1 instead of 0."""
    dual = np.array(duals, dtype=np.float64)
    edge = np.where(dual > 0, matrix.low, matrix.high)
    dual = np.where(np.isfinite(edge), dual, 0.0)
    edge = np.where(np.isfinite(edge), edge, 0.0)
    prices = _reduced_costs(program, matrix, dual)
    bound = program.constant + float(dual @ edge) + float(np.minimum(prices, 0.0) @ np.array(program.upper))
    return bound, np.maximum(prices, 0.0)


def sharpened(program: Program, matrix: Matrix, duals: Sequence[float]) -> Amounts:
    """Duals with the same bound and no lower reduced cost of any choice (dual ascent over the rows with limit 0).

    A row `sum of a x <= sum of d t` of continuous x and choices t has a dual of at most 0. It is raised until an x with a > 0 has reduced
    cost 0: then t costs more. Before that, an equation between continuous variables moves reduced cost from one side to the other.
    """
    dual = np.array(duals, dtype=np.float64)
    prices, choice = _reduced_costs(program, matrix, dual), np.array(program.choice, dtype=bool)
    below, fixed = (
        np.nonzero((matrix.high == 0) & lowest)[0].tolist() for lowest in (np.isneginf(matrix.low), matrix.low == 0)
    )
    mixed = [row for row in below if _is_mixed(matrix, row, choice)]
    equations = [row for row in fixed if not choice[matrix.index[matrix.entries(row)]].any()]
    _raise(matrix, dual, prices, mixed)
    for sign in (1.0, -1.0):
        for row in equations:
            _move(matrix, dual, prices, row, sign, INFINITY)
        _raise(matrix, dual, prices, mixed)
    return dual


def _raise(matrix: Matrix, dual: Amounts, prices: Amounts, rows: Sequence[int]) -> None:
    for row in rows:
        if dual[row] < -TINY:
            _move(matrix, dual, prices, row, 1.0, -dual[row])


def _move(matrix: Matrix, dual: Amounts, prices: Amounts, row: int, sign: float, most: float) -> None:
    """Change a dual by `sign` times as much as leaves each price that falls at 0 or above, `most` at most."""
    entries = matrix.entries(row)
    index, value = matrix.index[entries], sign * matrix.value[entries]
    falling = value > 0
    room = np.maximum(prices[index[falling]], 0.0) / value[falling]
    step = min(most, float(room.min(initial=INFINITY)))
    if TINY < step < INFINITY:
        dual[row] += sign * step
        prices[index] -= step * value


def _is_mixed(matrix: Matrix, row: int, choice: NDArray[np.bool_]) -> bool:
    """Whether every entry above 0 is of a continuous variable."""
    entries = matrix.entries(row)
    return not bool(choice[matrix.index[entries][matrix.value[entries] > 0]].any())


def _reduced_costs(program: Program, matrix: Matrix, dual: Amounts) -> Amounts:
    prices = costs_of(program)
    np.subtract.at(prices, matrix.index, np.repeat(dual, np.diff(matrix.starts)) * matrix.value)
    return prices
