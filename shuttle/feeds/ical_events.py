"""Events of a calendar: a departure as a whole or at one stop, a centre that is open, and a driver's duty.

What an event says beside its date is written once for a trip and kept, for a year has thousands of events and dozens of
trips. What nobody has confirmed (a position, a running time, opening hours) is said in the event itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from shuttle.domain.clock import Minute, clock
from shuttle.domain.departures import DayOfService, Departure, DepartureStatus, Schedule
from shuttle.domain.network import NetworkOnDay, Stop
from shuttle.domain.roster import DutyOnDate
from shuttle.domain.service_days import ServiceDay
from shuttle.feeds.ical_components import Moments, event, event_body
from shuttle.language import Words
from shuttle.language.days import day_reason


def why_text(schedule: Schedule, service_day: ServiceDay, said: Words) -> str:
    """Which table runs and why: `Helg og helligdag. Helligdag: Kristi himmelfartsdag`."""
    day_type = schedule.calendar.names_of(service_day.day_type).of(said.language)
    reason = day_reason(service_day, said)
    return day_type if reason == day_type else f"{day_type}. {reason}"


def opening_events(schedule: Schedule, stop: Stop, day: date, zone: ZoneInfo, said: Words) -> Iterator[bytes]:
    """A centre's opening windows on a date, which make nobody busy."""
    service_day = schedule.calendar.service_day(day)
    special = next((s for s in schedule.opening_times.special if (s.stop, s.date) == (stop.id, day)), None)
    regular = schedule.opening_times.regular_on(stop.id, service_day.day_type, day)
    lines = [why_text(schedule, service_day, said)]
    if special is not None:
        lines.append(said.say("feeds.hours-special", reason=special.reason))
    elif regular is not None and regular.provenance.assumed:
        lines.append(said.say("feeds.hours-assumed"))
    body = event_body(said.say("feeds.open", stop=stop.name), stop.name, lines, busy=False)
    for opens, closes in schedule.opening_times.windows(stop.id, service_day) or ():
        uid = f"{day.isoformat()}.{stop.id}.open-{clock(opens).replace(':', '')}"
        yield event(uid, Moments(day, zone).lines(opens, closes), body)


def duty_event(duty: DutyOnDate, place: str, zone: ZoneInfo, said: Words) -> bytes:
    """A duty from signing on to signing off at a place, with its trips and breaks in order of time."""
    lines = [(departure.departs, _duty_trip(departure, said)) for departure in duty.departures]
    for starts, ends in duty.duty.breaks:
        lines.append((starts, said.say("feeds.break", starts=said.at_clock(starts), ends=said.at_clock(ends))))
    summary = said.say("feeds.duty", starts=said.clock_text(duty.starts), ends=said.clock_text(duty.ends))
    if duty.withdrawn:
        summary = said.say("feeds.cancelled-title", summary=summary)
        lines = [(duty.starts, said.say("feeds.duty-taken-back"))]
    body = event_body(
        summary,
        place,
        [text for _, text in sorted(lines)],
        cancelled=duty.withdrawn,
        changed_at=duty.changed_at,
        revision=duty.revision,
    )
    return event(duty.id, Moments(duty.date, zone).lines(duty.starts, duty.ends), body)


def _duty_trip(departure: Departure, said: Words) -> str:
    trip = said.say("feeds.call", stop=departure.headsign, time=said.at_clock(departure.departs))
    return trip if departure.runs else said.say("feeds.cancelled-title", summary=trip)


@dataclass(frozen=True)
class _Sight:
    """A departure as one calendar shows it: which part of it, under which name, and where."""

    name: str
    starts: Minute
    ends: Minute
    stop: str


@dataclass(frozen=True)
class _Day:
    """What all departures of a date share."""

    network: NetworkOnDay
    moments: Moments
    why: str


class DepartureEvents:
    """Writes the departures of one calendar."""

    def __init__(self, schedule: Schedule, zone: ZoneInfo, said: Words) -> None:
        self.schedule = schedule
        self.zone = zone
        self.said = said
        self._bodies: dict[tuple[object, ...], bytes] = {}
        self._why: dict[tuple[object, ...], str] = {}

    def of_day(self, day: DayOfService) -> Iterator[bytes]:
        """Every departure from its first stop to its last."""
        common = self._common(day)
        for departure in day.departures:
            first, last = departure.calls[0], departure.calls[-1]
            yield self._event(common, departure, _Sight("", first.departs, last.arrives, first.stop))

    def of_day_at_stop(self, day: DayOfService, stop: str) -> Iterator[bytes]:
        """Where a bus leaves and where it arrives; a stop that it passes through has both."""
        common = self._common(day)
        for departure in day.departures:
            leaving, arriving = departure.first_call(stop), departure.last_call(stop)
            if arriving and arriving is not departure.calls[0]:
                yield self._event(common, departure, _Sight("arriving", arriving.arrives, arriving.arrives, stop))
            if leaving and leaving is not departure.calls[-1]:
                ends = departure.calls[-1].arrives
                yield self._event(common, departure, _Sight("leaving", leaving.departs, ends, stop))

    def _common(self, day: DayOfService) -> _Day:
        service_day = day.service_day
        key = (service_day.day_type, service_day.reasons)
        if key not in self._why:
            self._why[key] = why_text(self.schedule, service_day, self.said)
        return _Day(self.schedule.network.on(day.date), Moments(day.date, self.zone), self._why[key])

    def _event(self, day: _Day, departure: Departure, sight: _Sight) -> bytes:
        uid = f"{departure.id}.{sight.stop}.{sight.name}" if sight.name else departure.id
        return event(uid, day.moments.lines(sight.starts, sight.ends), self._body(day, departure, sight))

    def _body(self, day: _Day, departure: Departure, sight: _Sight) -> bytes:
        """Kept for departures that run as planned; others are few, and each is its own.

        Two versions of a timetable may call the same trip at other times.
        """
        if departure.status is not DepartureStatus.SCHEDULED:
            return self._write(day, departure, sight)
        changed = departure.changed_at and departure.changed_at.timestamp()  # equal moments may differ by their fold
        times = (departure.trip, departure.calls, departure.times_set_by_hand)
        key = (*times, sight.name, day.why, id(day.network), changed, departure.revision)
        if key not in self._bodies:
            self._bodies[key] = self._write(day, departure, sight)
        return self._bodies[key]

    def _write(self, day: _Day, departure: Departure, sight: _Sight) -> bytes:
        summary = self._summary(day, departure, sight)
        if not departure.runs:
            summary = self.said.say("feeds.cancelled-title", summary=summary)
        return event_body(
            summary,
            _name(day.network, sight.stop),
            self._lines(day, departure),
            cancelled=not departure.runs,
            changed_at=departure.changed_at,
            revision=departure.revision,
        )

    def _summary(self, day: _Day, departure: Departure, sight: _Sight) -> str:
        origin = _name(day.network, departure.calls[0].stop)
        if sight.name == "leaving":
            return self.said.say("feeds.leaving", destination=departure.headsign)
        if sight.name == "arriving":
            return self.said.say("feeds.arriving", origin=origin)
        return self.said.say("feeds.departure", origin=origin, destination=departure.headsign)

    def _lines(self, day: _Day, departure: Departure) -> Iterator[str]:
        """State, calls, day and what is not confirmed."""
        said = self.said
        if departure.status is not DepartureStatus.SCHEDULED and departure.reason:
            planned = said.at_clock(departure.planned or 0)
            yield said.say(f"feeds.{departure.status}", time=planned, reason=said.say(f"reason.{departure.reason}"))
        for call in departure.calls:
            time = call.departs if call is not departure.calls[-1] else call.arrives
            yield said.say("feeds.call", stop=_name(day.network, call.stop), time=said.at_clock(time))
        yield day.why
        called = (day.network.stops.get(call.stop) for call in departure.calls)
        if unconfirmed := dict.fromkeys(stop.name for stop in called if stop and stop.provenance.assumed):
            yield said.say("feeds.position-assumed", stops=" / ".join(unconfirmed))
        if not departure.times_set_by_hand and self._is_estimated(day, departure):
            yield said.say("feeds.times-assumed")

    def _is_estimated(self, day: _Day, departure: Departure) -> bool:
        legs = (day.network.running_times.get(leg) for leg in self.schedule.network.pattern(departure.pattern).legs)
        return any(leg is not None and leg.provenance.assumed for leg in legs)


def _name(network: NetworkOnDay, stop: str) -> str:
    """A stop's name; its id where a timetable still calls at a stop that is no longer in use."""
    return network.stops[stop].name if stop in network.stops else stop
