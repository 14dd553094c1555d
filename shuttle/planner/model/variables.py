"""The decisions: variable i of the program is candidate i of the problem, 1 where that trip runs."""

from shuttle.planner.model.problem import Problem
from shuttle.planner.model.program import Program, Terms


def add_trips(program: Program, problem: Problem) -> None:
    """One choice for each candidate, before any other variable."""
    assert not program.upper, "the trips are the first variables"
    for _ in problem.candidates:
        program.variable()


def chosen(problem: Problem, values: list[float]) -> list[int]:
    """The numbers of the candidates that run."""
    return [number for number in range(len(problem.candidates)) if values[number] > 0.5]


def all_trips(problem: Problem) -> Terms:
    return [(number, 1.0) for number in range(len(problem.candidates))]
