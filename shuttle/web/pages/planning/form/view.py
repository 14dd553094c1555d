"""View of a scenario's form: choices, hours and demand as bars, and a first scenario.

A bar is drawn over the 24 hours of a day (a window past midnight ends at its edge); its table is the inputs beneath it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import DAY, Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Costs
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.language import Words
from shuttle.services.planning.requests import DUTY_RULES
from shuttle.web.pages.planning.form.fields import DEMAND, FLEET, FRONT, HEAD, KINDS, PROFILE, Field, Typed, rows
from shuttle.web.pages.planning.form.links import OWN, link_name, link_of, links_of, own_links
from shuttle.web.pages.planning.pictures import stop_names

Options = tuple[tuple[str, str], ...]
Bar = tuple[Minute, int]
"""Where it begins and how long it is, in minutes of the day."""

SPARE_STOPS = 1
"""Empty places at the end of a pattern, for another stop; the next one comes when the form is sent."""

SLOT = 60


@dataclass(frozen=True)
class Hours:
    """A stop that opens and closes: its own hours in this scenario, or the schedule's; one window more than are filled."""

    stop: str
    name: str
    own: bool
    days: tuple["HoursOfDay", ...]


@dataclass(frozen=True)
class HoursOfDay:
    day_type: str
    name: str
    windows: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, kw_only=True)
class Link:
    """From one stop to the next: its own running times in this scenario, or the schedule's; one band more than are filled.

    `name`: of its inputs; `text`: of its stops; `bands`: from when, and minutes; `assumed`: the schedule's are not confirmed.
    """

    name: str
    text: str
    own: bool
    bands: tuple[tuple[str, str], ...]
    assumed: bool


@dataclass(frozen=True)
class Slots:
    """Demand as bars: (begins, minutes, height of 0 to 40) for each slot, and the passengers in all."""

    bars: tuple[tuple[Minute, int, float], ...]
    total: float


@dataclass(frozen=True, kw_only=True)
class FormView:
    """`patterns`: the stops of each pattern, with places to spare; `choices`: options by the kind of an input or by its name."""

    typed: Typed
    patterns: tuple[tuple[str, ...], ...]
    links: tuple[Link, ...]
    hours: tuple[Hours, ...]
    slots: tuple[Slots, ...]
    requirements: tuple[tuple[str, tuple[Field, ...]], ...]
    choices: Mapping[str, Options]
    prices: Costs
    fields: Mapping[str, tuple[Field, ...]]

    def texts(self, name: str) -> list[str]:
        return self.typed.get(name, [])

    def text(self, name: str) -> str:
        return (self.typed.get(name) or [""])[0]


def form_view(typed: Typed, schedule: Schedule, schedules: Path, today: date, words: Words) -> FormView:
    """The view of the form with the texts of its inputs."""
    stops = tuple(stop_names(schedule).items())
    day_types = tuple((d.id, d.names.of(words.language)) for d in schedule.calendar.day_types)
    patterns = tuple(tuple(row.get("stops", [])) for row in rows(typed, "patterns"))
    names = dict(stops)
    return FormView(
        typed=typed,
        patterns=tuple((*pattern, *[""] * SPARE_STOPS) for pattern in patterns),
        links=_links(typed, schedule, patterns, today),
        hours=tuple(
            _hours(typed, schedule, stop, name, day_types, today)
            for stop, name in stops
            if _opens(typed, schedule, stop)
        ),
        slots=_slots([dict(row) for row in rows(typed, "demand.profile")]),
        requirements=tuple((_kind(row), KINDS.get(_kind(row), ())) for row in rows(typed, "requirements")),
        choices={
            "stop": stops,
            "base_stop": stops,
            "day_type": day_types,
            "base_timetable": tuple((t.id, t.name) for t in schedule.timetables),
            "pattern": tuple(
                (" ".join(pattern), " – ".join(names.get(stop, stop) for stop in pattern)) for pattern in patterns
            ),
            "profile": tuple((each.id, each.name) for each in read_duty_rules(schedules / DUTY_RULES).values()),
            "source": tuple((each, words.say(f"form.source.{each}")) for each in ("profile", "recorded")),
            "wish": tuple((each, words.say(f"form.wish.{each}")) for each in ("next", "displacement")),
            "by": tuple((each, words.say(f"form.by.{each}")) for each in ("trips", "driver_hours", "nok")),
            "kind": tuple((each, words.say(f"form.kind.{each}")) for each in KINDS),
        },
        prices=schedule.network.costs_on(today),
        fields={"head": HEAD, "fleet": FLEET, "demand": DEMAND, "profile": PROFILE, "front": FRONT},
    )


def _kind(row: Mapping[str, list[str]]) -> str:
    return (row.get("kind") or [""])[0]


def _opens(typed: Typed, schedule: Schedule, stop: str) -> bool:
    return stop in schedule.opening_times.stops or f"opening_hours.{stop}.own" in typed


def _hours(typed: Typed, schedule: Schedule, stop: str, name: str, day_types: Options, today: date) -> Hours:
    own = bool(typed.get(f"opening_hours.{stop}.own"))
    days = []
    for day_type, day_name in day_types:
        typed_edges = typed.get(f"opening_hours.{stop}.{day_type}")
        edges = typed_edges if typed_edges is not None else ([] if own else _regular(schedule, stop, day_type, today))
        windows = tuple(zip(edges[::2], edges[1::2], strict=False))
        days.append(HoursOfDay(day_type, day_name, (*windows, ("", "")), tuple(_bars(windows))))
    return Hours(stop, name, own, tuple(days))


def _links(typed: Typed, schedule: Schedule, patterns: Sequence[Sequence[str]], today: date) -> tuple[Link, ...]:
    """The links of the patterns, and those that have running times of their own though no pattern uses them."""
    names, usual_times = stop_names(schedule), schedule.network.on(today).running_times
    links = []
    for link in dict.fromkeys([*links_of(patterns), *map(link_of, own_links(typed))]):
        name, usual = link_name(*link), usual_times.get(link)
        own = bool(typed.get(name + OWN))
        edges = typed.get(name)
        if edges is None:
            edges = [
                text for at, minutes in (usual.bands if usual else ()) for text in (time_of_day_text(at), str(minutes))
            ]
        bands = (*zip(edges[::2], edges[1::2], strict=False), ("", ""))
        text = " – ".join(names.get(stop, stop) for stop in link)
        links.append(
            Link(name=name, text=text, own=own, bands=bands, assumed=usual is None or usual.provenance.assumed)
        )
    return tuple(links)


def _regular(schedule: Schedule, stop: str, day_type: str, today: date) -> list[str]:
    """The schedule's own hours, as one types them."""
    regular = schedule.opening_times.regular_on(stop, day_type, today)
    return [f"{edge // 60:02d}:{edge % 60:02d}" for window in (regular.windows if regular else ()) for edge in window]


def _bars(windows: Sequence[tuple[str, str]]) -> list[Bar]:
    """The windows that can be read; one that is half typed is left out."""
    bars = []
    for opens, closes in windows:
        try:
            first, last = parse_time_of_day(opens), min(parse_time_of_day(closes), DAY)
        except Invalid:
            continue
        if first < last:
            bars.append((first, last - first))
    return bars


def _slots(profiles: Sequence[Mapping[str, list[str]]]) -> tuple[Slots, ...]:
    """Each profile by slots, on one scale."""
    amounts = [[_amount(each) for each in " ".join(row.get("passengers", [])).split()] for row in profiles]
    highest = max((each for several in amounts for each in several), default=0.0) or 1.0
    slots = []
    for row, several in zip(profiles, amounts, strict=True):
        try:
            starts, slot = parse_time_of_day(_one(row, "starts")), int(_one(row, "slot_minutes"))
        except (Invalid, ValueError):
            starts, slot = 0, 0
        bars = ((starts + n * slot, slot, round(40 * each / highest, 1)) for n, each in enumerate(several))
        slots.append(Slots(tuple(bar for bar in bars if slot > 0 and bar[0] < DAY), sum(several)))
    return tuple(slots)


def _one(row: Mapping[str, list[str]], key: str) -> str:
    return (row.get(key) or [""])[0]


def _amount(text: str) -> float:
    """A text that cannot be read is drawn as 0; its fault stands at the input."""
    try:
        amount = float(text.strip(",;").replace(",", "."))
    except ValueError:
        return 0.0
    return amount if 0 <= amount <= 10_000 else 0.0


def first_scenario(schedule: Schedule, today: date) -> dict[str, Any]:
    """A scenario to begin with: the real stops and hours, today's timetable for comparison, and no passengers."""
    base_stop = schedule.network.base_stop
    centres = [stop for stop in stop_names(schedule) if stop in schedule.opening_times.stops]
    day_types = [day_type.id for day_type in schedule.calendar.day_types]
    base = schedule.timetable_on(today)
    profile = {"day_type": day_types[0], "from": base_stop, "starts": "09:00", "slot_minutes": SLOT}
    return {
        **({"base_timetable": base.id} if base else {}),
        "day_types": day_types,
        "grid_minutes": 5,
        "base_stop": base_stop,
        "first_departure": "07:00",
        "last_arrival": "23:00",
        "patterns": [[base_stop, stop, base_stop] for stop in centres],
        "fleet": {"vehicles": 1},
        "demand": {
            "source": "profile",
            "max_wait_minutes": 120,
            "unserved_minutes": 180,
            "assumed": True,
            "profile": [{**profile, "to": stop} for stop in centres],
        },
    }


def label_of(name: str, typed: Typed, names: Mapping[str, str], words: Words) -> str:
    """The label of an input in a list of faults, with its row; empty where it has none. `names`: of the stops."""
    head, *rest = name.split(".")
    if head == "patterns" and rest:
        return words.say("form.way", n=int(rest[0]) + 1)
    if head == "opening_hours" and rest:
        return names.get(rest[0], rest[0])
    if head == "running_times" and rest:
        return " – ".join(names.get(stop, stop) for stop in link_of(name))
    if head == "requirements" and len(rest) == 2:
        kind = _one(typed, f"requirements.{rest[0]}.kind")
        own = _first_text((f"form.{kind}.{rest[1]}", f"form.requirement.{rest[1]}"), words)
        called = _one(typed, f"requirements.{rest[0]}.name") or _first_text((f"form.kind.{kind}",), words)
        return ", ".join(filter(None, (called, own if rest[1] != "kind" else "")))
    if head == "demand" and rest[:1] == ["profile"] and len(rest) == 3:
        return f"{words.say('form.profile', n=int(rest[1]) + 1)}, {_first_text((f'form.profile.{rest[2]}',), words)}"
    return _first_text((f"form.{name}", f"form.head.{name}"), words)


def _first_text(keys: Sequence[str], words: Words) -> str:
    return next((words.say(key) for key in keys if words.knows(key)), "")
