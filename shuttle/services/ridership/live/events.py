"""Events of today: what became different between two looks at the database, for pages that are open.

An event names a departure and what is now true of it, so that one that is missed or comes twice does no harm. Public events tell of
departures; counts are told to signed-in people alone, and calls for help to staff and planners.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, may
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.boardings import Observation
from shuttle.domain.ridership.counted_departures import LatestObservations
from shuttle.domain.ridership.expectations import Expectation, Progress
from shuttle.domain.ridership.incidents import Incident
from shuttle.domain.timetable.departures import Departure
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.day import LiveDay, read_live_day
from shuttle.store.ridership.boardings import last_observation, latest_counts_between
from shuttle.store.ridership.incidents import last_incident
from shuttle.store.ridership.passings import last_passing
from shuttle.store.timetable.schedule import version

_COUNTS = (Action.READ_BOARDINGS, Action.RECORD_BOARDINGS)
_HELP = (Action.READ_BOARDINGS,)

KINDS = ("cancelled", "changed", "left", "arrived", "late", "incident", "counted", "help")


@dataclass(frozen=True)
class Event:
    """`kind`: one of KINDS; `departure`: its id; `needs`: who may know, by one of these actions; none: everyone.

    `source`: whose count it is. `stops`: where the departure calls; a centre's tablet is told of counts of its own departures alone.
    """

    kind: str
    departure: str
    data: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Action, ...] = ()
    source: str = ""
    stops: tuple[str, ...] = ()

    def is_for(self, person: Person | None) -> bool:
        if person is not None and person.centre and self.stops and person.centre not in self.stops:
            return False
        return not self.needs or any(may(person, action) for action in self.needs)

    def document(self, person: Person | None = None) -> dict[str, Any]:
        """What is sent to this person; `own`: whether a count is the person's own."""
        own = {"own": person is not None and self.source == person.id} if self.source else {}
        return {"departure": self.departure, **self.data, **own}


Mark = tuple[int, int, int, int, datetime]
"""Version of the schedule, latest passing, latest count, latest incident, minute: equal marks mean that nothing is different."""


@dataclass(frozen=True)
class Look:
    """Today at one moment: by departure, by departure and kind for incidents, and by departure, stop and observer for counts, what is
    told of it."""

    mark: Mark | None = None
    states: Mapping[str, Event] = field(default_factory=dict)


def mark_of(session: Session, now: datetime) -> Mark:
    """Four look-ups by primary key."""
    minute = now.replace(second=0, microsecond=0)
    return version(session), last_passing(session), last_observation(session), last_incident(session), minute


def look(context: AppContext, before: Look) -> tuple[Look, list[Event]]:
    """Today now, and the events since `before`. Without any change this reads four numbers."""
    now = context.now()
    with context.reading() as session:
        mark = mark_of(session, now)
        if mark == before.mark:
            return before, []
        schedule = context.schedule()
        live = read_live_day(session, context, schedule, now)
        days = schedule.days_in_service(now, context.zone)
        counts = {day: latest_counts_between(session, day, day) for day in days}
    states: dict[str, Event] = {}
    for day in days:
        for departure in schedule.departures_on(day).departures:
            states[departure.id] = _state(departure, live.expectations.get(departure.id), context)
            states |= _counts(departure, counts[day])
    states |= _incidents(live)
    events = [event for key, event in states.items() if before.states.get(key) != event and before.mark is not None]
    return Look(mark, states), events


def told_to(context: AppContext, person: Person) -> list[dict[str, Any]]:
    """What a page of this person begins with: counts of all observers today, and which departures have left or arrived."""
    seen, _ = look(context, Look())
    events = [
        event for event in standing(seen) if event.kind in ("counted", "left", "arrived") and event.is_for(person)
    ]
    return [{"event": event.kind, **event.document(person)} for event in events]


def _counts(departure: Departure, latest: LatestObservations) -> dict[str, Event]:
    """Key -> the latest count of each observer at each stop of a departure."""
    stops = tuple(dict.fromkeys(call.stop for call in departure.calls))
    return {
        f"{departure.id}/{stop}/{each.source}": _counted(departure, each, stops)
        for stop in stops
        for each in latest.get((departure.id, stop), ())
    }


def _counted(departure: Departure, observation: Observation, stops: tuple[str, ...]) -> Event:
    count = observation.count
    data = {
        "stop": count.stop,
        "boardings": count.boardings,
        "alightings": count.alightings,
        "role": observation.role,
        "recorded_at": (count.recorded_at or observation.received_at).isoformat(),
        "by": blake2b(observation.source.encode(), digest_size=6).hexdigest(),
    }
    return Event("counted", departure.id, data, _COUNTS, observation.source, stops)


def standing(seen: Look) -> Iterator[Event]:
    """What a page that opens now has to know: every departure that is not simply as planned."""
    for event in seen.states.values():
        if event.kind in ("incident", "help"):
            if event.data["holds"]:
                yield event
        elif event.kind != "changed" or event.data["status"] != "scheduled":
            yield event


def _incidents(live: LiveDay) -> dict[str, Event]:
    """Key -> what holds of each subject, also where nothing does any more."""
    states: dict[str, Event] = {}
    for departure, standing in live.incidents.items():
        states[f"{departure}/incident"] = Event("incident", departure, _incident(standing.told))
        states[f"{departure}/help"] = Event("help", departure, _incident(standing.help), _HELP)
    return states


def _incident(incident: Incident | None) -> dict[str, Any]:
    if incident is None:
        return {"holds": False}
    return {"holds": True, "kind": incident.kind.value, "minutes": incident.minutes}


def _state(departure: Departure, expectation: Expectation | None, context: AppContext) -> Event:
    if not departure.runs:
        return Event("cancelled", departure.id, {"reason": departure.reason.value if departure.reason else None})
    late = expectation.delay if expectation is not None and expectation.is_late else 0
    data: dict[str, Any] = {"status": departure.status.value, "late_minutes": late}
    if expectation is None:
        return Event("changed", departure.id, data)

    def moment(minute: int) -> str:
        return instant(departure.date, minute, context.zone).isoformat()

    if expectation.progress in (Progress.LEFT, Progress.ARRIVED):
        kind = expectation.progress.value
        at = expectation.left if kind == "left" else expectation.calls[-1].arrives
        return Event(kind, departure.id, data | {"at": None if at is None else moment(at)})
    if late:
        return Event("late", departure.id, data | {"expected_at": moment(expectation.calls[0].departs)})
    return Event("changed", departure.id, data)
