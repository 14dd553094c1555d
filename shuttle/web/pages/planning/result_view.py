"""The result of a plan as a page shows it: the front of each day type as a picture, conflicts and relaxations in words.

The result's figures are not recomputed here; places in the picture are the only new numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from shuttle.domain.planning.result import (
    DayTypeResult,
    Figures,
    NoProposal,
    PlanResult,
    ProposalResult,
    RelaxationResult,
    TodayResult,
)
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.language.limits import least_that_works, limit_names
from shuttle.services.planning.ways_out import WayOut, ways_out
from shuttle.web.pages.planning.comparison import Assumption, assumptions
from shuttle.web.pages.planning.pictures import Axis, round_axis

FRONT = (640.0, 340.0)
"""Width and height of the picture of a front."""

FAR = 1.5
"""Today's timetable stands at the upper edge of the picture, with its figure, where it costs more than FAR times the dearest
alternative: the scale would hide the differences between the others."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A proposal in the picture: its place, the ends of its cost interval (`low`, `high`), and the height of its label."""

    id: str
    x: float
    y: float
    low: float
    high: float
    label: float
    knee: bool
    proposal: ProposalResult


@dataclass(frozen=True, kw_only=True)
class DayView:
    """The front of a day type, with today's timetable.

    `line`: places of the proposals that are undominated in driver hours and waiting, from left to right. `no_proposal`: why there is no
    proposal, where there is none. `today_far`: today's timetable waits longer than the picture reaches.
    """

    day_type: str
    name: str
    points: tuple[Point, ...]
    line: tuple[tuple[float, float], ...]
    hours: Axis
    costs: Axis
    today: TodayResult | None
    today_at: tuple[float, float] | None
    today_far: bool
    assumptions: tuple[Assumption, ...]
    no_proposal: NoProposal | None

    @property
    def choices(self) -> tuple[tuple[str, int], ...]:
        """Ids of what can be seen side by side, with the number of trips."""
        today = (("today", self.today["trips_count"]),) if self.today else ()
        return (*today, *((point.id, point.proposal["trips_count"]) for point in self.points))


@dataclass(frozen=True)
class RelaxationView:
    """Requirements without which there is a timetable. `query` opens the scenario with them as wishes; the limit of the front is no
    requirement of the text and is not in it."""

    names: tuple[str, ...]
    day_type: str
    query: str
    figures: RelaxationResult


@dataclass(frozen=True, kw_only=True)
class WayOutView:
    """A button: its description, and the values that it sends."""

    text: str
    way: str
    requirement: str
    day_type: str


@dataclass(frozen=True)
class ConflictView:
    """Requirements that cannot hold together, and the buttons that lead out."""

    names: tuple[str, ...]
    ways: tuple[WayOutView, ...]


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """`least`: sentences on the least limit of the front with which all other requirements hold."""

    days: tuple[DayView, ...]
    conflicts: tuple[ConflictView, ...]
    least: tuple[str, ...]
    relaxations: tuple[RelaxationView, ...]
    assumed: tuple[str, ...]


def result_view(result: PlanResult, schedule: Schedule, words: Words) -> ResultView:
    """The result in the reader's language."""

    def name(day_type: str) -> str:
        return schedule.calendar.names_of(day_type).of(words.language)

    limits = limit_names(result["limits"], words)

    def named(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(limits.get(each, each) for each in names)

    return ResultView(
        days=tuple(_day(day_type, name(day_type), day, words) for day_type, day in result["day_types"].items()),
        conflicts=tuple(
            ConflictView(named(each), tuple(_way(way, limits, name, words) for way in ways_out(result, each)))
            for each in result["conflicts"]
        ),
        least=tuple(filter(None, (least_that_works(each, words) for each in result["limits"]))),
        relaxations=tuple(
            RelaxationView(
                named(each["requirements"]),
                name(each["day_type"]),
                relaxed_query([requirement for requirement in each["requirements"] if requirement not in limits]),
                each,
            )
            for each in result["relaxations"]
        ),
        assumed=tuple(assumption(key, words) for key in result["assumed"]),
    )


def _way(way: WayOut, limits: Mapping[str, str], name: Callable[[str], str], words: Words) -> WayOutView:
    called = limits.get(way.requirement, way.requirement)
    if way.nearest is None:
        text = words.say("way_out.wish", name=called)
    else:
        value, key = way.nearest["value"], way.nearest["key"]
        amount = (
            words.percent(value) if key == "min_share" else words.number(value, 0 if float(value).is_integer() else 1)
        )
        kind = f"way_out.limit.{way.by}" if way.by else f"way_out.{key}"
        text = words.say(kind, value=amount, name=called, day=name(way.day_type))
    return WayOutView(text=text, way=way.way, requirement=way.requirement, day_type=way.day_type)


def relaxed_query(names: Sequence[str]) -> str:
    """The query of `/plan/scenario` that makes these requirements wishes."""
    return urlencode([("relax", name) for name in names])


def assumption(key: str, words: Words) -> str:
    """An unconfirmed fact that a result rests on, in words; the key itself where there is no text for it."""
    text = f"planner.assumed.{key.partition('.')[0]}"
    return words.say(text) if words.knows(text) else key


def _day(day_type: str, name: str, day: DayTypeResult, words: Words) -> DayView:
    proposals, today = day["proposals"], day["today"]
    dearest = max((max(proposal["cost"], _interval(proposal)[1]) for proposal in proposals), default=0.0)
    shown = today if today and proposals else None
    far = shown is not None and shown["cost"] > FAR * dearest
    hours, costs = _axes(proposals, shown, words, far)
    places = [_place(proposal, hours, costs) for proposal in proposals]
    return DayView(
        day_type=day_type,
        name=name,
        points=_points(proposals, places, costs),
        line=undominated(places),
        hours=hours,
        costs=costs,
        today=today,
        today_at=_today_at(shown, hours, costs, far) if shown else None,
        today_far=far,
        assumptions=assumptions(day, words),
        no_proposal=day["no_proposal"],
    )


def _axes(proposals: Sequence[ProposalResult], today: TodayResult | None, words: Words, far: bool) -> tuple[Axis, Axis]:
    """Axes of driver hours (to the right) and of hours of waiting (upwards), without what is far."""
    figures: list[Figures] = [*proposals, *([today] if today and not far else [])]
    hours = [each["driver_minutes"] / 60 for each in figures]
    costs = [each["cost"] / 60 for each in figures]
    costs += [edge / 60 for proposal in proposals for edge in _interval(proposal)]
    width, height = FRONT
    return (
        round_axis(min(hours, default=0), max(hours, default=1), 76, width - 20, words),
        round_axis(min(costs, default=0), max(costs, default=1), height - 56, 36, words),
    )


def _today_at(today: TodayResult, hours: Axis, costs: Axis, far: bool) -> tuple[float, float]:
    """The place of today's timetable; where it is far, at the upper edge, as near as that comes."""
    x, y = _place(today, hours, costs)
    return (min(max(x, hours.start + 10), hours.end), costs.end) if far else (x, y)


def _place(figures: Figures, hours: Axis, costs: Axis) -> tuple[float, float]:
    return hours.x(figures["driver_minutes"] / 60), costs.x(figures["cost"] / 60)


def _points(
    proposals: Sequence[ProposalResult], places: Sequence[tuple[float, float]], costs: Axis
) -> tuple[Point, ...]:
    points = []
    for proposal, (x, y), label in zip(proposals, places, labels(places), strict=True):
        low, high = (costs.x(edge / 60) for edge in _interval(proposal))
        points.append(
            Point(
                id=proposal["id"], x=x, y=y, low=low, high=high, label=label, knee=proposal["knee"], proposal=proposal
            )
        )
    return tuple(points)


def _interval(proposal: ProposalResult) -> tuple[float, float]:
    """The ends of its cost on drawn days; the cost itself while no days were drawn."""
    interval = proposal["interval"]
    return (interval["cost_p5"], interval["cost_p95"]) if interval else (proposal["cost"], proposal["cost"])


def undominated(places: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Places from left to right, each lower in cost (further down in the picture) than all before it."""
    kept: list[tuple[float, float]] = []
    for x, y in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or y > kept[-1][1]:
            kept.append((x, y))
    return tuple(kept)


LABEL = (64.0, 17.0)
"""Width and height of a label in the picture."""


def labels(places: Sequence[tuple[float, float]]) -> list[float]:
    """Heights of the labels beside their points. A label that overlaps an earlier one is moved down."""
    width, height = LABEL
    placed: list[tuple[float, float]] = []
    for x, y in places:
        at = y - 10
        while any(abs(x - left) < width and abs(at - top) < height for left, top in placed):
            at += height
        placed.append((x, at))
    return [at for _, at in placed]
