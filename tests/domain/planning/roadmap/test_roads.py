"""Roads of a roadmap: the worked example of the definition, and on small networks every road tried."""

from collections.abc import Mapping
from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.roadmap.definition import (
    ChangeLimit,
    DayHours,
    HoursOption,
    HoursState,
    Roadmap,
    StaffRates,
    Step,
    years_of,
)
from shuttle.domain.planning.roadmap.nodes import DayPoint, Node, nodes_of
from shuttle.domain.planning.roadmap.roads import Road, RoadNetwork, efficient
from shuttle.domain.timetable.network import Call, Supplement

NESTTUN = "mo-nesttun"
NOW: DayHours = {(NESTTUN, "weekday"): ((540, 900),)}
DAYS = {"weekday": 250}


def point(cost: float, nok: float, trips: tuple[PlannedTrip, ...] = (), bound: float | None = None) -> DayPoint:
    return DayPoint(
        id=f"{cost:g}",
        day_type="weekday",
        cost=cost,
        bound=cost if bound is None else bound,
        nok=nok,
        served=40,
        trips=trips,
    )


def trip(minute: int) -> PlannedTrip:
    stops = ("vagsbunnen", NESTTUN)
    calls = (Call(stops[0], 1, minute, minute), Call(stops[1], 2, minute + 20, minute + 20))
    return PlannedTrip(stops=stops, calls=calls, busy_until=minute + 45)


def option(name: str, closes: int) -> HoursOption:
    return HoursOption(id=name, name=name, stop=NESTTUN, windows={"weekday": ((540, closes),)})


def roadmap(*budgets: float, **more: object) -> Roadmap:
    values: dict[str, object] = {
        "id": "example",
        "name": "Example",
        "scenario": "evening",
        "options": (option("til-19", 1140),),
        "staff": StaffRates(nok_per_hour={"weekday": 1200}),
        "steps": tuple(Step(starts=date(2027 + 2 * n, 1, 1), budget=b) for n, b in enumerate(budgets)),
        **more,
    }
    return Roadmap(**values)  # type: ignore[arg-type]


def example(budget: float) -> RoadNetwork:
    """Two options; points 900/4,000 and 700/5,000 today, 800/4,500 and 500/6,000 til-19; 4 hours of staff more."""
    plan = roadmap(budget)
    states = plan.states(NOW)
    fronts = [(point(900, 4000), point(700, 5000)), (point(800, 4500), point(500, 6000))]
    points = {("weekday", state.windows_on("weekday")): front for state, front in zip(states, fronts, strict=True)}
    return RoadNetwork(plan, nodes_of(states, ["weekday"], points), [DAYS], NOW)


def test_the_example_has_its_four_sums_of_nok_a_year() -> None:
    network = example(3_000_000)
    assert [network.nok(node, DAYS) for node in network.nodes] == [1_000_000, 1_250_000, 2_325_000, 2_700_000]


@pytest.mark.parametrize(
    ("budget", "chosen"),
    [(1_500_000, "today/700"), (2_500_000, "today/700"), (2_699_999, "today/700"), (2_700_000, "til-19/500")],
)
def test_the_example_takes_the_node_that_the_budget_allows(budget: float, chosen: str) -> None:
    road = example(budget).optimal()
    assert [node.id for node in road.nodes] == [chosen]
    assert road.cost == 2 * 250 * float(chosen.split("/")[1])  # the only step counts two years


def test_a_budget_that_no_node_meets_is_told_with_the_least_that_works() -> None:
    with pytest.raises(Invalid) as refused:
        example(900_000).optimal()
    assert (refused.value.given, refused.value.allowed) == ("900000 NOK a year", "at least 1000000")
    assert refused.value.faults[0].path == ("steps", 0, "budget_nok_a_year")


def test_hours_that_closed_are_not_taken_after_hours_that_opened() -> None:
    """With a small budget last, the first step may not open what the second cannot pay."""
    plan = roadmap(2_700_000, 1_250_000)
    shrinking = roadmap(2_700_000, 1_250_000, hours_only_grow=False)
    nodes = example(1).nodes
    assert [n.id for n in RoadNetwork(plan, nodes, [DAYS] * 2, NOW).optimal().nodes] == ["today/700"] * 2
    assert [n.id for n in RoadNetwork(shrinking, nodes, [DAYS] * 2, NOW).optimal().nodes] == ["til-19/500", "today/700"]


def test_a_decided_step_keeps_its_option() -> None:
    steps = (Step(starts=date(2027, 1, 1), budget=9e6, option="today"), Step(starts=date(2029, 1, 1), budget=9e6))
    road = RoadNetwork(roadmap(steps=steps), example(1).nodes, [DAYS] * 2, NOW).optimal()
    assert [node.state.id for node in road.nodes] == ["today", "til-19"]


def test_the_greedy_road_looks_no_step_ahead() -> None:
    """Opening at once leaves the second budget without a node, since hours only grow."""
    network = RoadNetwork(roadmap(2_700_000, 1_250_000), example(1).nodes, [DAYS] * 2, NOW)
    assert network.greedy() is None
    later = RoadNetwork(roadmap(1_500_000, 2_700_000), example(1).nodes, [DAYS] * 2, NOW)
    greedy = later.greedy()
    assert greedy is not None and [node.id for node in greedy.nodes] == ["today/700", "til-19/500"]


def test_options_of_different_day_types_combine() -> None:
    weekend = HoursOption(id="helg", name="helg", stop=NESTTUN, windows={"holiday": ((720, 960),)})
    plan = roadmap(1, options=(option("til-17", 1020), option("til-19", 1140), weekend), combine=True)
    now = {**NOW, (NESTTUN, "holiday"): ()}
    assert [state.id for state in plan.states(now)] == [
        "today", "helg", "til-17", "til-17+helg", "til-19", "til-19+helg",
    ]  # fmt: skip


def test_staff_is_paid_for_the_minutes_beyond_todays_hours_alone() -> None:
    evening = Supplement(name="kveld", day_types=("weekday",), starts=1020, ends=1380, nok_per_hour=300)
    rates = StaffRates(nok_per_hour={"weekday": 1200}, supplements=(evening,))
    assert rates.nok_a_day("weekday", ((540, 900),), ((540, 1140),)) == 4 * 1200 + 2 * 300
    assert rates.nok_a_day("weekday", ((540, 900),), ((600, 900),)) == 0
    assert rates.nok_a_day("holiday", (), ((540, 900),)) == 0


def test_years_count_to_the_next_step_and_two_for_the_last() -> None:
    steps = tuple(Step(starts=day, budget=1) for day in (date(2027, 1, 1), date(2029, 1, 1), date(2029, 7, 2)))
    assert years_of(steps) == (2.0, 182 / 365, 2.0)


def test_steps_out_of_order_and_unknown_options_are_each_a_fault() -> None:
    steps = (Step(starts=date(2029, 1, 1), budget=1), Step(starts=date(2027, 1, 1), budget=1, option="til-25"))
    with pytest.raises(Invalid) as refused:
        roadmap(steps=steps)
    assert [fault.path for fault in refused.value.faults] == [("steps", 1, "starts"), ("steps", 1, "option")]


def test_a_limit_on_moved_departures_keeps_the_road_together() -> None:
    early, late, far = (trip(600),), (trip(610),), (trip(900),)
    points = (point(700, 1000, early), point(600, 2000, late), point(500, 3000, far))
    steps = (Step(starts=date(2027, 1, 1), budget=250_000), Step(starts=date(2029, 1, 1), budget=9e6))

    def chosen(limit: ChangeLimit) -> list[str]:
        plan = roadmap(steps=steps, change=limit, options=())
        nodes = nodes_of(plan.states(NOW), ["weekday"], {("weekday", ()): points})
        return [node.points[0].id for node in RoadNetwork(plan, nodes, [DAYS] * 2, NOW).optimal().nodes]

    assert chosen(ChangeLimit()) == ["700", "500"]
    assert chosen(ChangeLimit(dropped=0)) == ["700", "600"]
    assert chosen(ChangeLimit(moved=0, dropped=0)) == ["700", "700"]


STATES = roadmap(1, options=(option("til-17", 1020), option("til-19", 1140))).states(NOW)
TIMES = [(), (trip(600),), (trip(610),), (trip(600), trip(900))]


@st.composite
def networks(draw: st.DrawFn) -> RoadNetwork:
    """At most 3 steps and 5 nodes: 125 roads."""
    nodes = [
        Node(
            state=draw(st.sampled_from(STATES)),
            points=(
                point(
                    cost := draw(st.integers(100, 900)),
                    draw(st.integers(1, 9)) * 1000,
                    draw(st.sampled_from(TIMES)),
                    cost - draw(st.integers(0, 90)),
                ),
            ),
        )
        for _ in range(draw(st.integers(1, 5)))
    ]
    limit = draw(st.sampled_from([None, None, 0, 1]))
    budgets = draw(st.lists(st.integers(1, 6).map(lambda n: n * 500_000), min_size=1, max_size=3))
    plan = roadmap(
        *budgets,
        options=(option("til-17", 1020), option("til-19", 1140)),
        hours_only_grow=draw(st.booleans()),
        change=ChangeLimit(moved=limit, dropped=draw(st.sampled_from([None, 0]))),
    )
    return RoadNetwork(plan, nodes, [{"weekday": draw(st.integers(200, 260))} for _ in budgets], NOW)


def every_road(network: RoadNetwork) -> list[float]:
    """Costs of all roads that keep the rules, said again from the definition."""
    costs, years = [], years_of(network.roadmap.steps)
    for nodes in product(network.nodes, repeat=len(network.roadmap.steps)):
        priced = all(
            network.nok(node, days) <= step.budget + 0.5
            for node, days, step in zip(nodes, network.days, network.roadmap.steps, strict=True)
        )
        closes = [node.state.hours[NESTTUN, "weekday"][0][1] for node in nodes]
        grown = not network.roadmap.hours_only_grow or closes == sorted(closes)
        if priced and grown and all(_changes_kept(network, a, b) for a, b in pairwise(nodes)):
            costs.append(sum(y * n.cost(d) for y, n, d in zip(years, nodes, network.days, strict=True)))
    return costs


def _changes_kept(network: RoadNetwork, earlier: Node, later: Node) -> bool:
    limit, counts = network.roadmap.change, network.changes(earlier, later)
    return (limit.moved is None or counts.moved <= limit.moved) and (
        limit.dropped is None or counts.dropped <= limit.dropped
    )


def cost_of(make: "object") -> float | None:
    try:
        road: Road = make()  # type: ignore[operator]
    except Invalid:
        return None
    return road.cost


@given(networks())
def test_no_road_that_is_tried_beats_the_optimal_one(network: RoadNetwork) -> None:
    tried, best = every_road(network), cost_of(network.optimal)
    assert (best is None) == (not tried)
    if best is not None:
        assert best == pytest.approx(min(tried), abs=1e-6)
        bound = network.optimal(Node.bound, with_change=False).cost
        assert bound <= best + 1e-6
        greedy = network.greedy()
        assert greedy is None or greedy.cost >= best - 1e-6


def test_efficient_nodes_are_beaten_in_both_by_none() -> None:
    nodes = example(1).nodes
    money: Mapping[str, float] = {"900": 1.0, "700": 1.25, "800": 2.325, "500": 2.7}
    chosen = efficient(nodes, lambda n: money[n.points[0].id], lambda n: n.cost(DAYS))
    assert [node.points[0].id for node in chosen] == ["900", "700", "500"]


def test_a_larger_state_contains_the_smaller_one() -> None:
    small = HoursState(id="a", options=(), hours={(NESTTUN, "weekday"): ((540, 900),)})
    large = HoursState(id="b", options=(), hours={(NESTTUN, "weekday"): ((540, 700), (700, 960))})
    assert large.contains(small) and not small.contains(large)
