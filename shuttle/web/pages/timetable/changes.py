"""Changes of a timetable from today's: departures kept, moved, added and dropped, and a diagram of both.

"Today's" is the timetable in force on the current date. Which departures count as one that moved is decided by
`domain/planning/timetable_changes.py`.
"""

from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import ChangesResult
from shuttle.domain.planning.timetable_changes import changes_from
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.draft_edits import DraftEdit
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.language import Words
from shuttle.web.pages.planning.pictures import DrawnTrip, Strings, stop_names, strings


@dataclass(frozen=True)
class Changes:
    """Departures in minutes of the service day; `moved` as pairs of old and new."""

    kept: int
    moved: tuple[tuple[Minute, Minute], ...]
    added: tuple[Minute, ...]
    dropped: tuple[Minute, ...]


@dataclass(frozen=True)
class DraftChanges:
    """Changes of a timetable on a day type, and the diagram; `base` is the name of the timetable in force."""

    base: str
    changes: Changes
    picture: Strings


def changes_of(document: ChangesResult) -> Changes:
    """The changes of a proposal."""
    return Changes(
        document["kept"],
        tuple((parse_time_of_day(move["from"]), parse_time_of_day(move["to"])) for move in document["moved"]),
        tuple(map(parse_time_of_day, document["added"])),
        tuple(map(parse_time_of_day, document["dropped"])),
    )


def draft_changes(
    schedule: Schedule, timetable: Timetable, today: date, day_type: str, words: Words
) -> DraftChanges | None:
    """Changes of a draft on a day type; None where no other timetable is in force today, or neither has a departure on the day type."""
    base = schedule.timetable_on(today)
    if base is None or base.id == timetable.id:
        return None
    old, new = (_trips(schedule, each, today, day_type) for each in (base, timetable))
    if not old and not new:
        return None
    changes = changes_from(old, new)
    added = [time_of_day_text(minute) for minute in changes.added]
    drawn = [[_drawn(trip) for trip in trips] for trips in (new, old)]
    ids = [trip.id for trip in _drawn_trips(schedule, timetable, today, day_type)]
    base_stop, names = schedule.network.base_stop, stop_names(schedule)
    picture = strings(drawn[0], drawn[1], added, base_stop, names, words, ids=ids)
    return DraftChanges(base.name, Changes(len(changes.kept), changes.moved, changes.added, changes.dropped), picture)


def step_text(edit: DraftEdit, words: Words) -> str:
    """An edit of a draft in a few words: `10.00 flyttet til 10.20`."""
    old, new = ([words.clock_text(trip.departs) for trip in trips] for trips in (edit.removed, edit.added))
    if len(old) == len(new) == 1:
        return words.say("planner.step.moved", old=old[0], new=new[0])
    if len(old) + len(new) == 1:
        return words.say("planner.step.added" if new else "planner.step.deleted", time=(new or old)[0])
    return words.say("planner.step.several", n=max(len(old), len(new)))


def _trips(schedule: Schedule, timetable: Timetable, today: date, day_type: str) -> list[PlannedTrip]:
    trips = (_planned(schedule, trip, today) for trip in timetable.trips_on(day_type))
    return [trip for trip in trips if trip is not None]


def _drawn_trips(schedule: Schedule, timetable: Timetable, today: date, day_type: str) -> list[Trip]:
    """The trips that `_trips` gives, in its order."""
    return [trip for trip in timetable.trips_on(day_type) if _planned(schedule, trip, today) is not None]


def _planned(schedule: Schedule, trip: Trip, today: date) -> PlannedTrip | None:
    """Planned trips; None where a running time is missing, which is a finding of publishing."""
    try:
        pattern = schedule.network.pattern(trip.pattern)
        calls = trip.calls or schedule.network.on(today).calls(pattern, trip.departs)
    except ShuttleError:
        return None
    return PlannedTrip(stops=pattern.stops, calls=calls, busy_until=calls[-1].arrives)


def _drawn(trip: PlannedTrip) -> DrawnTrip:
    return {
        "departs": time_of_day_text(trip.departs),
        "stops": list(trip.stops),
        "calls": [
            {
                "stop": call.stop,
                "arrives_at": time_of_day_text(call.arrives),
                "departs_at": time_of_day_text(call.departs),
            }
            for call in trip.calls
        ],
    }
