"""Stop details: address, way, platform, links to a map, and a drawing of all stops to scale.

The drawing needs no other host: positions become kilometres around their middle (an equirectangular projection, exact enough for
a town), and the link to a map is followed by whoever wants to.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import cos, radians
from urllib.parse import quote

from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.pictures import StopPicture
from shuttle.domain.timetable.network import Stop
from shuttle.feeds.places import mark_of

KM_PER_DEGREE = 111.2
WIDE, HIGH = 180, 260
"""Largest size of the drawn area, in units of the drawing."""

MARGIN, LABEL = 16, 170
LINE = 20
"""Room for the line of a name."""

LENGTHS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)
"""Lengths that the bar of the scale may have, km."""

LONGEST_BAR = 100


@dataclass(frozen=True, kw_only=True)
class StopDetails:
    """Directions to a stop. `geo`, `map`: addresses of a map; empty where the position or the setting is missing."""

    id: str
    name: str
    mark: int
    address: str
    way: str
    quay: str
    wheelchair: bool | None
    assumed: bool
    geo: str
    map: str
    picture: StopPicture | None


@dataclass(frozen=True, kw_only=True)
class DrawnStop:
    """A stop in the drawing; `label`: the height of its name."""

    name: str
    mark: int
    x: float
    y: float
    label: float


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """The stops to scale, north is up. `lines`: links as (x, y, x, y); `bar`: length in units of the drawing, and in km.

    A point (x, y) is at `north` - y * `north_per_unit` and `west` + x * `east_per_unit` degrees.
    """

    width: float
    height: float
    stops: tuple[DrawnStop, ...]
    lines: tuple[tuple[float, float, float, float], ...]
    bar: tuple[float, float]
    north: float
    west: float
    north_per_unit: float
    east_per_unit: float


def stop_details(schedule: Schedule, stops: Iterable[Stop], language: str, map_address: str) -> tuple[StopDetails, ...]:
    """The stops in their order. `map_address`: with `{lat}` and `{lon}` in it; empty: no such link."""
    return tuple(
        StopDetails(
            id=stop.id,
            name=stop.name_in(language),
            mark=mark_of(schedule.network, stop.id),
            address=stop.address,
            way=stop.way,
            quay=stop.quay,
            wheelchair=stop.wheelchair,
            assumed=stop.provenance.assumed,
            geo=""
            if stop.lat is None
            else f"geo:{stop.lat},{stop.lon}?q={quote(f'{stop.lat},{stop.lon}({stop.name})')}",
            picture=next((each for each in schedule.pictures if each.stop == stop.id), None),
            map="" if stop.lat is None else map_address.replace("{lat}", f"{stop.lat}").replace("{lon}", f"{stop.lon}"),
        )
        for stop in stops
    )


def drawing(schedule: Schedule, day: date, language: str) -> Drawing | None:
    """The drawing of the stops in use on a date; None where fewer than two are at different positions."""
    placed = [stop for stop in schedule.network.on(day).stops.values() if stop.lat is not None and stop.lon is not None]
    km = {stop.id: _km(stop, placed) for stop in placed}
    across = _extent([x for x, _ in km.values()])
    down = _extent([y for _, y in km.values()])
    if max(across, down) == 0:
        return None
    scale = min(WIDE / across if across else HIGH / down, HIGH / down if down else WIDE / across)
    west, north = min(x for x, _ in km.values()), max(y for _, y in km.values())
    at = {
        stop: (round(MARGIN + (x - west) * scale, 1), round(MARGIN + (north - y) * scale, 1))
        for stop, (x, y) in km.items()
    }
    links = {
        tuple(sorted(link))
        for pattern in schedule.network.patterns
        for link in pairwise(pattern.stops)
        if {*link} <= {*at}
    }
    labels = _labels({stop: y for stop, (_, y) in at.items()})
    length = max((each for each in LENGTHS if each * scale <= LONGEST_BAR), default=LENGTHS[0])
    return Drawing(
        width=round(2 * MARGIN + across * scale + LABEL, 1),
        height=round(max(MARGIN + down * scale, *labels.values()) + 3 * MARGIN, 1),
        stops=tuple(
            DrawnStop(
                name=stop.name_in(language),
                mark=mark_of(schedule.network, stop.id),
                x=at[stop.id][0],
                y=at[stop.id][1],
                label=labels[stop.id],
            )
            for stop in placed
        ),
        lines=tuple((*at[one], *at[other]) for one, other in sorted(links)),
        bar=(round(length * scale, 1), length),
        north=(north + MARGIN / scale) / KM_PER_DEGREE,
        west=(west - MARGIN / scale) / (KM_PER_DEGREE * _narrowing(placed)),
        north_per_unit=1 / (scale * KM_PER_DEGREE),
        east_per_unit=1 / (scale * KM_PER_DEGREE * _narrowing(placed)),
    )


def _km(stop: Stop, all_stops: list[Stop]) -> tuple[float, float]:
    assert stop.lat is not None and stop.lon is not None
    return stop.lon * KM_PER_DEGREE * _narrowing(all_stops), stop.lat * KM_PER_DEGREE


def _narrowing(stops: list[Stop]) -> float:
    """Length of a degree of longitude as a share of one of latitude, at the middle of the stops."""
    return cos(radians(sum(stop.lat or 0.0 for stop in stops) / len(stops)))


def _extent(values: list[float]) -> float:
    return max(values) - min(values) if values else 0.0


def _labels(heights: dict[str, float]) -> dict[str, float]:
    """Heights of the names, from the top down, no two closer than a line."""
    labels: dict[str, float] = {}
    last = float("-inf")
    for stop, height in sorted(heights.items(), key=lambda each: each[1]):
        last = max(height, last + LINE)
        labels[stop] = round(last, 1)
    return labels
