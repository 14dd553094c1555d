"""GTFS Realtime 2.0, service alerts: every cancelled, moved or extra departure of the coming days, every changed day type, and centres
that close early today.

Trip updates tell how departures differ from the static feed; alerts tell people of every change, whichever feed it is in. Texts
name the day of the calendar on which the bus leaves: after midnight that is the day after the service date. A changed day type
has one alert for its date, since it changes many departures for one reason.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo

from google.transit.gtfs_realtime_pb2 import Alert, FeedMessage, TranslatedString

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import DAY, instant
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, DepartureStatus, Schedule
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.opening_hours import EarlyClosing, arrives_too_late
from shuttle.domain.timetable.service_days import Override
from shuttle.feeds.gtfs.identifiers import gtfs_stop_id, stop_ids, stop_version
from shuttle.feeds.gtfs.realtime import feed_message, realtime_dates, trip_descriptor
from shuttle.feeds.gtfs.schedule import Feed, published_feed
from shuttle.language import LANGUAGES, Words, words
from shuttle.language.headsigns import headsign

_EFFECTS = {
    DepartureStatus.CANCELLED: Alert.NO_SERVICE,
    DepartureStatus.EXTRA: Alert.ADDITIONAL_SERVICE,
    DepartureStatus.RETIMED: Alert.MODIFIED_SERVICE,
}

_CAUSES = {ReasonCode.VEHICLE_FAULT: Alert.TECHNICAL_PROBLEM, ReasonCode.WEATHER: Alert.WEATHER}
"""Every other reason is OTHER_CAUSE, and named in the text."""


def alerts(schedule: Schedule, now: datetime, publisher: Publisher, timestamp: datetime) -> bytes:
    """A FeedMessage with an alert for each departure that is cancelled, moved or extra, for each changed day type and for each centre
    that closes early.

    `timestamp`: its last renewal.
    """
    feed = published_feed(schedule, now, publisher)
    message = feed_message(feed, timestamp)
    overrides = {override.date: override for override in schedule.calendar.overrides}
    for day in realtime_dates(schedule, now, publisher.zone):
        if day in overrides:
            _add_day_type(message, feed, schedule, overrides[day])
        for closing in schedule.opening_times.closings:
            if closing.date == day:
                _add_closing(message, feed, schedule, closing)
        static = {each.trip: each for each in feed.schedule.departures_on(day).departures}
        for departure in schedule.departures_on(day).departures:
            if departure.status is not DepartureStatus.SCHEDULED:
                alert = message.entity.add(id=departure.id).alert
                _fill(alert, schedule, departure, publisher.zone)
                _inform(alert, feed, departure, static.get(departure.trip))
    return bytes(message.SerializeToString())


def _add_day_type(message: FeedMessage, feed: Feed, schedule: Schedule, override: Override) -> None:
    """The alert of a date whose day type a planner changed; none where the departures of both day types are the same.

    It is in force from the decision until the last departure of either day type has arrived, and names every route that runs on
    one of them.
    """
    day, zone = override.date, feed.publisher.zone
    usual = replace(schedule, calendar=replace(schedule.calendar, overrides=()), changes=()).departures_on(day)
    changed = replace(schedule, changes=()).departures_on(day)
    departures = [*usual.departures, *changed.departures]
    if usual.departures == changed.departures:
        return
    alert = message.entity.add(id=f"{day.isoformat()}.day-type").alert
    ends = max(departure.calls[-1].arrives for departure in departures)
    period = alert.active_period.add(end=int(instant(day, ends, zone).timestamp()))
    if override.made_at:
        period.start = min(int(override.made_at.timestamp()), period.end)
    alert.cause = Alert.OTHER_CAUSE
    alert.effect = Alert.MODIFIED_SERVICE if changed.departures else Alert.NO_SERVICE
    names = schedule.calendar.names_of(override.day_type)
    for language in LANGUAGES:
        texts = words(language)
        header = texts.say("feeds.day-type", date=texts.date_text(day), name=names.of(language))
        _translate(alert.header_text, header, language)
        _translate(alert.description_text, texts.say("feeds.day-type-reason", reason=override.reason), language)
    for route in sorted({departure.pattern for departure in departures}):
        alert.informed_entity.add(agency_id=feed.publisher.id, route_id=route)


def _add_closing(message: FeedMessage, feed: Feed, schedule: Schedule, closing: EarlyClosing) -> None:
    """The alert of a centre that closes early; none where no departure of the day reaches it.

    It is in force from the decision until the centre would have closed and the last bus has arrived. It names the stop, and with it each
    departure that would reach a shut door.
    """
    day, zone = closing.date, feed.publisher.zone
    reaching = [
        (departure, call)
        for departure in schedule.departures_on(day).departures
        for call in departure.calls[1:]
        if departure.runs and call.stop == closing.stop
    ]
    if not reaching:
        return
    usual = replace(schedule, opening_times=replace(schedule.opening_times, closings=()))
    ends = max([call.arrives for _, call in reaching] + [ends for _, ends in usual.windows(closing.stop, day) or ()])
    alert = message.entity.add(id=f"{day.isoformat()}.{closing.stop}.closes-early").alert
    period = alert.active_period.add(end=int(instant(day, ends, zone).timestamp()))
    if closing.made_at:
        period.start = min(int(closing.made_at.timestamp()), period.end)
    alert.cause, alert.effect = Alert.OTHER_CAUSE, Alert.OTHER_EFFECT
    late = [(departure, call) for departure, call in reaching if arrives_too_late(closing, call.arrives)]
    for language in LANGUAGES:
        texts = words(language)
        name = schedule.network.stop_name(closing.stop, day, language)
        header = texts.say("closing.closes", stop=name, time=texts.at_clock(closing.closes))
        _translate(alert.header_text, header, language)
        _translate(alert.description_text, _late_arrivals(late, texts), language)
    stop = gtfs_stop_id(stop_version(feed.network, closing.stop, day))
    alert.informed_entity.add(agency_id=feed.publisher.id, stop_id=stop)
    static = {each.trip: each for each in feed.schedule.departures_on(day).departures}
    for departure, _ in late:
        planned = static.get(departure.trip)
        is_new = planned is None or not planned.runs
        trip = trip_descriptor(feed, departure if is_new else planned or departure, is_new)
        trip.ClearField("schedule_relationship")
        alert.informed_entity.add(trip=trip, stop_id=stop, agency_id=feed.publisher.id, route_id=departure.pattern)


def _late_arrivals(late: Sequence[tuple[Departure, Call]], texts: Words) -> str:
    """The departures that would reach a shut door, or that there is none."""
    if not late:
        return texts.say("feeds.closing-reached")
    times = (
        texts.say("closing.departure", departs=texts.clock_text(each.departs), arrives=texts.clock_text(call.arrives))
        for each, call in late
    )
    return f"{texts.say('closing.too_late')} {texts.listed(list(times))}"


def _fill(alert: Alert, schedule: Schedule, departure: Departure, zone: tzinfo) -> None:
    """Period, cause, effect and texts. The alert ends when the departure has arrived, as planned and as moved."""
    planned = departure.departs if departure.planned is None else departure.planned
    ends = departure.calls[-1].arrives + max(0, planned - departure.departs)
    period = alert.active_period.add(end=int(instant(departure.date, ends, zone).timestamp()))
    if departure.changed_at:
        period.start = min(int(departure.changed_at.timestamp()), period.end)
    alert.cause = _CAUSES.get(departure.reason, Alert.OTHER_CAUSE) if departure.reason else Alert.OTHER_CAUSE
    alert.effect = _EFFECTS[departure.status]
    for language in LANGUAGES:
        _translate(alert.header_text, _header(schedule, departure, language), language)
        _translate(alert.description_text, _description(departure, language), language)


def _inform(alert: Alert, feed: Feed, departure: Departure, static: Departure | None) -> None:
    """Adds a selector for the trip on its route, and one for each of its boarding stops."""
    is_new = static is None or (departure.runs and not static.runs)
    trip = trip_descriptor(feed, departure if is_new else static or departure, is_new)
    trip.ClearField("schedule_relationship")  # of updates alone: a selector names a trip
    route = {"agency_id": feed.publisher.id, "route_id": departure.pattern}
    alert.informed_entity.add(trip=trip, **route)
    for stop in dict.fromkeys(stop_ids(feed.network, departure)[:-1]):
        alert.informed_entity.add(trip=trip, stop_id=stop, **route)


def _translate(translated: TranslatedString, text: str, language: str) -> None:
    translated.translation.add(text=text, language=language)


def _header(schedule: Schedule, departure: Departure, language: str) -> str:
    texts = words(language)
    status = texts.say(f"status.{departure.status}")
    destination = headsign(schedule.network, departure, texts)
    return f"{status}: {destination} {texts.at_clock(departure.departs)}, {texts.date_text(_day_of(departure))}"


def _day_of(departure: Departure) -> date:
    """The day of the calendar on which it leaves."""
    return departure.date + timedelta(days=departure.departs // DAY)


def _description(departure: Departure, language: str) -> str:
    texts = words(language)
    planned = texts.at_clock(departure.departs if departure.planned is None else departure.planned)
    reason = texts.say(f"reason.{departure.reason or ReasonCode.OTHER}")
    return texts.say(f"feeds.{departure.status}", time=planned, reason=reason)
