"""Geometry of the planner's pictures: places of marks, which the templates draw as SVG.

Pictures are drawn on the server, so that they can be read, clicked and printed without a script. A table with the same figures stands
beside each. Lengths are units of the picture's own viewBox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, floor, log10
from typing import TypedDict

from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.duties.duty import DutyResult
from shuttle.domain.planning.result import CallResult
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
    """A linear scale from values (`first` to `last`, minutes or another measure) to places (`start` to `end`); `ticks` are (place, text)."""

    first: float
    last: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...] = ()

    def x(self, value: float) -> float:
        share = (value - self.first) / ((self.last - self.first) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def day_axis(first: Minute, last: Minute, words: Words) -> Axis:
    """Time of day, with a tick every two hours."""
    first, last = first // 60 * 60, ceil(last / 60) * 60
    bare = Axis(first=first, last=last, start=LEFT, end=WIDTH - RIGHT)
    ticks = tuple(
        (bare.x(minute), words.clock_text(minute)) for minute in range(ceil(first / 120) * 120, last + 1, 120)
    )
    return Axis(first=first, last=last, start=LEFT, end=WIDTH - RIGHT, ticks=ticks)


def round_axis(lowest: float, highest: float, start: float, end: float, words: Words, pieces: int = 5) -> Axis:
    """An axis with about `pieces` round steps that includes both values with a margin."""
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


@dataclass(frozen=True, kw_only=True)
class TripLine:
    """A trip in a string-line diagram (Marey diagram). `kind`: `kept`, `added`, `today`, `one` or `other`; `trip`: the id of a draft's own trip."""

    points: str
    dots: tuple[tuple[float, float], ...]
    kind: str
    label: str
    trip: str = ""


@dataclass(frozen=True)
class Strings:
    """A string-line diagram: time to the right, stops downwards, a line for each trip."""

    axis: Axis
    height: float
    stops: tuple[tuple[float, str], ...]
    lines: tuple[TripLine, ...]

    @property
    def per_minute(self) -> float:
        """Width of a minute."""
        return self.axis.x(self.axis.first + 1000) / 1000 - self.axis.x(self.axis.first) / 1000


class DrawnTrip(TypedDict):
    """Drawn trip: its fields for a picture; a trip of a result (`TripResult`) has them."""

    departs: str
    stops: list[str]
    calls: list[CallResult]


Trips = Sequence[DrawnTrip]
Drawn = tuple[str, DrawnTrip, str]


def strings(
    trips: Trips,
    today: Trips,
    added: Sequence[str],
    base: str,
    names: Mapping[str, str],
    words: Words,
    reach: Sequence[Minute] = (),
    ids: Sequence[str] = (),
) -> Strings:
    """The diagram of a timetable over that of today. `added`: departures of `trips` to mark; the axis includes `reach`. `ids`: of the
    trips of a draft, in their order."""
    drawn: list[Drawn] = [("today", trip, "") for trip in today]
    for trip, trip_id in zip(trips, ids or [""] * len(trips), strict=True):
        drawn.append(("added" if trip["departs"] in added else "kept", trip, trip_id))
    return strings_of(drawn, base, names, words, reach)


def strings_of(
    drawn: Sequence[Drawn],
    base: str,
    names: Mapping[str, str],
    words: Words,
    reach: Sequence[Minute] = (),
) -> Strings:
    """The diagram of trips (kind, trip, id), the later ones above the earlier ones; the axis includes `reach`."""
    stops = _stops_in_order([trip for _, trip, _ in drawn], base)
    places = {stop: TOP + 22 + ROW * row for row, stop in enumerate(stops)}
    calls = [call for _, trip, _ in drawn for call in trip["calls"]]
    times = [parse_time_of_day(text) for call in calls for text in (call["arrives_at"], call["departs_at"])]
    times += reach
    axis = day_axis(min(times, default=0), max(times, default=1440), words)
    lines = [replace(_line(trip, kind, axis, places, names, words), trip=of) for kind, trip, of in drawn]
    height = TOP + 44 + ROW * max(len(stops) - 1, 0) + 30
    return Strings(axis, height, tuple((y, names.get(stop, stop)) for stop, y in places.items()), tuple(lines))


def _stops_in_order(trips: Trips, base: str) -> list[str]:
    """The base stop in the middle: trips to different centres are drawn on different sides of it."""
    others = list(dict.fromkeys(stop for trip in trips for stop in trip["stops"] if stop != base))
    half = (len(others) + 1) // 2
    return [*others[:half], base, *others[half:]]


def _line(
    trip: DrawnTrip, kind: str, axis: Axis, places: Mapping[str, float], names: Mapping[str, str], words: Words
) -> TripLine:
    points: list[tuple[float, float]] = []
    dots: list[tuple[float, float]] = []
    for call in trip["calls"]:
        arrives = axis.x(parse_time_of_day(call["arrives_at"]))
        departs = axis.x(parse_time_of_day(call["departs_at"]))
        points += [(arrives, places[call["stop"]]), (departs, places[call["stop"]])]
        dots.append((arrives, places[call["stop"]]))
    label = ", ".join(
        f"{names.get(c['stop'], c['stop'])} {words.clock_text(parse_time_of_day(c['arrives_at']))}"
        for c in trip["calls"]
    )
    return TripLine(points=" ".join(f"{x},{y}" for x, y in points), dots=tuple(dots), kind=kind, label=label)


@dataclass(frozen=True, kw_only=True)
class Band:
    """A centre's coverage over a day: its opening hours, and the covered ones of their minutes. Bars are (x, width), `gaps` minutes."""

    stop: str
    share: float
    open: tuple[tuple[float, float], ...]
    covered: tuple[tuple[float, float], ...]
    gaps: tuple[tuple[Minute, Minute], ...]


def band(stop: str, minutes: Mapping[Minute, bool], axis: Axis) -> Band:
    """The band of a stop. `minutes`: each open minute, in order of time, and whether it is covered."""
    windows = _runs(list(minutes))
    covered = _runs([minute for minute, good in minutes.items() if good])
    gaps = _runs([minute for minute, good in minutes.items() if not good])
    share = sum(minutes.values()) / len(minutes) if minutes else 1.0
    return Band(stop=stop, share=share, open=_bars(windows, axis), covered=_bars(covered, axis), gaps=tuple(gaps))


def _bars(runs: Sequence[tuple[Minute, Minute]], axis: Axis) -> tuple[tuple[float, float], ...]:
    return tuple((axis.x(first), round(max(axis.x(last) - axis.x(first), 1.0), 1)) for first, last in runs)


def _runs(minutes: Sequence[Minute]) -> list[tuple[Minute, Minute]]:
    """Maximal spans of consecutive minutes, as first and last."""
    spans = []
    for _, group in groupby(enumerate(minutes), key=lambda pair: pair[1] - pair[0]):
        several = [minute for _, minute in group]
        spans.append((several[0], several[-1]))
    return spans


@dataclass(frozen=True, kw_only=True)
class DutyBar:
    """A driver's duty: (x, width) of the whole and of its breaks, and the same in minutes; `paid` in minutes."""

    driver: str
    bar: tuple[float, float]
    pauses: tuple[tuple[float, float], ...]
    starts: Minute
    ends: Minute
    breaks: tuple[tuple[Minute, Minute], ...]
    paid: int


def duty_bars(duties: Sequence[DutyResult], axis: Axis) -> tuple[DutyBar, ...]:
    """The duties as bars of a Gantt chart."""
    drawn = []
    for duty in duties:
        starts, ends = parse_time_of_day(duty["starts"]), parse_time_of_day(duty["ends"])
        breaks = tuple((parse_time_of_day(first), parse_time_of_day(last)) for first, last in duty["breaks"])
        bar = (axis.x(starts), round(axis.x(ends) - axis.x(starts), 1))
        drawn.append(
            DutyBar(
                driver=str(duty["driver"]),
                bar=bar,
                pauses=_bars(breaks, axis),
                starts=starts,
                ends=ends,
                breaks=breaks,
                paid=duty["paid_minutes"],
            )
        )
    return tuple(drawn)
