"""The timetable as a poster for a wall, A4 or A3, as a tagged PDF that can be read aloud (PDF/UA-1).

Each destination is a block with every departure that reaches it and its arrival there; dates with other times stand beneath.
No date is left out: first the type gets smaller, then the dates stand in two columns, then on a second page. The same schedule
and date give the same bytes.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import segno
import typst

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.basics.service_time import DAY
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.printed.timetable_view import (
    Course,
    Destination,
    Link,
    Origin,
    SpecialDate,
    Time,
    TimetableView,
    timetable_view,
)
from shuttle.feeds.printed.typesetting import typeset
from shuttle.language import Words, words

Paper = Literal["a4", "a3"]
PAPERS: tuple[Paper, ...] = ("a4", "a3")

_TEMPLATE = Path(__file__).with_name("poster.typ")
_REGIONS = {"nb": "NO", "nn": "NO", "en": "GB"}
_TOO_LONG = "more than one page"

_ARRANGEMENTS = (
    {"scale": 1.2, "dates": "beneath"},
    {"scale": 1.0, "dates": "beneath"},
    {"scale": 0.85, "dates": "beneath"},
    {"scale": 0.85, "dates": "in two columns"},
    {"scale": 1.3, "dates": "on a second page"},
    {"scale": 1.15, "dates": "on a second page"},
    {"scale": 1.0, "dates": "on a second page"},
    {"scale": 0.85, "dates": "on a second page"},
    {"scale": 0.7, "dates": "on a second page"},
    {"scale": 0.55, "dates": "on a second page"},
)
"""In the order in which they are tried: the scale of the times, and where the dates with other times stand."""

_MOST_COURSES = 3
"""Courses that are drawn; more of them would say less."""


@dataclass(frozen=True)
class _Look:
    paper: Paper
    address: str
    telephone: str


def poster_pdf(
    schedule: Schedule,
    day: date,
    language: str,
    paper: Paper = "a4",
    address: str = "",
    fonts: Path | None = None,
    *,
    stop: str | None = None,
    telephone: str = "",
) -> bytes:
    """The timetable in force on a date, as one reads it at `stop` (the base stop).

    `address` is what the QR code opens; without one there is no code. `fonts` is the folder of the fonts, without it a serif
    stands in. Raises NotFound (`no-timetable`) when none applies or nothing leaves from the stop, and (`unknown-stop`).
    """
    texts, look = words(language), _Look(paper, address, telephone)
    if stop is not None and stop not in (each.id for each in schedule.network.stops):
        schedule.network.on(day).stop(stop)
    view = timetable_view(schedule, day, texts, stop, changes=False)
    origin = view.from_here
    if origin is None:
        raise NotFound(
            "no-timetable",
            f"no timetable applies on {day}" if not view.origins else f"nothing leaves {view.here.id} on {day}",
            given=stop or day,
            allowed="a date with a timetable, a stop that something leaves from",
        )
    data = _data(schedule, view, origin, texts, look)
    for arrangement in _ARRANGEMENTS:
        if arrangement["dates"] == "in two columns" and len(view.special) < 2:
            continue
        try:
            return typeset(_TEMPLATE, data | arrangement, day, fonts)
        except typst.TypstError as problem:
            if _TOO_LONG not in problem.message:
                raise
    raise Refused(
        "too-long-for-a-poster",
        f"the timetable of {day} has too many departures for a poster",
        given=day,
        allowed="about 100 departures a day type",
    )


def _data(schedule: Schedule, view: TimetableView, origin: Origin, texts: Words, look: _Look) -> dict[str, object]:
    address = look.address
    return {
        "paper": look.paper,
        "lang": texts.language,
        "region": _REGIONS[texts.language],
        "author": schedule.details.name(texts.language) or texts.say("service.name"),
        "title": texts.say("feeds.departures-name", stop=view.here.name),
        "valid": _valid(view, texts),
        "destinations": [_destination(destination, texts) for destination in origin.destinations],
        "courses": [_course(course, texts) for course in origin.courses]
        if len(origin.courses) <= _MOST_COURSES
        else [],
        "special-title": texts.say("feeds.poster-special"),
        "special-header": [texts.say(f"feeds.poster-{column}") for column in ("date", "why", "times")],
        "special": [_special(special, texts) for special in view.special],
        "notes": list(_notes(schedule, view, origin, texts, look)),
        "source": texts.say("feeds.poster-source", source=view.source) if view.source else "",
        "qr": qr_svg(address) if address else "",
        "qr-alt": texts.say("feeds.poster-code", address=address),
    }


def _notes(schedule: Schedule, view: TimetableView, origin: Origin, texts: Words, look: _Look) -> Iterator[str]:
    """Notes for passengers beside the times."""
    if schedule.details.is_example:
        yield f"{texts.say('service.example')} {texts.say('service.example_why')}"
    if view.coming:
        yield texts.say("timetable.coming", first=texts.date_short(view.coming))
    if look.telephone:
        yield f"{texts.say('public.telephone')} {look.telephone}"
    for destination in origin.destinations:
        yield from _way_back(origin, destination, texts)
    vehicle = schedule.network.on(view.day).only_vehicle
    if vehicle and vehicle.wheelchair_places and not vehicle.provenance.assumed:
        yield texts.count("public.wheelchairs", vehicle.wheelchair_places)
    if look.address:
        yield texts.say("feeds.poster-address", address=look.address)
    if any(destination.assumed for destination in origin.destinations):
        yield texts.say("feeds.times-assumed")


def _way_back(origin: Origin, destination: Destination, texts: Words) -> Iterator[str]:
    """Places without a bus back, with the closing time of each."""
    stranded = [block for block in destination.blocks if block.times and not block.way_back]
    if not stranded:
        return
    sentences = [texts.say("timetable.no_way_back", here=origin.place.name, there=destination.place.name)]
    everywhere = len(stranded) == sum(bool(block.times) for block in destination.blocks)
    if not everywhere:
        sentences = [f"{block.day_name}: {sentences[0]}" for block in stranded]
    for block in stranded:
        if block.open_until is not None:
            until = texts.say("feeds.poster-open-until", day=block.day_name, time=texts.at_clock(block.open_until))
            sentences.append(f"{until} ({texts.say('assumed.mark').lower()})." if block.hours_assumed else f"{until}.")
    yield " ".join(sentences)


def _valid(view: TimetableView, texts: Words) -> str:
    first, last = view.first and texts.date_short(view.first), view.last and texts.date_short(view.last)
    if last:
        return texts.say("feeds.poster-valid-until", first=first, last=last)
    return texts.say("feeds.poster-valid", first=first)


def _destination(destination: Destination, texts: Words) -> dict[str, object]:
    """A destination with a column for each day type that has it: departure, arrival and a note for each time."""
    ways = [texts.say("public.by_way", stops=texts.listed(destination.only_via))] if destination.only_via else []
    return {
        "name": texts.say("feeds.poster-to", stop=destination.place.name),
        "mark": destination.place.mark,
        "about": ", ".join([*ways, texts.say("feeds.poster-columns")]),
        "columns": [
            {"name": block.day_name, "times": [_time(destination, time, texts) for time in block.times]}
            for block in destination.blocks
            if block.times
        ],
    }


def _time(destination: Destination, time: Time, texts: Words) -> list[str]:
    notes = []
    if destination.ways_differ and time.via:
        notes.append(texts.say("public.by_way", stops=texts.listed(time.via)))
    if time.departs >= DAY:
        notes.append(texts.say("public.night_after"))
    return [texts.clock_text(time.departs), texts.clock_text(time.arrives), ", ".join(notes)]


def _course(course: Course, texts: Words) -> list[list[object]]:
    """Each stop of a course: its mark, its name, and the minutes to the next stop in words."""
    return [[link.place.mark, link.place.name, _minutes(link, texts)] for link in course]


def _minutes(link: Link, texts: Words) -> str:
    if link.minutes is None:
        return ""
    shortest, longest = link.minutes
    if shortest == longest:
        return texts.say("feeds.poster-minutes", minutes=shortest)
    return texts.say("feeds.poster-minutes-between", shortest=shortest, longest=longest)


def _special(special: SpecialDate, texts: Words) -> list[object]:
    """Date, why, and a line for each destination."""
    times = [f"{place.name} {', '.join(map(texts.clock_text, several))}" for place, several in special.times]
    otherwise = texts.say("timetable.undecided" if special.undecided else "feeds.poster-none")
    return [texts.date_text(special.day), special.why, times or [otherwise]]


def qr_svg(text: str) -> str:
    """A QR code as an SVG document, black on white, with its quiet zone."""
    buffer = io.BytesIO()
    segno.make(text, error="m").save(buffer, kind="svg", border=4)
    return buffer.getvalue().decode()
