"""Events of a calendar: a departure as a whole, at one stop or between two, an opening window, and a driver's duty.

The body of an event (all but its UID and moments) is written once for a trip and kept: a year has thousands of events and dozens
of trips. An event names each fact of its own that is assumed: a position, a running time, opening hours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.duties.roster import DutyOnDate
from shuttle.domain.ridership.expectations import Told
from shuttle.domain.ridership.incidents import STANDING, TOLD, IncidentKind
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import DayOfService, Departure, DepartureStatus, Schedule
from shuttle.domain.timetable.fact_edits import FactKind
from shuttle.domain.timetable.network import Call, Network, NetworkOnDay, Stop
from shuttle.domain.timetable.service_days import ServiceDay
from shuttle.feeds.ical.components import SITE, Moments, Site, event, event_body
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign


def why_text(schedule: Schedule, service_day: ServiceDay, texts: Words) -> str:
    """Day type and the reason for it: `Helg og helligdag. Helligdag: Kristi himmelfartsdag`."""
    day_type = schedule.calendar.names_of(service_day.day_type).of(texts.language)
    reason = day_reason(service_day, texts)
    return day_type if reason == day_type else f"{day_type}. {reason}"


def opening_events(
    schedule: Schedule, stop: Stop, day: date, zone: ZoneInfo, texts: Words, site: Site = SITE
) -> Iterator[bytes]:
    """A centre's opening windows on a date, under its name of that date. They are transparent (TRANSP): they block no time."""
    stop = schedule.network.on(day).stops.get(stop.id, stop)
    service_day = schedule.calendar.service_day(day)
    special = next((s for s in schedule.opening_times.special if (s.stop, s.date) == (stop.id, day)), None)
    regular = schedule.opening_times.regular_of(stop.id, service_day)
    lines = [why_text(schedule, service_day, texts)]
    if special is not None:
        lines.append(texts.say("feeds.hours-special", reason=special.reason))
    elif regular is not None and regular.provenance.assumed:
        lines.append(texts.say("feeds.hours-assumed"))
    closing = schedule.opening_times.closing_on(stop.id, day)
    if closing is not None:
        lines.append(texts.say("closing.closes", stop=stop.name, time=texts.at_clock(closing.closes)))
    title = texts.say("feeds.open", stop=stop.name)
    hours = [(FactKind.OPENING_HOURS, stop.id), (FactKind.OPENING_HOURS, f"{stop.id} {service_day.day_type}")]
    edit = schedule.fact_edits.last([(FactKind.STOP, stop.id), *hours], day)
    body = event_body(
        title,
        stop.name,
        lines,
        busy=False,
        changed_at=edit.at if edit else None,
        revision=edit.version if edit else 0,
        position=_position(stop),
    )
    for opens, closes in schedule.opening_times.windows(stop.id, service_day) or ():
        uid = f"{day.isoformat()}.{stop.id}.open-{time_of_day_text(opens).replace(':', '')}"
        page = f"/?date={day.isoformat()}&stop={stop.id}"
        yield event(uid, Moments(day, zone).lines(opens, closes), body, site, page)


def duty_event(
    network: Network, duty: DutyOnDate, place: str, zone: ZoneInfo, texts: Words, site: Site = SITE
) -> bytes:
    """A duty from signing on to signing off at a place, with its trips and breaks in order of time."""
    lines = [(departure.departs, _duty_trip(network, departure, texts)) for departure in duty.departures]
    for starts, ends in duty.duty.breaks:
        lines.append((starts, texts.say("feeds.break", starts=texts.at_clock(starts), ends=texts.at_clock(ends))))
    summary = texts.say("feeds.duty", starts=texts.clock_text(duty.starts), ends=texts.clock_text(duty.ends))
    if duty.withdrawn:
        summary = texts.say("feeds.cancelled-title", summary=summary)
        lines = [(duty.starts, texts.say("feeds.duty-taken-back"))]
    body = event_body(
        summary,
        place,
        [text for _, text in sorted(lines)],
        cancelled=duty.withdrawn,
        changed_at=duty.changed_at,
        revision=duty.revision,
    )
    return event(duty.id, Moments(duty.date, zone).lines(duty.starts, duty.ends), body, site)


def _duty_trip(network: Network, departure: Departure, texts: Words) -> str:
    whereto = headsign(network, departure, texts)
    trip = texts.say("feeds.call", stop=whereto, time=texts.at_clock(departure.departs))
    return trip if departure.runs else texts.say("feeds.cancelled-title", summary=trip)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """The part of a departure that one calendar shows: suffix of its UID, its minutes, its stop, and the query of its page.

    `there`: the stop where the part ends, in a calendar of connections; else empty. `sequence`: the call that it is about, where the bus
    arrives (`arrives`) or leaves.
    """

    name: str
    starts: Minute
    ends: Minute
    stop: str
    sequence: int
    arrives: bool = False
    query: str = ""
    there: str = ""


@dataclass(frozen=True)
class _Day:
    """Values that all departures of a date share."""

    network: NetworkOnDay
    moments: Moments
    why: str


class DepartureEvents:
    """Writes the departures of one calendar. `told`: what drivers reported of those of today and the days behind, by departure."""

    def __init__(
        self,
        schedule: Schedule,
        zone: ZoneInfo,
        texts: Words,
        site: Site = SITE,
        told: Mapping[str, Told] = MappingProxyType({}),
    ) -> None:
        self.schedule = schedule
        self.zone = zone
        self.texts = texts
        self.site = site
        self._told = told
        self._bodies: dict[tuple[object, ...], bytes] = {}
        self._why: dict[tuple[object, ...], str] = {}

    def of_day(self, day: DayOfService) -> Iterator[bytes]:
        """Every departure from its first stop to its last."""
        common = self._common(day)
        for departure in day.departures:
            first, last = departure.calls[0], departure.calls[-1]
            yield self._event(
                common, departure, _Part(name="", starts=first.departs, ends=last.arrives, stop=first.stop, sequence=1)
            )

    def of_day_between(self, day: DayOfService, pair: Pair) -> Iterator[bytes]:
        """Connections from one stop to the other, from boarding to leaving."""
        common, (origin, destination) = self._common(day), pair
        for each in day.connections.get(pair, ()):
            name, query = f"{origin}.{destination}", f"&from={origin}&to={destination}"
            yield self._event(
                common,
                each.departure,
                _Part(
                    name=name,
                    starts=each.departs,
                    ends=each.arrives,
                    stop=origin,
                    sequence=each.boarding.sequence,
                    query=query,
                    there=destination,
                ),
            )

    def of_day_at_stop(self, day: DayOfService, stop: str) -> Iterator[bytes]:
        """A departure and an arrival at the stop; a stop in the middle of a trip has both."""
        common, query = self._common(day), f"&stop={stop}"
        for departure in day.departures:
            leaving, arriving = departure.first_call(stop), departure.last_call(stop)
            if arriving and arriving is not departure.calls[0]:
                yield self._event(
                    common,
                    departure,
                    _Part(
                        name=f"{stop}.arriving",
                        starts=arriving.arrives,
                        ends=arriving.arrives,
                        stop=stop,
                        sequence=arriving.sequence,
                        arrives=True,
                        query=query,
                    ),
                )
            if leaving and leaving is not departure.calls[-1]:
                ends = departure.calls[-1].arrives
                yield self._event(
                    common,
                    departure,
                    _Part(
                        name=f"{stop}.leaving",
                        starts=leaving.departs,
                        ends=ends,
                        stop=stop,
                        sequence=leaving.sequence,
                        query=query,
                    ),
                )

    def _common(self, day: DayOfService) -> _Day:
        service_day = day.service_day
        key = (service_day.day_type, service_day.reasons)
        if key not in self._why:
            self._why[key] = why_text(self.schedule, service_day, self.texts)
        return _Day(self.schedule.network.on(day.date), Moments(day.date, self.zone), self._why[key])

    def _event(self, day: _Day, departure: Departure, part: _Part) -> bytes:
        uid = f"{departure.id}.{part.name}" if part.name else departure.id
        page = f"/?date={departure.date.isoformat()}{part.query}"
        when = day.moments.lines(part.starts, part.ends)
        return event(uid, when, self._body(day, departure, part), self.site, page)

    def _body(self, day: _Day, departure: Departure, part: _Part) -> bytes:
        """The event's body, kept for departures that run as planned and of which nothing is told. The others are few, and no two are
        alike.

        The key holds the calls: two versions of a timetable may call the same trip at other times.
        """
        if departure.status is not DepartureStatus.SCHEDULED or departure.id in self._told:
            return self._write(day, departure, part)
        changed = departure.changed_at and departure.changed_at.timestamp()  # equal moments may differ by their fold
        times = (departure.trip, departure.calls, departure.times_set_by_hand)
        key = (*times, part.name, day.why, id(day.network), changed, departure.revision)
        if key not in self._bodies:
            self._bodies[key] = self._write(day, departure, part)
        return self._bodies[key]

    def _write(self, day: _Day, departure: Departure, part: _Part) -> bytes:
        summary = self._summary(day, departure, part)
        told = self._told.get(departure.id)
        lines = list(self._lines(day, departure))
        if not departure.runs:
            summary = self.texts.say("feeds.cancelled-title", summary=summary)
        elif told is not None:
            today = list(_today(told, departure.calls[part.sequence - 1], part.arrives, self.texts))
            summary = ", ".join([summary, *(text for text, is_trouble in today if is_trouble)])
            lines = [*(text[:1].upper() + text[1:] for text, _ in today), *lines]
        moments = (departure.changed_at, told.renewed_at if told is not None else None)
        return event_body(
            summary,
            self.schedule.network.stop_name(part.stop, departure.date),
            lines,
            cancelled=not departure.runs,
            changed_at=max((moment for moment in moments if moment is not None), default=None),
            revision=departure.revision + (told.renewals if told is not None else 0),
            position=_position(day.network.stops.get(part.stop)),
        )

    def _summary(self, day: _Day, departure: Departure, part: _Part) -> str:
        name = self.schedule.network.stop_name
        if part.there:
            destination = name(part.there, departure.date)
            return self.texts.say("feeds.departure", origin=name(part.stop, departure.date), destination=destination)
        origin = name(departure.calls[0].stop, departure.date)
        if part.name.endswith(".leaving"):
            leaving = departure.first_call(part.stop)
            return self.texts.say(
                "feeds.leaving", destination=headsign(self.schedule.network, departure, self.texts, leaving)
            )
        if part.name.endswith(".arriving"):
            return self.texts.say("feeds.arriving", origin=origin)
        return self.texts.say(
            "feeds.departure", origin=origin, destination=headsign(self.schedule.network, departure, self.texts)
        )

    def _lines(self, day: _Day, departure: Departure) -> Iterator[str]:
        """Lines of the description: state, calls, kind of day, and assumed facts."""
        texts = self.texts
        if departure.status is not DepartureStatus.SCHEDULED and departure.reason:
            planned = texts.at_clock(departure.planned or 0)
            yield texts.say(f"feeds.{departure.status}", time=planned, reason=texts.say(f"reason.{departure.reason}"))
        for call in departure.calls:
            time = call.departs if call is not departure.calls[-1] else call.arrives
            yield texts.say(
                "feeds.call", stop=self.schedule.network.stop_name(call.stop, departure.date), time=texts.at_clock(time)
            )
        yield day.why
        called = (day.network.stops.get(call.stop) for call in departure.calls)
        if unconfirmed := dict.fromkeys(stop.name for stop in called if stop and stop.provenance.assumed):
            yield texts.say("feeds.position-assumed", stops=" / ".join(unconfirmed))
        if not departure.times_set_by_hand and self._is_estimated(day, departure):
            yield texts.say("feeds.times-assumed")

    def _is_estimated(self, day: _Day, departure: Departure) -> bool:
        legs = (day.network.running_times.get(leg) for leg in self.schedule.network.pattern(departure.pattern).legs)
        return any(leg is not None and leg.provenance.assumed for leg in legs)


def _today(told: Told, call: Call, arrives: bool, texts: Words) -> Iterator[tuple[str, bool]]:
    """What is told of a call, and whether it is trouble, which stands in the title too.

    The event keeps its planned time: a program asks again after hours, and a bus that made up its delay would be missed.
    """
    today = told.calls[call.sequence - 1]
    stands = told.incident in STANDING
    if arrives and today.reached is not None:
        yield texts.say("feeds.arrived", time=texts.clock_text(today.reached)), False
    elif arrives and today.late_arriving:
        expected = texts.clock_text(call.arrives + today.late_arriving)
        yield texts.say("feeds.late-arriving", minutes=today.late_arriving, time=expected), True
    elif not arrives and today.left is not None:
        yield texts.say("public.left", time=texts.clock_text(today.left)), False
    elif not arrives and today.is_unreported and not stands:
        yield texts.say("public.not_reported"), False
    elif not arrives and today.late_leaving:
        expected = texts.clock_text(call.departs + today.late_leaving)
        yield texts.say("public.late", minutes=today.late_leaving, time=expected), True
    if told.incident in TOLD and told.incident is not IncidentKind.DELAYED:  # a delay is in the times
        yield texts.say(f"incident.{told.incident}"), True


def _position(stop: Stop | None) -> tuple[float, float] | None:
    """Latitude and longitude; the description tells where they are assumed."""
    return (stop.lat, stop.lon) if stop and stop.lat is not None and stop.lon is not None else None
