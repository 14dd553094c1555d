"""Node of a roadmap: opening hours with a timetable for each day type, and what both cost in a year.

A day's figures come from a point of a scenario's Pareto front; a year's are their sum over the calendar's real numbers of days.
Cost is in passenger minutes (with the penalty of broken wishes), money in NOK, `served` in passengers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.planning.passenger_cost import covered_minutes
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.roadmap.definition import DayHours, DayWindows, HoursState, Roadmap, year_from
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.service_days import Calendar


@dataclass(frozen=True, kw_only=True, eq=False)
class DayPoint:
    """A timetable of one day type under certain hours. `bound`: a lower bound of `cost` over all timetables of this limit.

    `worst`: the least covered share over the open hours of all centres (see `worst_hour`)."""

    id: str
    day_type: str
    cost: float
    bound: float
    nok: float
    served: float
    trips: tuple[PlannedTrip, ...] = ()
    worst: float = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """One choice of a step: hours, and a point for each day type in the order of the scenario."""

    state: HoursState
    points: tuple[DayPoint, ...]

    @property
    def id(self) -> str:
        return "/".join([self.state.id, *(point.id for point in self.points)])

    @property
    def worst(self) -> float:
        return min((point.worst for point in self.points), default=1.0)

    def cost(self, days: Mapping[str, int]) -> float:
        return sum(days[point.day_type] * point.cost for point in self.points)

    def bound(self, days: Mapping[str, int]) -> float:
        return sum(days[point.day_type] * point.bound for point in self.points)

    def served(self, days: Mapping[str, int]) -> float:
        return sum(days[point.day_type] * point.served for point in self.points)


def staff_nok_a_day(roadmap: Roadmap, today: DayHours, state: HoursState, day_type: str) -> float:
    """NOK of a day for staff at all centres beyond today's hours."""
    return sum(
        roadmap.staff.nok_a_day(day_type, today.get((stop, day_type), ()), windows)
        for stop, windows in state.windows_on(day_type)
    )


def days_of_year(calendar: Calendar, starts: date, day_types: Sequence[str]) -> dict[str, int]:
    """Number of days of each day type in the year from `starts`.

    Raises Invalid (`unplanned-day-type`) where a date has a day type that is not planned for: its money would be missing.
    """
    first, end = year_from(starts)
    days = dict.fromkeys(day_types, 0)
    for offset in range((end - first).days):
        day = first + timedelta(days=offset)
        kind = calendar.service_day(day).day_type
        if kind not in days:
            raise Invalid(
                "unplanned-day-type",
                f"{day} has the day type {kind!r}, which the scenario does not plan",
                given=kind,
                allowed=f"a scenario with all day types of the year from {first}",
            )
        days[kind] += 1
    return days


def nodes_of(
    states: Sequence[HoursState], day_types: Sequence[str], points: Mapping[tuple[str, DayWindows], Sequence[DayPoint]]
) -> list[Node]:
    """All nodes. `points`: (day type, `HoursState.windows_on`) -> its points; a state without points on a day type has no node."""
    return [
        Node(state=state, points=tuple(chosen))
        for state in states
        for chosen in product(*(points.get((day_type, state.windows_on(day_type)), ()) for day_type in day_types))
    ]


def with_hours(scenario: Scenario, state: HoursState) -> Scenario:
    """The scenario under these hours."""
    hours = {stop: dict(days) for stop, days in scenario.hours.items()}
    for (stop, day_type), windows in state.hours.items():
        hours.setdefault(stop, {})[day_type] = windows
    return replace(scenario, hours=hours)


def worst_hour(scenario: Scenario, day_type: str, trips: Sequence[PlannedTrip]) -> float:
    """The least covered share (0 to 1) over the clock hours in which a centre is open; 1 where none opens."""
    shares = []
    for stop in scenario.hours:
        hours: dict[int, list[bool]] = {}
        for minute, is_covered in covered_minutes(scenario, day_type, trips, stop).items():
            hours.setdefault(minute // 60, []).append(is_covered)
        shares += [sum(minutes) / len(minutes) for minutes in hours.values() if len(minutes) > 1]
    return min(shares, default=1.0)
