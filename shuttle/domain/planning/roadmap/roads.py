"""Roads of a roadmap, a node for each step: the optimal road by dynamic programming over the steps, and a greedy one.

A step's year is its first: its budget and its costs use the days of that year. The objective is the sum over steps of years x
cost a year. Without a limit on changes the same programme over the nodes' bounds is a lower bound of every road.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from shuttle.domain.basics.errors import Fault, Invalid
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.roadmap.definition import ChangeLimit, DayHours, HoursState, Roadmap, Step, years_of
from shuttle.domain.planning.roadmap.nodes import Node, staff_nok_a_day
from shuttle.domain.planning.timetable_changes import changes_from

KRONE = 0.5
"""Tolerance of a budget, in NOK a year: a budget that is met to the krone is met."""


@dataclass(frozen=True)
class ChangeCounts:
    """Departures moved, dropped and added from one step to the next, over all day types."""

    moved: int = 0
    dropped: int = 0
    added: int = 0

    def within(self, limit: ChangeLimit) -> bool:
        pairs = ((self.moved, limit.moved), (self.dropped, limit.dropped), (self.added, limit.added))
        return all(most is None or number <= most for number, most in pairs)


@dataclass(frozen=True)
class Road:
    """A node for each step; `cost` is the objective."""

    nodes: tuple[Node, ...]
    cost: float


Price = Callable[[Node, Mapping[str, int]], float]


class RoadNetwork:
    """Nodes, steps and rules. `days`: for each step the number of days of each day type in its first year.

    `today`: today's hours by (stop, day type); hours that only grow begin with them.
    """

    def __init__(
        self, roadmap: Roadmap, nodes: Sequence[Node], days: Sequence[Mapping[str, int]], today: DayHours
    ) -> None:
        self.roadmap, self.nodes, self.days, self.today = roadmap, tuple(nodes), tuple(days), today
        self._changes: dict[tuple[int, int], ChangeCounts] = {}
        self._grown: dict[tuple[str, str], bool] = {}
        self._staff: dict[tuple[str, str], float] = {}

    @cached_property
    def allowed(self) -> tuple[tuple[Node, ...], ...]:
        """For each step the nodes within its budget, its decision and the floor of the worst hour.

        Raises Invalid (`no-road`) where a step has none, with what would do.
        """
        several = []
        for number, (step, days) in enumerate(zip(self.roadmap.steps, self.days, strict=True)):
            fitting = [node for node in self.nodes if self._fits(step, node)]
            affordable = [node for node in fitting if self.nok(node, days) <= step.budget + KRONE]
            if not affordable:
                raise self._no_road(number, step, fitting, days)
            several.append(tuple(affordable))
        return tuple(several)

    def _fits(self, step: Step, node: Node) -> bool:
        decided = step.option is None or step.option == node.state.id
        return decided and node.worst >= self.roadmap.worst_coverage - 1e-9

    def _no_road(self, number: int, step: Step, fitting: Sequence[Node], days: Mapping[str, int]) -> Invalid:
        path: tuple[str | int, ...]
        if fitting:
            least = min(self.nok(node, days) for node in fitting)
            what, path = f"no timetable is within the budget from {step.starts}", ("steps", number, "budget_nok_a_year")
            value, allowed = f"{step.budget:.0f} NOK a year", f"at least {ceil(least)}"
        elif step.option is not None and all(node.state.id != step.option for node in self.nodes):
            what, path = f"there is no timetable for the option from {step.starts}", ("steps", number, "option")
            value, allowed = step.option, ", ".join(dict.fromkeys(node.state.id for node in self.nodes)) or "none"
        else:
            best = max((node.worst for node in self.nodes), default=0.0)
            what, path = "no timetable covers the worst hour as asked", ("worst_coverage",)
            value, allowed = f"{self.roadmap.worst_coverage:g}", f"at most {best:.3f}"
        fault = Fault(what=what, given=value, allowed=allowed, path=path, code="no-road")
        return Invalid("no-road", what, given=value, allowed=allowed, faults=[fault])

    def nok(self, node: Node, days: Mapping[str, int]) -> float:
        """NOK of a year with these days: timetables, and staff for the hours beyond today's."""
        return sum(days[each.day_type] * (each.nok + self.staff_nok(node.state, each.day_type)) for each in node.points)

    def staff_nok(self, state: HoursState, day_type: str) -> float:
        """NOK of a day."""
        key = (state.id, day_type)
        if key not in self._staff:
            self._staff[key] = staff_nok_a_day(self.roadmap, self.today, state, day_type)
        return self._staff[key]

    def follows(self, earlier: Node, later: Node, with_change: bool = True) -> bool:
        """Whether `later` may be the step after `earlier`."""
        if self.roadmap.hours_only_grow and not self._grows(earlier.state, later.state):
            return False
        limit = self.roadmap.change
        return not with_change or limit == ChangeLimit() or self.changes(earlier, later).within(limit)

    def _grows(self, earlier: HoursState, later: HoursState) -> bool:
        key = (earlier.id, later.id)
        if key not in self._grown:
            self._grown[key] = later.contains(earlier)
        return self._grown[key]

    def changes(self, earlier: Node, later: Node) -> ChangeCounts:
        """Departures that differ, summed over the day types."""
        several = [self._between(a.trips, b.trips) for a, b in zip(earlier.points, later.points, strict=True)]
        return ChangeCounts(*(sum(getattr(each, name) for each in several) for name in ("moved", "dropped", "added")))

    def _between(self, old: tuple[PlannedTrip, ...], new: tuple[PlannedTrip, ...]) -> ChangeCounts:
        key = (id(old), id(new))  # the trips live as long as the nodes
        if key not in self._changes:
            changes = changes_from(old, new)
            self._changes[key] = ChangeCounts(len(changes.moved), len(changes.dropped), len(changes.added))
        return self._changes[key]

    def optimal(self, price: Price = Node.cost, with_change: bool = True) -> Road:
        """The road of least cost: dynamic programming over (step, node), O(steps x nodes^2).

        Equal costs: fewer NOK, then the smaller id. Raises Invalid (`no-road`).
        """
        years = years_of(self.roadmap.steps)
        best: dict[Node, tuple[float, float, tuple[Node, ...]]] = {}
        for number, (nodes, days) in enumerate(zip(self.allowed, self.days, strict=True)):
            reached: dict[Node, tuple[float, float, tuple[Node, ...]]] = {}
            for node in nodes:
                before = (
                    [(0.0, 0.0, ())]
                    if number == 0
                    else [road for last, road in best.items() if self.follows(last, node, with_change)]
                )
                if number == 0 and not self._may_begin(node):
                    continue
                for cost, nok, road in before:
                    total = (
                        cost + years[number] * price(node, days),
                        nok + years[number] * self.nok(node, days),
                        (*road, node),
                    )
                    if node not in reached or _order(total) < _order(reached[node]):
                        reached[node] = total
            best = reached
        if not best:
            raise Invalid(
                "no-road", "no road keeps all rules", allowed="larger limits on changes, or hours_only_grow = false"
            )
        cost, _nok, road = min(best.values(), key=_order)
        return Road(road, cost)

    def _may_begin(self, node: Node) -> bool:
        now = HoursState(id="", options=(), hours={key: self.today.get(key, ()) for key in node.state.hours})
        return not self.roadmap.hours_only_grow or node.state.contains(now)

    def greedy(self) -> Road | None:
        """The road that takes the cheapest node step by step without looking ahead; None where it gets stuck."""
        years = years_of(self.roadmap.steps)
        road: list[Node] = []
        for nodes, days in zip(self.allowed, self.days, strict=True):
            possible = [n for n in nodes if (self.follows(road[-1], n) if road else self._may_begin(n))]
            if not possible:
                return None
            road.append(min(possible, key=lambda n: (n.cost(days), self.nok(n, days), n.id)))
        cost = sum(span * node.cost(days) for span, node, days in zip(years, road, self.days, strict=True))
        return Road(tuple(road), cost)


def _order(road: tuple[float, float, tuple[Node, ...]]) -> tuple[float, float, tuple[str, ...]]:
    cost, nok, nodes = road
    return round(cost, 6), round(nok, 2), tuple(node.id for node in nodes)


def efficient(nodes: Sequence[Node], nok: Callable[[Node], float], cost: Callable[[Node], float]) -> list[Node]:
    """Nodes that no other beats in both NOK and cost a year, in order of NOK (Pareto front)."""
    front: list[Node] = []
    for node in sorted(nodes, key=lambda each: (nok(each), cost(each), each.id)):
        if not front or cost(node) < cost(front[-1]) - 1e-9:
            front.append(node)
    return front
