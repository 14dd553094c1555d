"""How sure a proposal's figures are, and what they are held against: today, what one makes by hand, other assumptions.

A range is waiting in hours on nine drawn days of ten; regret is waiting above the best proposal on the same day. A timetable
made by hand has as many departures as the proposal, and says when it breaks what must hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shuttle.language import Words
from shuttle.web.pages.frame import Figures, cost
from shuttle.web.pages.planning.pictures import Axis, round_axis

WIDTH, LEFT, ROW = 720.0, 190.0, 40.0
"""Of the picture: its width, where the figures begin, and the height of a row."""


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """A timetable in the comparison. `x` and `reach`: waiting in the picture, and (from, to) of its range where it has one."""

    kind: str
    figures: Figures
    allowed: bool
    y: float
    x: float
    reach: tuple[float, float] | None


@dataclass(frozen=True)
class Assumption:
    """A row of the sensitivity table: each proposal weighed so, by id, and the one that is then the best."""

    text: str
    as_assumed: bool
    weighed: Mapping[str, Figures]
    best: Figures


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`regret` is None where there is no other proposal to compare with; `hindsight` where no drawn day's own best is known."""

    axis: Axis
    height: float
    rows: tuple[ComparisonRow, ...]
    regret: Figures | None
    hindsight: Figures | None
    assumptions: tuple[Assumption, ...]

    @property
    def all_allowed(self) -> bool:
        return all(row.allowed for row in self.rows)


def reach(interval: Figures) -> tuple[float, float]:
    """Passenger minutes that 5 % of the drawn days stay below, and 5 % exceed."""
    return interval["cost_p5"], interval["cost_p95"]


def comparison(found: Figures, proposal: Figures, words: Words) -> Comparison:
    """`found`: the answer for the proposal's day type."""
    held: list[tuple[str, Figures]] = [("this", proposal)]
    held += [("today", found["today"])] if found["today"] else []
    held += [(each["name"], each) for each in _by_hand(found, proposal)]
    ranges = [figures["interval"] for _, figures in held if figures.get("interval")]
    costs = [cost(figures) for _, figures in held] + [edge for each in ranges for edge in reach(each)]
    axis = round_axis(min(costs) / 60, max(costs) / 60, LEFT, WIDTH - 24, words)
    rows = tuple(_held(kind, figures, axis, at) for at, (kind, figures) in enumerate(held))
    alone = len(found["proposals"]) < 2
    return Comparison(
        axis=axis,
        height=ROW * len(rows),
        rows=rows,
        regret=None if alone else proposal.get("regret"),
        hindsight=proposal.get("hindsight"),
        assumptions=assumptions(found, words),
    )


def _by_hand(found: Figures, proposal: Figures) -> list[Figures]:
    """What one makes by hand with as many trips; an answer of before such were made has none."""
    return [each for each in found.get("baselines", ()) if each["trips_count"] == proposal["trips_count"]]


def _held(kind: str, figures: Figures, axis: Axis, at: int) -> ComparisonRow:
    interval = figures.get("interval")
    at_edges = (axis.x(reach(interval)[0] / 60), axis.x(reach(interval)[1] / 60)) if interval else None
    allowed = bool(figures.get("allowed", True))
    return ComparisonRow(
        kind=kind, figures=figures, allowed=allowed, y=ROW * at + ROW / 2, x=axis.x(cost(figures) / 60), reach=at_edges
    )


def assumptions(found: Figures, words: Words) -> tuple[Assumption, ...]:
    """A row for each value of each assumption that was tried; none for an answer of before they were."""
    by_id = {each["id"]: each for each in found["proposals"]}
    rows = []
    for row in found.get("sensitivity", ()):
        money = row["what"] == "nok_per_driver_hour"
        value = words.kroner(row["value"]) if money else words.number(row["value"])
        text = words.say(f"compare.if.{row['what']}", value=value)
        weighed = {each["id"]: each for each in row["proposals"]}
        rows.append(Assumption(text, row["factor"] == 1, weighed, by_id[row["best"]]))
    return tuple(rows)


def past_boardings(changes: Figures) -> dict[str, Figures]:
    """What was counted on each departure that moves or goes, by the time at which it leaves today."""
    return {each["departs"]: each for each in changes.get("past_boardings", ())}
