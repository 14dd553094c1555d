"""Assumed facts: unconfirmed values in words, with the address of the page that confirms each.

Only facts that hold today or later are listed: past values need no confirmation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from shuttle.domain.basics.provenance import ALWAYS, Provenance, Validity
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Network
from shuttle.domain.timetable.opening_hours import Window
from shuttle.language import Words


@dataclass(frozen=True, kw_only=True)
class AssumedFact:
    """An unconfirmed fact. `key`: the stop, link (`a b`), vehicle, pattern or timetable; `day_type`: of opening hours.

    `name`: for people; `value`: in words, empty for a pattern or timetable; `reason`: why it was entered so.
    """

    kind: str
    key: str
    day_type: str
    name: str
    value: str
    reason: str


def assumed_facts(schedule: Schedule, today: date, words: Words) -> tuple[AssumedFact, ...]:
    """All of them, in the order of the schedule files."""
    several = (*_of_the_network(schedule, words), *_of_hours(schedule, words), *_of_timetables(schedule))
    return tuple(
        AssumedFact(kind=kind, key=key, day_type=day_type, name=name, value=value, reason=provenance.reason)
        for kind, key, day_type, name, value, validity, provenance in several
        if provenance.assumed and (validity.last is None or validity.last >= today)
    )


_Row = tuple[str, str, str, str, str, Validity, Provenance]
"""Kind, key, day type, name, value, dates, provenance."""


def _of_the_network(schedule: Schedule, words: Words) -> Iterator[_Row]:
    network = schedule.network
    names = {stop.id: stop.name for stop in network.stops}
    for stop in network.stops:
        place = "" if stop.lat is None or stop.lon is None else f"{stop.lat:.5f}, {stop.lon:.5f}"
        yield "stop", stop.id, "", stop.name, place, stop.validity, stop.provenance
    for pattern in network.patterns:
        name = " – ".join(names.get(stop, stop) for stop in pattern.stops)
        yield "pattern", pattern.id, "", name, "", ALWAYS, pattern.provenance
    for link in network.running_times:
        name = f"{names.get(link.origin, link.origin)} – {names.get(link.destination, link.destination)}"
        key = f"{link.origin} {link.destination}"
        yield "running_time", key, "", name, bands_text(link.bands, link.km, words), link.validity, link.provenance
    for vehicle in network.vehicles:
        value = words.say("facts.seats_and_places", seats=vehicle.seats, places=vehicle.wheelchair_places)
        yield "vehicle", vehicle.id, "", vehicle.id, value, vehicle.validity, vehicle.provenance
    yield from _of_costs(network, words)


def _of_costs(network: Network, words: Words) -> Iterator[_Row]:
    for costs in network.costs:
        hour, km = words.kroner(costs.nok_per_driver_hour), words.kroner(costs.nok_per_km)
        yield "costs", "", "", "", words.say("facts.rates", hour=hour, km=km), costs.validity, costs.provenance
        for extra in costs.supplements:
            yield "costs", "", "", extra.name, words.kroner(extra.nok_per_hour), costs.validity, extra.provenance


def _of_hours(schedule: Schedule, words: Words) -> Iterator[_Row]:
    names = {stop.id: stop.name for stop in schedule.network.stops}
    for hours in schedule.opening_times.regular:
        day_type = schedule.calendar.names_of(hours.day_type).of(words.language)
        name = f"{names.get(hours.stop, hours.stop)}, {day_type}"
        value = windows_text(hours.windows, words)
        yield "opening_hours", hours.stop, hours.day_type, name, value, hours.validity, hours.provenance


def _of_timetables(schedule: Schedule) -> Iterator[_Row]:
    for timetable in schedule.timetables:
        yield "timetable", timetable.id, "", timetable.name, "", ALWAYS, timetable.provenance


def windows_text(windows: tuple[Window, ...], words: Words) -> str:
    """`09.00–15.00, 17.00–20.00`, or that it is closed."""
    texts = (f"{words.clock_text(opens)}–{words.clock_text(closes)}" for opens, closes in windows)
    return ", ".join(texts) if windows else words.say("planner.closed")


def bands_text(bands: tuple[tuple[int, int], ...], km: float | None, words: Words) -> str:
    """`10 minutter; fra 15.00 14 minutter; 2,2 km`."""
    texts = [
        words.count("facts.minutes", minutes)
        if starts == 0
        else words.say("facts.from_then", time=words.clock_text(starts), minutes=words.count("facts.minutes", minutes))
        for starts, minutes in bands
    ]
    return "; ".join([*texts, *([f"{words.number(km, 1)} km"] if km is not None else [])])


def kinds(facts: tuple[AssumedFact, ...]) -> list[tuple[str, list[AssumedFact]]]:
    """The facts by kind, in their order."""
    return [(kind, list(several)) for kind, several in groupby(facts, key=lambda fact: fact.kind)]
