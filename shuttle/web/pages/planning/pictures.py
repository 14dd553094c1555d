"""Where the marks of the planner's pictures stand: pure geometry, drawn as SVG by the templates.

A picture is drawn on the server, so that it can be read, clicked and printed without a script, and a table stands beside it.
Lengths are units of the picture's own viewBox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor, log10
from typing import Any

from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words

WIDTH = 960.0
LEFT = 150.0
RIGHT = 30.0
ROW = 84.0
TOP = 20.0


def stop_names(schedule: Schedule) -> dict[str, str]:
    """Names of the stops, by id."""
    return {stop.id: stop.name for stop in schedule.network.stops}


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Minutes (or another measure) along a line: `ticks` are (place, text)."""

    first: float
    last: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...] = ()

    def x(self, value: float) -> float:
        share = (value - self.first) / ((self.last - self.first) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def day_axis(first: Minute, last: Minute, words: Words) -> Axis:
    """The hours of a day, every second one written."""
    first, last = first // 60 * 60, ceil(last / 60) * 60
    bare = Axis(first=first, last=last, start=LEFT, end=WIDTH - RIGHT)
    ticks = tuple(
        (bare.x(minute), words.clock_text(minute)) for minute in range(ceil(first / 120) * 120, last + 1, 120)
    )
    return Axis(first=first, last=last, start=LEFT, end=WIDTH - RIGHT, ticks=ticks)


def round_axis(lowest: float, highest: float, start: float, end: float, words: Words, pieces: int = 5) -> Axis:
    """An axis with round numbers that has room for both ends."""
    span = (highest - lowest) or max(abs(highest), 1.0)
    rough = span / pieces
    unit = 10.0 ** floor(log10(rough))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= rough)
    first, last = floor((lowest - span * 0.05) / step) * step, ceil((highest + span * 0.05) / step) * step
    bare = Axis(first=first, last=last, start=start, end=end)
    count = round((last - first) / step)
    decimals = 0 if step >= 1 else ceil(-log10(step))
    ticks = tuple((bare.x(first + n * step), words.number(first + n * step, decimals)) for n in range(count + 1))
    return Axis(first=first, last=last, start=start, end=end, ticks=ticks)


@dataclass(frozen=True)
class TripLine:
    """A trip in a string-line diagram: its points, and what it is (`kept`, `added`, `today`)."""

    points: str
    dots: tuple[tuple[float, float], ...]
    kind: str
    label: str


@dataclass(frozen=True)
class Strings:
    """Time to the right, stops downwards: every trip is a line from stop to stop."""

    axis: Axis
    height: float
    stops: tuple[tuple[float, str], ...]
    lines: tuple[TripLine, ...]


Trips = Sequence[Mapping[str, Any]]
"""Trips as the answer of a plan has them."""


def strings(
    trips: Trips,
    today: Trips,
    added: Sequence[str],
    base: str,
    names: Mapping[str, str],
    words: Words,
    reach: Sequence[Minute] = (),
) -> Strings:
    """The diagram of a proposal upon today's timetable; its axis reaches over `reach` as well."""
    stops = _stops_in_order(trips, today, base)
    places = {stop: TOP + 22 + ROW * row for row, stop in enumerate(stops)}
    edges = ("arrives_at", "departs_at")
    times = [parse_time_of_day(call[edge]) for trip in (*trips, *today) for call in trip["calls"] for edge in edges]
    times += reach
    axis = day_axis(min(times, default=0), max(times, default=1440), words)
    lines = [_line(trip, "today", axis, places, names, words) for trip in today]
    lines += [
        _line(trip, "added" if trip["departs"] in added else "kept", axis, places, names, words) for trip in trips
    ]
    height = TOP + 44 + ROW * max(len(stops) - 1, 0) + 30
    return Strings(axis, height, tuple((y, names.get(stop, stop)) for stop, y in places.items()), tuple(lines))


def _stops_in_order(trips: Trips, today: Trips, base: str) -> list[str]:
    """The base stop in the middle, so that a trip to either side is a tooth of its own."""
    others = list(dict.fromkeys(stop for trip in (*today, *trips) for stop in trip["stops"] if stop != base))
    half = (len(others) + 1) // 2
    return [*others[:half], base, *others[half:]]


def _line(
    trip: Mapping[str, Any], kind: str, axis: Axis, places: Mapping[str, float], names: Mapping[str, str], words: Words
) -> TripLine:
    points: list[tuple[float, float]] = []
    dots: list[tuple[float, float]] = []
    for call in trip["calls"]:
        arrives, departs = (axis.x(parse_time_of_day(call[edge])) for edge in ("arrives_at", "departs_at"))
        points += [(arrives, places[call["stop"]]), (departs, places[call["stop"]])]
        dots.append((arrives, places[call["stop"]]))
    label = ", ".join(
        f"{names.get(c['stop'], c['stop'])} {words.clock_text(parse_time_of_day(c['arrives_at']))}"
        for c in trip["calls"]
    )
    return TripLine(" ".join(f"{x},{y}" for x, y in points), tuple(dots), kind, label)


@dataclass(frozen=True, kw_only=True)
class Band:
    """A centre's day: its open windows, and the minutes of them at which who sets out arrives in time. Pairs are (x, width)."""

    stop: str
    share: float
    open: tuple[tuple[float, float], ...]
    covered: tuple[tuple[float, float], ...]
    gaps: tuple[tuple[Minute, Minute], ...]


def band(stop: str, minutes: Mapping[Minute, bool], axis: Axis) -> Band:
    """The band of a stop from its open minutes (in order of time)."""
    windows = _runs(list(minutes))
    covered = _runs([minute for minute, good in minutes.items() if good])
    gaps = _runs([minute for minute, good in minutes.items() if not good])
    share = sum(minutes.values()) / len(minutes) if minutes else 1.0
    return Band(stop=stop, share=share, open=_bars(windows, axis), covered=_bars(covered, axis), gaps=tuple(gaps))


def _bars(runs: Sequence[tuple[Minute, Minute]], axis: Axis) -> tuple[tuple[float, float], ...]:
    return tuple((axis.x(first), round(max(axis.x(last) - axis.x(first), 1.0), 1)) for first, last in runs)


def _runs(minutes: Sequence[Minute]) -> list[tuple[Minute, Minute]]:
    """Spans of minutes that follow each other: first and last."""
    spans = []
    for _, group in groupby(enumerate(minutes), key=lambda pair: pair[1] - pair[0]):
        several = [minute for _, minute in group]
        spans.append((several[0], several[-1]))
    return spans


@dataclass(frozen=True, kw_only=True)
class DutyBar:
    """A driver's duty: (x, width) of the whole and of its breaks, and the same in minutes."""

    driver: str
    bar: tuple[float, float]
    pauses: tuple[tuple[float, float], ...]
    starts: Minute
    ends: Minute
    breaks: tuple[tuple[Minute, Minute], ...]
    paid: int


def duty_bars(duties: Sequence[Mapping[str, Any]], axis: Axis) -> tuple[DutyBar, ...]:
    """The duties as a Gantt has them."""
    found = []
    for duty in duties:
        starts, ends = parse_time_of_day(duty["starts"]), parse_time_of_day(duty["ends"])
        breaks = tuple((parse_time_of_day(first), parse_time_of_day(last)) for first, last in duty["breaks"])
        bar = (axis.x(starts), round(axis.x(ends) - axis.x(starts), 1))
        found.append(
            DutyBar(
                driver=str(duty["driver"]),
                bar=bar,
                pauses=_bars(breaks, axis),
                starts=starts,
                ends=ends,
                breaks=breaks,
                paid=int(duty["paid_minutes"]),
            )
        )
    return tuple(found)
