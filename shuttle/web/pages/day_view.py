"""A day as the public page shows it: what leaves (or arrives) where, which is next, and what of it nobody has confirmed.

At a stop one sees the departures that leave from it and, where it is the end, the arrivals. A round trip that begins and
ends at the stop counts as leaving. Built from the schedule alone and a moment, so that a test can stand anywhere in time.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from shuttle.domain.clock import Minute, instant
from shuttle.domain.departures import DayOfService, Departure, Schedule
from shuttle.domain.network import NetworkOnDay, Stop
from shuttle.domain.opening_hours import Window
from shuttle.language import Words
from shuttle.language.days import day_reason

LOOK_AHEAD = 14
"""Days within which the next departure is looked for when today has no more."""


@dataclass(frozen=True)
class Row:
    """One departure at one stop. `at` is when it leaves or, at its end, arrives there; `later` the stops that follow."""

    id: str
    at: Minute
    moment: datetime
    leaves: bool
    here: str
    there: str
    later: tuple[tuple[str, Minute], ...]
    status: str
    reason: str
    planned: Minute | None
    past: bool
    assumed: bool

    @property
    def arrives(self) -> Minute | None:
        return self.later[-1][1] if self.later else None


@dataclass(frozen=True)
class CentreHours:
    """Opening hours of a centre on the day."""

    name: str
    windows: tuple[Window, ...]
    assumed: bool


@dataclass(frozen=True)
class Later:
    """The next departure on another day."""

    day: date
    at: Minute


@dataclass(frozen=True)
class DayView:
    """A day of service for readers."""

    day: date
    is_today: bool
    why: str
    table_name: str
    undecided: bool
    rows: tuple[Row, ...]
    next: Row | None
    after_today: Later | None
    stop: str | None
    stop_name: str
    stops: tuple[Stop, ...]
    hours: tuple[CentreHours, ...]
    unsure: tuple[str, ...]


def day_view(schedule: Schedule, day: date, stop: str | None, now: datetime, zone: tzinfo, words: Words) -> DayView:
    """The day at a stop, or everywhere. Raises NotFound (`unknown-stop`)."""
    network = schedule.network.on(day)
    stop_name = network.stop(stop).name if stop else ""
    resolved = schedule.departures_on(day)
    rows = [_row(schedule, departure, stop, now, zone, words) for departure in resolved.departures]
    shown = tuple(sorted((row for row in rows if row is not None), key=lambda row: (row.moment, row.id)))
    is_today = day == now.astimezone(zone).date()
    upcoming = next((row for row in shown if not row.past and row.status != "cancelled"), None) if is_today else None
    return DayView(
        day=day,
        is_today=is_today,
        why=day_reason(resolved.service_day, words),
        table_name=schedule.calendar.names_of(resolved.service_day.day_type).of(words.language),
        undecided=resolved.service_day.undecided,
        rows=shown,
        next=upcoming,
        after_today=_after(schedule, day, stop) if is_today and upcoming is None else None,
        stop=stop,
        stop_name=stop_name,
        stops=_served_stops(schedule, network, resolved),
        hours=_hours(schedule, network, resolved, stop),
        unsure=_unsure(schedule, network, resolved, shown, stop),
    )


def _row(
    schedule: Schedule, departure: Departure, stop: str | None, now: datetime, zone: tzinfo, words: Words
) -> Row | None:
    network = schedule.network.on(departure.date)
    call = departure.first_call(stop) if stop else departure.calls[0]
    if call is None:
        return None
    later = departure.calls[call.sequence :]
    at = call.departs if later else call.arrives
    moment = instant(departure.date, at, zone)
    here = departure.calls[0].stop if not later else call.stop
    return Row(
        id=departure.id,
        at=at,
        moment=moment,
        leaves=bool(later),
        here=_name(network, here),
        there=_name(network, later[-1].stop if later and later[-1].stop != here else _farthest(departure)),
        later=tuple((_name(network, next_call.stop), next_call.arrives) for next_call in later),
        status=departure.status.value,
        reason=words.say(f"reason.{departure.reason}") if departure.reason else "",
        planned=departure.planned,
        past=moment < now - timedelta(minutes=1),
        assumed=_runs_on_guesses(schedule, departure),
    )


def _farthest(departure: Departure) -> str:
    """Where a departure goes: its last stop or, of a round trip, the last before it turns home."""
    first, last = departure.calls[0].stop, departure.calls[-1].stop
    return last if last != first else departure.calls[-2].stop


def _name(network: NetworkOnDay, stop: str) -> str:
    return network.stops[stop].name if stop in network.stops else stop


def _runs_on_guesses(schedule: Schedule, departure: Departure) -> bool:
    """Whether the times beyond the first stop come from a running time that nobody has confirmed."""
    if departure.times_set_by_hand:
        return False
    known = schedule.network.on(departure.date).running_times
    legs = schedule.network.pattern(departure.pattern).legs
    return any(leg in known and known[leg].provenance.assumed for leg in legs)


def _after(schedule: Schedule, day: date, stop: str | None) -> Later | None:
    for ahead in range(1, LOOK_AHEAD + 1):
        for departure in schedule.departures_on(day + timedelta(days=ahead)).departures:
            call = departure.first_call(stop) if stop else departure.calls[0]
            if departure.runs and call is not None:
                return Later(departure.date, call.departs)
    return None


def _served_stops(schedule: Schedule, network: NetworkOnDay, resolved: DayOfService) -> tuple[Stop, ...]:
    """Stops at which something calls on the day, in the order of the network, the base stop first."""
    called = {call.stop for departure in resolved.departures for call in departure.calls}
    served = [stop for stop in network.stops.values() if stop.id in called]
    return tuple(sorted(served, key=lambda stop: stop.id != schedule.network.base_stop))


def _hours(
    schedule: Schedule, network: NetworkOnDay, resolved: DayOfService, stop: str | None
) -> tuple[CentreHours, ...]:
    found = []
    for place in network.stops.values():
        windows = schedule.opening_times.windows(place.id, resolved.service_day)
        if windows is not None and stop in (None, schedule.network.base_stop, place.id):
            regular = schedule.opening_times.regular_on(place.id, resolved.service_day.day_type, resolved.date)
            special = any(h.stop == place.id and h.date == resolved.date for h in schedule.opening_times.special)
            found.append(CentreHours(place.name, windows, bool(regular and regular.provenance.assumed and not special)))
    return tuple(found)


def _unsure(
    schedule: Schedule, network: NetworkOnDay, resolved: DayOfService, rows: tuple[Row, ...], stop: str | None
) -> tuple[str, ...]:
    """What this page rests on that nobody has confirmed, as the last word of a text key."""
    timetable = schedule.timetable_by_id.get(resolved.timetable or "")
    called = {call.stop for departure in resolved.departures for call in departure.calls}
    doubts = {
        "timetable": bool(timetable and timetable.provenance.assumed),
        "running": any(row.assumed for row in rows),
        "stops": any(network.stops[s].provenance.assumed for s in called if s in network.stops),
        "hours": any(centre.assumed for centre in _hours(schedule, network, resolved, stop)),
    }
    return tuple(name for name, doubted in doubts.items() if doubted)
