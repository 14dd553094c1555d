"""Values of a roadmap's page: the steps with their hours as bars, the money as a chart, and why each step was taken.

Every figure stands in the answer (domain/planning/roadmap/result.py); this module gives it a place and words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.planning.roadmap.definition import TODAY, Roadmap
from shuttle.domain.planning.roadmap.result import (
    AlternativeResult,
    CaseResult,
    NodeResult,
    RoadmapResult,
    StepResult,
)
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.language.roadmap_texts import case_text, cases_basis, gap_text
from shuttle.web.pages.planning.pictures import Axis, day_axis, round_axis, stop_names

FIRST, LAST = parse_time_of_day("06:00"), parse_time_of_day("24:00")
TALL, BOTTOM = 300.0, 260.0
SHOWN_ALTERNATIVES = 5
EARLY = 10
"""Minutes before opening at which an arrival is still shown."""
HUNDRED_THOUSAND = 100_000


@dataclass(frozen=True, kw_only=True)
class HoursRow:
    """A centre's hours on a day type: text, (x, width) of each window, and x of each departure that arrives there."""

    name: str
    day_type: str
    text: str
    bars: tuple[tuple[float, float], ...]
    departures: tuple[float, ...]
    times: str


@dataclass(frozen=True, kw_only=True)
class StepView:
    """A step of the road in words."""

    starts: date
    hours: str
    option: str
    rows: tuple[HoursRow, ...]
    served: str
    waited: str
    nok: str
    staff: str
    budget: str
    left: str
    changes: str
    why: tuple[str, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A combination of hours and timetable in the chart. `number`: the step that takes it, or empty."""

    x: float
    y: float
    label: str
    efficient: bool
    number: str = ""


@dataclass(frozen=True)
class MoneyRow:
    """An efficient combination. `point`: its node's id, or empty where the run does not keep its timetables."""

    cells: tuple[str, ...]
    point: str


@dataclass(frozen=True, kw_only=True)
class MoneyChart:
    """Riders a year against NOK a year. `line`: the efficient combinations; `today`: the place of today's timetable."""

    x: Axis
    y: Axis
    dots: tuple[Dot, ...]
    line: str
    today: tuple[float, float] | None
    rows: tuple[MoneyRow, ...]


@dataclass(frozen=True, kw_only=True)
class RoadmapView:
    """All of the page's values. `greedy`, `gap`: sentences."""

    axis: Axis
    steps: tuple[StepView, ...]
    chart: MoneyChart | None
    greedy: str
    gap: str
    cases: tuple[str, ...]
    fronts: tuple[int, int]
    assumed: tuple[str, ...]


class _Writer:
    """Words, names of stops, day types and options."""

    def __init__(self, roadmap: Roadmap, schedule: Schedule, words: Words) -> None:
        self.words = words
        self.stops = stop_names(schedule)
        self.days = {kind.id: kind.names.of(words.language) for kind in schedule.calendar.day_types}
        self._options = {option.id: option.name for option in roadmap.options}

    def option(self, state: str) -> str:
        if state == TODAY:
            return self.words.say("roadmap.as_today")
        return ", ".join(self._options.get(each, each) for each in state.split("+"))

    def nok(self, amount: float) -> str:
        return self.words.say("roadmap.nok", amount=self.words.number(round(amount, -3)))


def roadmap_view(answer: RoadmapResult, roadmap: Roadmap, schedule: Schedule, words: Words) -> RoadmapView:
    """The view of an answer."""
    writer, axis = _Writer(roadmap, schedule, words), day_axis(FIRST, LAST, words)
    done = sum(front["proposals"] > 0 for front in answer["fronts"])
    return RoadmapView(
        axis=axis,
        steps=tuple(_step(step, axis, writer) for step in answer["steps"]),
        chart=_chart(answer, writer) if answer["nodes"] else None,
        greedy=_greedy(answer, writer),
        gap=gap_text(answer["gap"], words) if answer["steps"] else "",
        cases=_cases(answer["cases"], words),
        fronts=(done, len(answer["fronts"])),
        assumed=tuple(words.say(f"roadmap.assumed.{name.partition('.')[0]}") for name in answer["assumed"]),
    )


def _step(step: StepResult, axis: Axis, writer: _Writer) -> StepView:
    words = writer.words
    counts = step["changes"]
    numbers = {"moved": counts["moved"], "dropped": counts["dropped"], "added": counts["added"]}
    changes = [words.say(f"roadmap.changed.{k}", count=words.number(number)) for k, number in numbers.items() if number]
    return StepView(
        starts=date.fromisoformat(step["starts"]),
        hours=writer.option(step["option"]),
        option=step["option"],
        rows=tuple(_hours_rows(step, axis, writer)),
        served=words.number(step["served_a_year"]),
        waited=words.number(step["cost_a_year"] / 60),
        nok=writer.nok(step["nok_a_year"]),
        staff=writer.nok(step["staff_nok_a_year"]),
        budget=writer.nok(step["budget_nok_a_year"]),
        left=writer.nok(step["budget_nok_a_year"] - step["nok_a_year"]),
        changes=", ".join(changes) or words.say("roadmap.nothing_changes"),
        why=tuple(_why(step, each, writer) for each in step["alternatives"][:SHOWN_ALTERNATIVES]),
        measures=tuple(
            words.say(
                "roadmap.measure",
                stop=writer.stops.get(each["stop"], each["stop"]),
                goal=words.number(each["goal"]),
                expected=words.number(each["expected"]),
                weeks=words.number(each["weeks"]),
            )
            for each in step["measures"]
        ),
    )


def _hours_rows(step: StepResult, axis: Axis, writer: _Writer) -> list[HoursRow]:
    """Each centre on each day type, in the order of the proposal's day types; departures that arrive while it is open."""
    rows = []
    for stop, days in step["opening_hours"].items():
        for day_type in step["proposal"]:
            spans = [(parse_time_of_day(a), parse_time_of_day(b)) for a, b in days.get(day_type, [])]
            arrivals = [
                minute
                for trip in step["day_types"][day_type]["trips"]
                for call in trip["calls"][1:]
                if call["stop"] == stop
                for minute in [parse_time_of_day(call["arrives_at"])]
                if any(opens - EARLY <= minute <= closes for opens, closes in spans)
            ]
            text = ", ".join(f"{writer.words.clock_text(a)}–{writer.words.clock_text(b)}" for a, b in spans)
            rows.append(
                HoursRow(
                    name=writer.stops.get(stop, stop),
                    day_type=writer.days.get(day_type, day_type),
                    text=text or writer.words.say("roadmap.closed"),
                    bars=tuple((axis.x(a), round(axis.x(b) - axis.x(a), 1)) for a, b in spans),
                    departures=tuple(axis.x(minute) for minute in sorted(arrivals)),
                    times=", ".join(writer.words.clock_text(minute) for minute in sorted(arrivals)),
                )
            )
    return rows


def _why(step: StepResult, other: AlternativeResult, writer: _Writer) -> str:
    """Reason against another choice of hours."""
    words, option = writer.words, writer.option(other["option"])
    if other["over_budget"] > 0:
        return words.say("roadmap.why.over_budget", option=option, amount=writer.nok(other["over_budget"]))
    if other["shrinks"]:
        return words.say("roadmap.why.shrinks", option=option)
    hours, riders = other["cost_a_year"] - step["cost_a_year"], other["served_a_year"] - step["served_a_year"]
    key = "roadmap.why.worse" if hours >= 0 else "roadmap.why.later"
    return words.say(
        key,
        option=option,
        hours=words.number(abs(hours) / 60),
        riders=words.number(abs(riders)),
        more=words.say("roadmap.more" if riders > 0 else "roadmap.fewer"),
        amount=writer.nok(other["nok_a_year"]),
    )


def _chart(answer: RoadmapResult, writer: _Writer) -> MoneyChart:
    words, nodes, today = writer.words, answer["nodes"], answer["today"]
    points = [(node["nok_a_year"], node["served_a_year"]) for node in nodes]
    if today:
        points.append((today["nok_a_year"], today["served_a_year"]))
    x = round_axis(min(p[0] for p in points), max(p[0] for p in points), 80.0, 930.0, words)
    y = round_axis(min(p[1] for p in points), max(p[1] for p in points), BOTTOM, 20.0, words)
    taken: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for number, step in enumerate(answer["steps"], start=1):
        taken.setdefault((step["option"], tuple(step["proposal"].values())), []).append(str(number))
    dots = [
        Dot(
            x=x.x(node["nok_a_year"]),
            y=y.x(node["served_a_year"]),
            label=f"{writer.option(node['option'])}: {writer.nok(node['nok_a_year'])}",
            efficient=node["efficient"],
            number=", ".join(taken.get((node["option"], tuple(node["proposal"].values())), [])),
        )
        for node in nodes
    ]
    best = [node for node in nodes if node["efficient"]]
    line = " ".join(f"{x.x(node['nok_a_year'])},{y.x(node['served_a_year'])}" for node in best)
    place = (x.x(today["nok_a_year"]), y.x(today["served_a_year"])) if today else None
    return MoneyChart(x=x, y=y, dots=tuple(dots), line=line, today=place, rows=tuple(_money_rows(best, answer, writer)))


def _money_rows(best: Sequence[NodeResult], answer: RoadmapResult, writer: _Writer) -> list[MoneyRow]:
    """The efficient combinations; what 100,000 NOK more bring from each to the next."""
    words, rows, before = writer.words, list[MoneyRow](), None
    is_kept = all("key" in front for front in answer["fronts"])
    for node in best:
        gain = ""
        if before is not None and node["nok_a_year"] > before["nok_a_year"]:
            lakhs = (node["nok_a_year"] - before["nok_a_year"]) / HUNDRED_THOUSAND
            gain = words.number((before["cost_a_year"] - node["cost_a_year"]) / 60 / lakhs)
        buses = " + ".join(each.rpartition("-")[2] for each in node["proposal"].values())
        cells = (
            writer.option(node["option"]),
            buses,
            writer.nok(node["nok_a_year"]),
            words.number(node["served_a_year"]),
            words.number(node["cost_a_year"] / 60),
            gain,
        )
        rows.append(MoneyRow(cells, node["id"] if is_kept else ""))
        before = node
    return rows


def _greedy(answer: RoadmapResult, writer: _Writer) -> str:
    words, greedy = writer.words, answer["greedy"]
    if not answer["steps"] or answer["cost"] is None:
        return ""
    if greedy["cost"] is None:
        return words.say("roadmap.greedy_stuck")
    more = (greedy["cost"] - answer["cost"]) / 60
    if more < 1:
        return words.say("roadmap.greedy_same")
    options = ", ".join(writer.option(step["option"]) for step in greedy["steps"])
    return words.say("roadmap.greedy_worse", hours=words.number(more), options=options)


def _cases(cases: Sequence[CaseResult], words: Words) -> tuple[str, ...]:
    if not cases:
        return ()
    broken = [case_text(case, words) for case in cases if not case["holds"]]
    return (*(broken or [words.say("roadmap.cases_hold")]), cases_basis(cases, words))


def option_hours(roadmap: Roadmap, schedule: Schedule, words: Words) -> Mapping[str, str]:
    """Option -> its hours in words."""
    days = {kind.id: kind.names.of(words.language) for kind in schedule.calendar.day_types}
    texts = {}
    for option in roadmap.options:
        parts = []
        for day_type, windows in option.windows.items():
            spans = ", ".join(f"{words.clock_text(a)}–{words.clock_text(b)}" for a, b in windows)
            parts.append(f"{days.get(day_type, day_type)} {spans or words.say('roadmap.closed')}")
        texts[option.id] = "; ".join(parts)
    return texts
