"""Assumptions: facts of the schedule marked as assumed and still to be confirmed, each with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words


@dataclass(frozen=True)
class Assumption:
    """An unconfirmed fact: its kind, its name, and the reason for its value."""

    kind: str
    name: str
    reason: str


def assumptions(schedule: Schedule, words: Words) -> tuple[Assumption, ...]:
    """All assumptions, in the order of the schedule files."""
    return tuple(
        Assumption(words.say(f"assumption.{kind}"), name, provenance.reason)
        for kind, name, provenance in _facts(schedule, words)
        if provenance.assumed
    )


def _facts(schedule: Schedule, words: Words) -> Iterator[tuple[str, str, Provenance]]:
    network = schedule.network
    names = {stop.id: stop.name for stop in network.stops}
    for stop in network.stops:
        yield "stop", stop.name, stop.provenance
    for pattern in network.patterns:
        yield "pattern", " – ".join(names.get(stop, stop) for stop in pattern.stops), pattern.provenance
    for link in network.running_times:
        name = f"{names.get(link.origin, link.origin)} – {names.get(link.destination, link.destination)}"
        yield "running_time", name, link.provenance
    for vehicle in network.vehicles:
        yield "vehicle", vehicle.id, vehicle.provenance
    yield "costs", "", network.costs.provenance
    for supplement in network.costs.supplements:
        yield "costs", supplement.name, supplement.provenance
    for hours in schedule.opening_times.regular:
        day_type = schedule.calendar.names_of(hours.day_type).of(words.language)
        yield "opening_hours", f"{names.get(hours.stop, hours.stop)}, {day_type}", hours.provenance
    for timetable in schedule.timetables:
        yield "timetable", timetable.name, timetable.provenance
