"""GTFS Realtime 2.0, service alerts: every cancelled, moved or extra departure of the coming days with its reason.

Trip updates tell how departures differ from the static feed; alerts tell people of every change, whichever feed it is in. Texts
name the day of the calendar on which the bus leaves: after midnight that is the day after the service date.
"""

from datetime import date, datetime, timedelta, tzinfo

from google.transit.gtfs_realtime_pb2 import Alert, TranslatedString

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import DAY, instant
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, DepartureStatus, Schedule
from shuttle.feeds.gtfs.identifiers import stop_ids
from shuttle.feeds.gtfs.realtime import feed_message, realtime_dates, trip_descriptor
from shuttle.feeds.gtfs.schedule import Feed, published_feed
from shuttle.language import LANGUAGES, words
from shuttle.language.headsigns import headsign

_EFFECTS = {
    DepartureStatus.CANCELLED: Alert.NO_SERVICE,
    DepartureStatus.EXTRA: Alert.ADDITIONAL_SERVICE,
    DepartureStatus.RETIMED: Alert.MODIFIED_SERVICE,
}

_CAUSES = {ReasonCode.VEHICLE_FAULT: Alert.TECHNICAL_PROBLEM, ReasonCode.WEATHER: Alert.WEATHER}
"""Every other reason is OTHER_CAUSE, and named in the text."""


def alerts(schedule: Schedule, now: datetime, publisher: Publisher, timestamp: datetime) -> bytes:
    """A FeedMessage with an alert for each departure that is cancelled, moved or extra. `timestamp`: its last renewal."""
    feed = published_feed(schedule, now, publisher)
    message = feed_message(feed, timestamp)
    for day in realtime_dates(schedule, now, publisher.zone):
        static = {each.trip: each for each in feed.schedule.departures_on(day).departures}
        for departure in schedule.departures_on(day).departures:
            if departure.status is not DepartureStatus.SCHEDULED:
                alert = message.entity.add(id=departure.id).alert
                _fill(alert, schedule, departure, publisher.zone)
                _inform(alert, feed, departure, static.get(departure.trip))
    return bytes(message.SerializeToString())


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
    """One selector for the trip on its route, and one for each stop at which people would board it."""
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
