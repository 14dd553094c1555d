"""Which alternative of a front is marked as the one to look at first."""

from dataclasses import replace

from shuttle.domain.planning.proposals import assess
from shuttle.planner.search.pareto_front import Point, knee_point
from shuttle.planner.search.proposal import Proposal
from tests.planner.questions import RATES, a_question, profiles_of

EMPTY = assess(a_question(profiles_of(1)), "weekday", (), (), RATES)


def a_point(trips: int, cost: float, driver_minutes: int) -> Point[Proposal]:
    taken = replace(EMPTY, cost=cost, driver_minutes=driver_minutes)
    return Point(Proposal(assessment=taken, numbers=(), cost=cost, bound=cost), float(trips), float(trips))


def test_the_knee_lies_farthest_below_the_line_between_the_ends() -> None:
    points = [a_point(8, 1000, 400), a_point(9, 500, 450), a_point(10, 400, 500), a_point(11, 350, 550)]
    assert knee_point(points) is points[1]


def test_a_point_that_more_trips_beat_with_fewer_driver_hours_is_no_knee() -> None:
    points = [a_point(9, 1000, 400), a_point(10, 500, 700), a_point(11, 480, 600), a_point(12, 450, 800)]
    assert knee_point(points) is points[2]


def test_a_point_that_is_beaten_with_just_as_many_driver_hours_is_no_knee() -> None:
    points = [a_point(9, 1000, 400), a_point(10, 500, 600), a_point(11, 480, 600), a_point(12, 450, 800)]
    assert knee_point(points) is points[2]


def test_two_points_have_no_knee() -> None:
    assert knee_point([a_point(9, 1000, 400), a_point(10, 500, 450)]) is None
