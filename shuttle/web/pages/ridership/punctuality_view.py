"""View of punctuality: shares by departure, weekday and leg, and each link's running times beside the planned ones."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.ridership.punctuality import LEAST, BandTimes, Punctual, Shares
from shuttle.domain.timetable.connections import stops_ahead
from shuttle.domain.timetable.network import Network
from shuttle.language import Words
from shuttle.language.headsigns import stops_text
from shuttle.services.ridership.live.punctuality import Punctuality
from shuttle.web.pages.ridership.charts import SCHEMA

MONDAY = date(2024, 1, 1)
"""Any Monday, for the names of weekdays."""

COLOURS = {
    Punctual.EARLY: "#7d6bd6",
    Punctual.ON_TIME: "#2f8f5b",
    Punctual.LATE: "#c9671f",
    Punctual.NOT_REPORTED: "#8a8f98",
}
"""Each has a contrast of 3:1 to the page, light and dark."""

Cells = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BandView:
    """A time band of a link. `proposed`: the chosen percentile; None where too few trips were observed."""

    begins: Minute
    planned: int
    observed: int
    median: int | None
    most: int | None
    proposed: int | None


@dataclass(frozen=True, kw_only=True)
class LinkTimes:
    """A link with its bands. `stood`: some times contain the stay at its end."""

    origin: str
    destination: str
    name: str
    provenance: Provenance
    bands: tuple[BandView, ...]
    stood: bool

    @property
    def can_be_taken(self) -> bool:
        return any(band.proposed is not None for band in self.bands)


@dataclass(frozen=True, kw_only=True)
class PunctualityView:
    """The page's figures. Rows of tables have the texts of their cells; `least`: observations that a proposal needs."""

    whole: Shares
    departures: tuple[Cells, ...]
    weekdays: tuple[Cells, ...]
    legs: tuple[Cells, ...]
    links: tuple[LinkTimes, ...]
    left_out: int
    least: int = LEAST


def punctuality_view(measured: Punctuality, network: Network, percent: int, day: date, words: Words) -> PunctualityView:
    """The view for a chosen percentile; stops have their names of the date `day`."""
    span = measured.of_span
    legs = {_leg_name(network, leg, day, words): shares for leg, shares in span.by_leg.items()}
    weekdays = {words.weekday(MONDAY.replace(day=1 + n)).capitalize(): shares for n, shares in span.by_weekday.items()}
    return PunctualityView(
        whole=span.whole,
        departures=tuple(_cells(departures_by_name(measured, network, day, words).items(), words)),
        weekdays=tuple(_cells(weekdays.items(), words)),
        legs=tuple(_cells(legs.items(), words)),
        links=tuple(_links(measured.bands, network, percent, day, words)),
        left_out=span.left_out,
    )


def departures_by_name(measured: Punctuality, network: Network, day: date, words: Words) -> dict[str, Shares]:
    """`10.00 MO Gyldenpris` -> its shares."""
    return {
        f"{words.clock_text(minute)} {stops_text(network, stops_ahead(list(stops), 1), day, words)}": shares
        for (minute, stops), shares in measured.of_span.by_departure.items()
    }


def _leg_name(network: Network, leg: tuple[str, str], day: date, words: Words) -> str:
    return " – ".join(network.stop_name(stop, day, words.language) for stop in leg)


def _cells(named: Iterable[tuple[str, Shares]], words: Words) -> Iterator[Cells]:
    for name, shares in named:
        on_time = words.percent(shares.on_time) if shares.on_time is not None else "–"
        numbers = (shares.counts[each] for each in COLOURS)
        yield (name, on_time, *(words.number(number) for number in numbers))


def _links(bands: Iterable[BandTimes], network: Network, percent: int, day: date, words: Words) -> Iterator[LinkTimes]:
    by_leg: dict[tuple[str, str], list[BandTimes]] = {}
    for band in bands:
        by_leg.setdefault(band.leg, []).append(band)
    for leg, several in by_leg.items():
        yield LinkTimes(
            origin=leg[0],
            destination=leg[1],
            name=_leg_name(network, leg, day, words),
            provenance=several[0].provenance,
            stood=any(band.stood for band in several),
            bands=tuple(
                BandView(
                    begins=band.begins,
                    planned=band.planned,
                    observed=len(band.minutes),
                    median=band.at(50),
                    most=band.at(85),
                    proposed=band.at(percent) if band.is_enough else None,
                )
                for band in several
            ),
        )


def punctuality_chart(measured: Punctuality, network: Network, day: date, words: Words) -> dict[str, Any]:
    """A bar for each departure, divided by what it was, as a Vega-Lite document; the table beside it has the same numbers."""
    names = {each: words.say(f"punctuality.{each}") for each in COLOURS}
    values = [
        {"departure": name, "was": names[each], "order": order, "departures": shares.counts[each]}
        for name, shares in departures_by_name(measured, network, day, words).items()
        for order, each in enumerate(COLOURS)
    ]
    departure = {"field": "departure", "type": "ordinal", "title": None, "axis": {"labelLimit": 220}}
    number = {
        "field": "departures",
        "type": "quantitative",
        "title": words.say("punctuality.departures"),
        "axis": {"tickMinStep": 1},
    }
    colour = {
        "field": "was",
        "type": "nominal",
        "scale": {"domain": list(names.values()), "range": list(COLOURS.values())},
        "legend": {"title": None, "orient": "top", "columns": 2},
    }
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": "container",
        "height": {"step": 26},
        "autosize": {"type": "fit-x", "contains": "padding"},
        "mark": "bar",
        "encoding": {"y": departure, "x": number, "color": colour, "order": {"field": "order"}},
    }
