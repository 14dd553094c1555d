"""A timetable held against the one that runs today: departures kept, moved, added and dropped, and both drawn together.

"Today" is the version in force on the day one looks. A departure that is moved is the same departure at another time
(`domain/planning/timetable_changes.py` says when); it is shown with both times and the minutes between them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.timetable_changes import changes_from
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.language import Words
from shuttle.web.pages.planning.pictures import Strings, stop_names, strings


@dataclass(frozen=True)
class Changes:
    """Times of departures; `moved` in pairs of the old and the new time."""

    kept: int
    moved: tuple[tuple[Minute, Minute], ...]
    added: tuple[Minute, ...]
    dropped: tuple[Minute, ...]


@dataclass(frozen=True)
class DraftChanges:
    """What a version changes on a day type, and the picture of both; `base` is the name of the version in force."""

    base: str
    changes: Changes
    picture: Strings


def changes_of(document: Mapping[str, Any]) -> Changes:
    """The changes of a proposal, as the answer of a plan has them."""
    return Changes(
        document["kept"],
        tuple((parse_time_of_day(move["from"]), parse_time_of_day(move["to"])) for move in document["moved"]),
        tuple(map(parse_time_of_day, document["added"])),
        tuple(map(parse_time_of_day, document["dropped"])),
    )


def draft_changes(
    schedule: Schedule, timetable: Timetable, today: date, day_type: str, words: Words
) -> DraftChanges | None:
    """None where nothing is in force today, the version itself is, or neither has a departure on the day type."""
    base = schedule.timetable_on(today)
    if base is None or base.id == timetable.id:
        return None
    old, new = (_trips(schedule, each, today, day_type) for each in (base, timetable))
    if not old and not new:
        return None
    found = changes_from(old, new)
    added = [time_of_day_text(minute) for minute in found.added]
    drawn = [[_document(trip) for trip in trips] for trips in (new, old)]
    picture = strings(drawn[0], drawn[1], added, schedule.network.base_stop, stop_names(schedule), words)
    return DraftChanges(base.name, Changes(len(found.kept), found.moved, found.added, found.dropped), picture)


def step_text(edit: DraftEdit, words: Words) -> str:
    """A step in the making of a draft, in a few words: `10.00 flyttet til 10.20`."""
    old, new = ([words.clock_text(trip.departs) for trip in trips] for trips in (edit.removed, edit.added))
    if len(old) == len(new) == 1:
        return words.say("planner.step.moved", old=old[0], new=new[0])
    if len(old) + len(new) == 1:
        return words.say("planner.step.added" if new else "planner.step.deleted", time=(new or old)[0])
    return words.say("planner.step.several", n=max(len(old), len(new)))


def _trips(schedule: Schedule, timetable: Timetable, today: date, day_type: str) -> list[PlannedTrip]:
    found = (_planned(schedule, trip, today) for trip in timetable.trips_on(day_type))
    return [trip for trip in found if trip is not None]


def _planned(schedule: Schedule, trip: Trip, today: date) -> PlannedTrip | None:
    """None where its times cannot be worked out: a running time is missing, which publishing will say."""
    try:
        pattern = schedule.network.pattern(trip.pattern)
        calls = trip.calls or schedule.network.on(today).calls(pattern, trip.departs)
    except ShuttleError:
        return None
    return PlannedTrip(stops=pattern.stops, calls=calls, busy_until=calls[-1].arrives)


def _document(trip: PlannedTrip) -> dict[str, Any]:
    calls = [
        {"stop": c.stop, "arrives_at": time_of_day_text(c.arrives), "departs_at": time_of_day_text(c.departs)}
        for c in trip.calls
    ]
    return {"departs": time_of_day_text(trip.departs), "stops": list(trip.stops), "calls": calls}
