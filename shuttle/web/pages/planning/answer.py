"""A plan's answer for people: the alternatives as a front to choose from, and what stands against a scenario in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.language.limits import least_that_works, limit_names
from shuttle.web.pages.frame import cost
from shuttle.web.pages.planning.comparison import Assumption, assumptions
from shuttle.web.pages.planning.pictures import Axis, round_axis

FRONT = (640.0, 340.0)
"""Width and height of the picture of a front."""

FAR = 1.5
"""Where today's timetable costs more than so many times the dearest alternative it stands in the table only: it would press
the others together."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A proposal in the picture: its place, (top, bottom) of what its cost may come to, and the height of its label."""

    id: str
    x: float
    y: float
    low: float
    high: float
    label: float
    knee: bool
    proposal: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class DayAnswer:
    """The alternatives of a day type. `today` is the timetable that runs now, with the same figures. `no_proposal`: why there is no
    alternative, where there is none.

    `line`: places of the alternatives that no other is at least as good as, in driver hours and waiting, from left to right.
    """

    day_type: str
    name: str
    points: tuple[Point, ...]
    line: tuple[tuple[float, float], ...]
    hours: Axis
    costs: Axis
    today: Mapping[str, Any] | None
    today_at: tuple[float, float] | None
    assumptions: tuple[Assumption, ...]
    no_proposal: str


@dataclass(frozen=True)
class Relaxation:
    """Requirements without which there is an answer; `query` opens the scenario with them as wishes, the limit of its front apart."""

    names: tuple[str, ...]
    day_type: str
    query: str
    found: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    days: tuple[DayAnswer, ...]
    conflicts: tuple[tuple[str, ...], ...]
    least: tuple[str, ...]
    relaxations: tuple[Relaxation, ...]
    assumed: tuple[str, ...]


def answer_view(answer: Mapping[str, Any], schedule: Schedule, words: Words) -> AnswerView:
    """What the page of a run shows of its answer."""

    def name(day_type: str) -> str:
        return schedule.calendar.names_of(day_type).of(words.language)

    limits = limit_names(answer.get("limits", ()), words)

    def named(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(limits.get(each, each) for each in names)

    return AnswerView(
        days=tuple(_day(day_type, name(day_type), found, words) for day_type, found in answer["day_types"].items()),
        conflicts=tuple(map(named, answer["conflicts"])),
        least=tuple(filter(None, (least_that_works(each, words) for each in answer.get("limits", ())))),
        relaxations=tuple(
            Relaxation(
                named(r["requirements"]),
                name(r["day_type"]),
                relaxed_query([each for each in r["requirements"] if each not in limits]),
                r,
            )
            for r in answer["relaxations"]
        ),
        assumed=tuple(assumption(key, words) for key in answer["assumed"]),
    )


def relaxed_query(names: Sequence[str]) -> str:
    return urlencode([("relax", name) for name in names])


def assumption(key: str, words: Words) -> str:
    """What an answer rests on without confirmation, in words."""
    known = f"planner.assumed.{key.partition('.')[0]}"
    return words.say(known) if words.knows(known) else key


def _day(day_type: str, name: str, found: Mapping[str, Any], words: Words) -> DayAnswer:
    proposals, today = found["proposals"], found["today"]
    edges = [p["interval"][edge] for p in proposals if p["interval"] for edge in ("cost_p5", "cost_p95")]
    dearest = max([*edges, *(cost(p) for p in proposals)], default=0.0)
    near = today if today and proposals and cost(today) <= FAR * dearest else None
    shown = [*proposals, *([near] if near else [])]
    edges += [cost(p) for p in shown]
    hours_each = [p["driver_minutes"] / 60 for p in shown]
    width, height = FRONT
    hours = round_axis(min(hours_each, default=0), max(hours_each, default=1), 76, width - 20, words)
    costs = round_axis(min(edges, default=0) / 60, max(edges, default=60) / 60, height - 56, 36, words)
    places = [(hours.x(p["driver_minutes"] / 60), costs.x(cost(p) / 60)) for p in proposals]
    points = tuple(
        Point(
            id=p["id"],
            x=place[0],
            y=place[1],
            low=costs.x(low / 60),
            high=costs.x(high / 60),
            label=label,
            knee=p["knee"],
            proposal=p,
        )
        for p, place, label in zip(proposals, places, labels(places), strict=True)
        for low, high in [_reach(p)]
    )
    at = (hours.x(near["driver_minutes"] / 60), costs.x(cost(near) / 60)) if near else None
    line, why = undominated(places), found.get("no_proposal") or "not_found"
    return DayAnswer(
        day_type=day_type,
        name=name,
        points=points,
        line=line,
        hours=hours,
        costs=costs,
        today=today,
        today_at=at,
        assumptions=assumptions(found, words),
        no_proposal=why,
    )


def _reach(proposal: Mapping[str, Any]) -> tuple[float, float]:
    """What its cost may come to on a drawn day; the cost itself while no days were drawn."""
    interval = proposal["interval"]
    return (interval["cost_p5"], interval["cost_p95"]) if interval else (cost(proposal), cost(proposal))


def undominated(places: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Places from left to right, each lower in cost (further down in the picture) than all before it."""
    kept: list[tuple[float, float]] = []
    for x, y in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or y > kept[-1][1]:
            kept.append((x, y))
    return tuple(kept)


LABEL = (64.0, 17.0)
"""Room that a label takes in the picture: width and height."""


def labels(places: Sequence[tuple[float, float]]) -> list[float]:
    """Heights of the labels beside their points, each pushed down until it stands clear of those before it."""
    wide, high = LABEL
    found: list[tuple[float, float]] = []
    for x, y in places:
        at = y - 10
        while any(abs(x - left) < wide and abs(at - top) < high for left, top in found):
            at += high
        found.append((x, at))
    return [at for _, at in found]
