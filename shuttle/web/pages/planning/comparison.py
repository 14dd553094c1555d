"""Comparison of a proposal with today's timetable, with baselines, and under other assumptions.

An interval is hours of waiting on nine of ten drawn days; regret is waiting above the best proposal of the same day. A baseline has as
many departures as the proposal, and may break hard requirements: then it says so and proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shuttle.domain.planning.result import (
    ChangesResult,
    DayTypeResult,
    Figures,
    HindsightResult,
    IntervalResult,
    PastBoardingsResult,
    ProposalResult,
    RegretResult,
    WeighedResult,
)
from shuttle.language import Words
from shuttle.web.pages.planning.pictures import Axis, round_axis

WIDTH, LEFT, ROW = 720.0, 190.0, 40.0
"""Of the picture: its width, where the axis begins, and the height of a row."""


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """A timetable in the comparison. `kind`: `this`, `today` or a baseline's name; `x` and `reach`: its waiting in the picture, and the
    ends of its interval, where it has one."""

    kind: str
    figures: Figures
    allowed: bool
    y: float
    x: float
    reach: tuple[float, float] | None


@dataclass(frozen=True)
class Assumption:
    """A row of the sensitivity table: each proposal weighed under the assumption, by id, and the `best` one."""

    text: str
    as_assumed: bool
    weighed: Mapping[str, WeighedResult]
    best: ProposalResult


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`regret` is None where there is no other proposal; `hindsight` where no drawn day's own best is known."""

    axis: Axis
    height: float
    rows: tuple[ComparisonRow, ...]
    regret: RegretResult | None
    hindsight: HindsightResult | None
    assumptions: tuple[Assumption, ...]

    @property
    def all_allowed(self) -> bool:
        return all(row.allowed for row in self.rows)


@dataclass(frozen=True, kw_only=True)
class _Compared:
    """A timetable before it has a place in the picture."""

    kind: str
    figures: Figures
    allowed: bool = True
    interval: IntervalResult | None = None

    @property
    def edges(self) -> tuple[float, ...]:
        """Hours of waiting that the axis must include."""
        interval = (self.interval["cost_p5"], self.interval["cost_p95"]) if self.interval else ()
        return tuple(minutes / 60 for minutes in (self.figures["cost"], *interval))


def comparison(day: DayTypeResult, proposal: ProposalResult, words: Words) -> Comparison:
    """The proposal beside today's timetable and the baselines of its day type with as many trips."""
    compared = [_Compared(kind="this", figures=proposal, interval=proposal["interval"])]
    if day["today"]:
        compared.append(_Compared(kind="today", figures=day["today"]))
    compared += [
        _Compared(kind=each["name"], figures=each, allowed=each["allowed"])
        for each in day["baselines"]
        if each["trips_count"] == proposal["trips_count"]
    ]
    edges = [edge for each in compared for edge in each.edges]
    axis = round_axis(min(edges), max(edges), LEFT, WIDTH - 24, words)
    return Comparison(
        axis=axis,
        height=ROW * len(compared),
        rows=tuple(_row(each, axis, number) for number, each in enumerate(compared)),
        regret=None if len(day["proposals"]) < 2 else proposal["regret"],
        hindsight=proposal["hindsight"],
        assumptions=assumptions(day, words),
    )


def _row(compared: _Compared, axis: Axis, number: int) -> ComparisonRow:
    x, *interval = (axis.x(edge) for edge in compared.edges)
    return ComparisonRow(
        kind=compared.kind,
        figures=compared.figures,
        allowed=compared.allowed,
        y=ROW * number + ROW / 2,
        x=x,
        reach=(interval[0], interval[1]) if interval else None,
    )


def assumptions(day: DayTypeResult, words: Words) -> tuple[Assumption, ...]:
    """A row for each value of each assumption that was tried."""
    by_id = {each["id"]: each for each in day["proposals"]}
    rows = []
    for row in day["sensitivity"]:
        is_money = row["what"] == "nok_per_driver_hour"
        value = words.kroner(row["value"]) if is_money else words.number(row["value"])
        text = words.say(f"compare.if.{row['what']}", value=value)
        weighed = {each["id"]: each for each in row["proposals"]}
        rows.append(Assumption(text, row["factor"] == 1, weighed, by_id[row["best"]]))
    return tuple(rows)


def past_boardings(changes: ChangesResult) -> dict[str, PastBoardingsResult]:
    """Recorded boardings of each departure that moves or goes, by its time of day today; empty where counts were not looked up."""
    return {each["departs"]: each for each in changes.get("past_boardings", ())}
