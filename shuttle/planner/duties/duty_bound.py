"""Fewest paid minutes that any duties could do with, by counting drivers only: a bound, not a plan.

A real duty is seen only through the sample minutes at which it has a driver at work, first to last; it is at least so long
and legal, may take its longest break anywhere, and needs no particular trip. So the count is never above the true minimum,
and its rows can stand beside those of a timetable that is still open: `work_at` may hold that model's own variables.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.duties.duty import TripWork
from shuttle.domain.duties.rules import RuleProfile
from shuttle.planner.model.program import Program, Terms


def count_duties(
    program: Program,
    work_at: Mapping[Minute, tuple[Terms, float]],
    profile: RuleProfile,
    drivers: int | None = None,
    requirement: str = "",
) -> Terms:
    """Add the count to a program and give the paid minutes as terms.

    `work_at`: at each sample minute the drivers under way, as terms and a constant. Counts of duties may be fractions. The
    rows state `requirement`: without it, nobody has to be on duty.
    """
    samples = sorted(work_at)
    duties = {
        span: program.variable(choice=False, upper=1000.0)
        for span in combinations_with_replacement(samples, 2)
        if _shortest_span(*span, profile) <= profile.longest_span
    }
    for minute, (under_way, constant) in work_at.items():
        on_duty: Terms = [(taken, 1.0) for (first, last), taken in duties.items() if first <= minute <= last]
        program.at_least(on_duty + [(variable, -amount) for variable, amount in under_way], constant, requirement)
    if drivers is not None:
        program.at_most([(taken, 1.0) for taken in duties.values()], drivers, requirement)
    return [(taken, float(_least_paid(_shortest_span(*span, profile), profile))) for span, taken in duties.items()]


def count_of_trips(
    trips: Sequence[TripWork],
    profile: RuleProfile,
    drivers: int | None = None,
    two_on_board_after: Minute | None = None,
) -> Program:
    """The count for trips that are fixed, sampled where each begins and ends; its cost is the bound on paid minutes."""
    program = Program()
    samples = {trip.departs for trip in trips} | {trip.released - 1 for trip in trips}
    work_at: dict[Minute, tuple[Terms, float]] = {
        minute: ([], sum(t.drivers(two_on_board_after) for t in trips if t.departs <= minute < t.released))
        for minute in samples
    }
    for variable, minutes in count_duties(program, work_at, profile, drivers):
        program.pay(variable, minutes)
    return program


def _shortest_span(first: Minute, last: Minute, profile: RuleProfile) -> int:
    """A driver at work at both minutes is signed on at least so long."""
    return last + 1 - first + profile.sign_on_minutes + profile.sign_off_minutes


def _least_paid(span: int, profile: RuleProfile) -> int:
    """The fewest paid minutes of a duty of that span or longer."""
    if profile.breaks_are_paid:
        return span
    with_break = max(span, profile.break_after_minutes + 1) - profile.longest_break_minutes
    return min(span, with_break) if span <= profile.break_after_minutes else with_break
