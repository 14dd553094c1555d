"""Which alternatives stand on a front, and which of them to look at first.

The epsilon-constraint method: a point for each limit on trips, hours or money; weighted sums would miss the points in a dent of the
front. The knee is the alternative that lies farthest below the line from the cheapest to the best: after it, each further hour buys
less. A front by trips or money may hold one that takes more driver hours than a better one (long patterns on few trips); people
choose by hours, so the knee is never such a one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from shuttle.domain.planning.proposals import Assessment
from shuttle.domain.planning.scenario import FrontRequest

TINY = 1e-6


class Weighed(Protocol):
    """A timetable at its price: `total` is what is minimised, passenger cost and penalty."""

    @property
    def assessment(self) -> Assessment: ...

    @property
    def total(self) -> float: ...


T = TypeVar("T", bound=Weighed)


@dataclass(frozen=True)
class Point(Generic[T]):
    """An alternative, and what it takes of what the front is drawn by."""

    proposal: T
    limit: float | None
    spent: float


@dataclass(frozen=True)
class FrontLimit:
    """The largest limit of a front, as a requirement beside the others: "at most 4 trips"."""

    by: str
    most: float
    name: str


UNITS = {"trips": "trips", "driver_hours": "driver hours", "nok": "NOK"}


def largest_limit(front: FrontRequest | None, names: Collection[str]) -> FrontLimit | None:
    """None without a front. `names`: of the requirements, none of which it may share."""
    if front is None:
        return None
    most = limits_of(front)[-1]
    assert most is not None
    name = f"at most {most:.12g} {UNITS[front.by]}"
    while name in names:
        name += " (front)"
    return FrontLimit(front.by, most, name)


def limits_of(front: FrontRequest | None) -> list[float | None]:
    """The limits to solve under, the smallest first; without a front one point without a limit."""
    if front is None:
        return [None]
    return [front.first + step * front.step for step in range(round((front.last - front.first) / front.step) + 1)]


def spent(assessment: Assessment, by: str) -> float:
    """What a timetable takes of what the front is drawn by."""
    if by == "trips":
        return float(len(assessment.trips))
    return assessment.nok if by == "nok" else assessment.driver_minutes / 60


def undominated(points: list[Point[T]]) -> list[Point[T]]:
    """Those that no other is at least as good as in both respects, by what they take."""
    kept: list[Point[T]] = []
    for point in sorted(points, key=lambda point: (point.spent, point.proposal.total)):
        if not kept or point.proposal.total < kept[-1].proposal.total - TINY:
            kept.append(point)
    return kept


def knee_point(points: list[Point[T]]) -> Point[T] | None:
    """The point farthest below the line between the ends, both axes scaled to 1; None for fewer than three.

    Of those that are worth their hours only. The points come as `undominated` gives them.
    """
    if len(points) < 3:
        return None
    first, last = points[0], points[-1]
    width = (last.spent - first.spent) or 1.0
    height = (first.proposal.total - last.proposal.total) or 1.0

    def depth(point: Point[T]) -> float:
        across = (point.spent - first.spent) / width
        down = (first.proposal.total - point.proposal.total) / height
        return down - across

    return max(worth_their_hours(points), key=depth)


def worth_their_hours(points: list[Point[T]]) -> list[Point[T]]:
    """Those that cost passengers less than all others with as few driver hours, in the same order; the last always does."""
    kept: list[Point[T]] = []
    for point in reversed(points):
        if not kept or point.proposal.assessment.driver_minutes < kept[-1].proposal.assessment.driver_minutes - TINY:
            kept.append(point)
    return kept[::-1]
