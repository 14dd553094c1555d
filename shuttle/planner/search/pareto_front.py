"""The alternatives: for each limit on trips, hours or money the least passenger cost, proven, and none of them dominated.

The epsilon-constraint method; weighted sums would miss the points in a dent of the front. The knee is the alternative that lies
farthest below the line from the cheapest to the best: after it, each further hour buys less. A front by trips or money may hold one
that takes more driver hours than a better one (long patterns on few trips); people choose by hours, so the knee is never such a one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shuttle.domain.planning.proposals import Assessment
from shuttle.domain.planning.scenario import Front
from shuttle.planner.search.solve import NoTimetable, Proposal, Solver

TINY = 1e-6


@dataclass(frozen=True)
class Point:
    """An alternative, and what it takes of what the front is drawn by."""

    proposal: Proposal
    limit: float | None
    spent: float


def limits_of(front: Front | None) -> list[float | None]:
    """The limits to solve under, the smallest first; without a front one point without a limit."""
    if front is None:
        return [None]
    return [front.first + step * front.step for step in range(round((front.last - front.first) / front.step) + 1)]


def alternatives(
    solver: Solver, front: Front | None, on_point: Callable[[int, int, float | None], None], share: float = 1.0
) -> tuple[list[Point], NoTimetable | None]:
    """The points of the front, and the last thing that kept one from being found. The largest limit is solved first.

    `share` of the time that is left: for what takes long, so that something is left for the other day types.
    """
    limits = limits_of(front)
    by = front.by if front else "trips"
    points: list[Point] = []
    missed: NoTimetable | None = None
    for done, limit in enumerate(reversed(limits)):
        on_point(done, len(limits), limit)
        if solver.clock.over:
            missed = NoTimetable(impossible=False, why="the time was over")
            break
        found = solver.propose(by, limit, share / (len(limits) - done))
        if isinstance(found, NoTimetable):
            missed = found
            if found.impossible:
                break  # a smaller limit is impossible too
            continue
        points.append(Point(found, limit, spent(found.assessment, by)))
    return undominated(points), missed


def spent(assessment: Assessment, by: str) -> float:
    """What a timetable takes of what the front is drawn by."""
    if by == "trips":
        return float(len(assessment.trips))
    return assessment.nok if by == "nok" else assessment.driver_minutes / 60


def undominated(points: list[Point]) -> list[Point]:
    """Those that no other is at least as good as in both respects, by what they take."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (point.spent, point.proposal.cost)):
        if not kept or point.proposal.cost < kept[-1].proposal.cost - TINY:
            kept.append(point)
    return kept


def knee_point(points: list[Point]) -> Point | None:
    """The point farthest below the line between the ends, both axes scaled to 1; None for fewer than three.

    Of those that are worth their hours only. The points come as `undominated` gives them.
    """
    if len(points) < 3:
        return None
    first, last = points[0], points[-1]
    width = (last.spent - first.spent) or 1.0
    height = (first.proposal.cost - last.proposal.cost) or 1.0

    def depth(point: Point) -> float:
        across = (point.spent - first.spent) / width
        down = (first.proposal.cost - point.proposal.cost) / height
        return down - across

    return max(worth_their_hours(points), key=depth)


def worth_their_hours(points: list[Point]) -> list[Point]:
    """Those that cost passengers less than all others with as few driver hours, in the same order; the last always does."""
    kept: list[Point] = []
    for point in reversed(points):
        if not kept or point.proposal.assessment.driver_minutes < kept[-1].proposal.assessment.driver_minutes - TINY:
            kept.append(point)
    return kept[::-1]
