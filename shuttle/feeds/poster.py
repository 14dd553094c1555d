"""The timetable as a poster for a wall: one page, A4 or A3, as a tagged PDF that can be read aloud (PDF/UA-1).

The regular table is the poster; dates with other times stand beneath it and never in it. Dates that do not fit on the page
are counted and pointed at before anything is made smaller. The same schedule and date give the same bytes.
"""

import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Literal

import segno
import typst

from shuttle.domain.departures import Schedule
from shuttle.domain.errors import NotFound, Refused
from shuttle.feeds.timetable_view import Line, SpecialDate, TimetableView, timetable_view
from shuttle.feeds.typesetting import typeset
from shuttle.language import Words, words

Paper = Literal["a4", "a3"]
PAPERS: tuple[Paper, ...] = ("a4", "a3")

_TEMPLATE = Path(__file__).with_name("poster.typ")
_REGIONS = {"nb": "NO", "nn": "NO", "en": "GB"}
_TOO_LONG = "more than one page"


def poster_pdf(
    schedule: Schedule, day: date, language: str, paper: Paper = "a4", address: str = "", fonts: Path | None = None
) -> bytes:
    """The timetable in force on a date. `address` is what the QR code opens; without one there is no code.

    `fonts` is the folder of the fonts, without it a serif stands in. Raises NotFound (`no-timetable`) when none applies.
    """
    said = words(language)
    view = timetable_view(schedule, day, said)
    if not view.parts:
        raise NotFound("no-timetable", f"no timetable applies on {day}", given=day, allowed="a date with a timetable")
    for shown, scale in _attempts(len(view.special)):
        try:
            return typeset(_TEMPLATE, _data(view, said, paper, address, shown) | {"scale": scale}, day, fonts)
        except typst.TypstError as problem:
            if _TOO_LONG not in problem.message:
                raise
    raise Refused(
        "too-long-for-a-poster",
        f"the timetable of {day} has too many departures for a poster",
        given=day,
        allowed="about 100 departures a day type",
    )


def _attempts(special: int) -> list[tuple[int, float]]:
    """Special dates shown, and the scale of the times: first fewer dates, then smaller times."""
    fewer = [special, *(number for number in (16, 12, 8, 4, 0) if number < special)]
    return [*((number, 1.0) for number in fewer), (0, 0.75), (0, 0.55)]


def _data(view: TimetableView, said: Words, paper: Paper, address: str, shown: int) -> dict[str, object]:
    hidden = len(view.special) - shown
    assumed = any(line.assumed for part in view.parts for line in part.lines)
    notes = [
        *([said.say("feeds.poster-address", address=address)] if address else []),
        *([said.say("feeds.times-assumed")] if assumed else []),
    ]
    return {
        "paper": paper,
        "lang": said.language,
        "region": _REGIONS[said.language],
        "author": said.say("service.name"),
        "title": said.say("feeds.departures-name", stop=view.here),
        "valid": _valid(view, said),
        "destinations": _destinations(view, said),
        "special-title": said.say("feeds.poster-special"),
        "special-header": [said.say(f"feeds.poster-{column}") for column in ("date", "why", "times")],
        "special": [_special(special, said) for special in view.special[:shown]],
        "more": said.count("feeds.poster-more", hidden) if hidden else "",
        "notes": notes,
        "source": said.say("feeds.poster-source", source=view.source) if view.source else "",
        "qr": qr_svg(address) if address else "",
        "qr-alt": said.say("feeds.poster-code", address=address),
    }


def _valid(view: TimetableView, said: Words) -> str:
    first, last = view.first and said.date_short(view.first), view.last and said.date_short(view.last)
    if last:
        return said.say("feeds.poster-valid-until", first=first, last=last)
    return said.say("feeds.poster-valid", first=first)


def _destinations(view: TimetableView, said: Words) -> list[dict[str, object]]:
    """A table for each destination, with a column for each day type that has it."""
    names = dict.fromkeys(line.there for part in view.parts for line in part.lines)
    found: list[dict[str, object]] = []
    for there in names:
        lines = [(part.name, line) for part in view.parts for line in part.lines if line.there == there]
        columns = [{"name": name, "times": [said.clock_text(at) for at in line.times]} for name, line in lines]
        about = said.say("feeds.poster-takes", minutes=_minutes(line for _, line in lines))
        found.append({"name": said.say("feeds.poster-to", stop=there), "about": about, "columns": columns})
    return found


def _minutes(lines: Iterable[Line]) -> str:
    """`10`, or `10–14` where it depends on the day."""
    minutes = sorted({line.minutes for line in lines})
    return str(minutes[0]) if len(minutes) == 1 else f"{minutes[0]}–{minutes[-1]}"


def _special(special: SpecialDate, said: Words) -> list[str]:
    times = ", ".join(map(said.clock_text, special.times)) or said.say("feeds.poster-none")
    return [said.date_text(special.day), special.why, times]


def qr_svg(text: str) -> str:
    """A QR code as an SVG document, black on white, with its quiet zone."""
    buffer = io.BytesIO()
    segno.make(text, error="m").save(buffer, kind="svg", border=4)
    return buffer.getvalue().decode()
