"""The council's page of a roadmap: the road as bars of hours over the years, its costs and its assumptions, on A4 (PDF/UA-1).

All texts are finished; lengths of the bars are shares of the day's width. Bars are drawn by the typesetter, with their words beside them.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shuttle.feeds.printed.typesetting import typeset

_TEMPLATE = Path(__file__).parent / "roadmap.typ"
_REGIONS = {"nb": "NO", "nn": "NO", "en": "GB"}


@dataclass(frozen=True, kw_only=True)
class PrintedHours:
    """A centre's hours on a day type; `bars`: (start, width) and `departures`: places, as shares of the line."""

    name: str
    text: str
    bars: tuple[tuple[float, float], ...]
    departures: tuple[float, ...]
    times: str


@dataclass(frozen=True, kw_only=True)
class PrintedStep:
    """A step: heading, facts as (name, value), hours, sentences."""

    title: str
    facts: tuple[tuple[str, str], ...]
    hours: tuple[PrintedHours, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RoadmapSheet:
    """The page. `ticks`: (place, text) of the hours of the day; `sections`: (heading, sentences) beneath the steps."""

    language: str
    author: str
    title: str
    about: str
    ticks: tuple[tuple[float, str], ...]
    legend: str
    steps: tuple[PrintedStep, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]


def as_pdf(sheet: RoadmapSheet, day: date, fonts: Path | None) -> bytes:
    """The page, dated `day`. `fonts` is the folder of the fonts; without it a serif stands in."""
    data: dict[str, object] = {
        "lang": sheet.language,
        "region": _REGIONS[sheet.language],
        "author": sheet.author,
        "title": sheet.title,
        "about": sheet.about,
        "ticks": [list(tick) for tick in sheet.ticks],
        "legend": sheet.legend,
        "steps": [_step(step) for step in sheet.steps],
        "sections": [[heading, list(sentences)] for heading, sentences in sheet.sections],
    }
    return typeset(_TEMPLATE, data, day, fonts)


def _step(step: PrintedStep) -> dict[str, object]:
    return {
        "title": step.title,
        "facts": [list(fact) for fact in step.facts],
        "hours": [
            {
                "name": hours.name,
                "text": hours.text,
                "bars": [list(bar) for bar in hours.bars],
                "departures": list(hours.departures),
                "times": hours.times,
            }
            for hours in step.hours
        ],
        "sentences": list(step.sentences),
    }
