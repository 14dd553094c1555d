"""GTFS Realtime 2.0: today's and the next days' changes, for programs that fetched the schedule yesterday.

The schedule feed is already right about every change that it knew of; this one tells who has an older copy. A cancelled or
moved departure is CANCELED in its planned form, and every change is an alert with its reason in three languages.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from google.transit.gtfs_realtime_pb2 import Alert, FeedHeader, FeedMessage, TranslatedString, TripDescriptor

from shuttle.domain.basics.service_time import dates, instant
from shuttle.domain.timetable.changes import ReasonCode
from shuttle.domain.timetable.departures import Departure, DepartureStatus, Schedule
from shuttle.feeds.gtfs.schedule import Feed, gtfs_date, gtfs_time
from shuttle.language import LANGUAGES, words
from shuttle.language.headsigns import headsign

DAYS_AHEAD = 7

_EFFECTS = {
    DepartureStatus.CANCELLED: Alert.NO_SERVICE,
    DepartureStatus.EXTRA: Alert.ADDITIONAL_SERVICE,
    DepartureStatus.RETIMED: Alert.MODIFIED_SERVICE,
}

_CAUSES = {ReasonCode.VEHICLE_FAULT: Alert.TECHNICAL_PROBLEM, ReasonCode.WEATHER: Alert.WEATHER}
"""Every other reason is OTHER_CAUSE, and said in words."""


def trip_updates(schedule: Schedule, now: datetime, zone: ZoneInfo) -> bytes:
    """A FeedMessage with a cancellation for each departure that does not run as the schedule feed once had it."""
    today = now.astimezone(zone).date()
    published = {trip.id for trip in Feed(schedule, today, today + timedelta(days=400)).trips}
    message = _feed(now)
    for departure in _changed(schedule, today):
        if departure.status in (DepartureStatus.CANCELLED, DepartureStatus.RETIMED) and departure.trip in published:
            update = message.entity.add(id=departure.id).trip_update
            update.trip.CopyFrom(_planned_trip(departure))
            update.trip.schedule_relationship = TripDescriptor.CANCELED
            if departure.changed_at:
                update.timestamp = int(departure.changed_at.timestamp())
    return bytes(message.SerializeToString())


def alerts(schedule: Schedule, now: datetime, zone: ZoneInfo) -> bytes:
    """A FeedMessage with an alert for each departure that is cancelled, moved or extra."""
    message = _feed(now)
    for departure in _changed(schedule, now.astimezone(zone).date()):
        _fill(message.entity.add(id=departure.id).alert, schedule, departure, zone)
    return bytes(message.SerializeToString())


def _feed(now: datetime) -> FeedMessage:
    header = FeedHeader(
        gtfs_realtime_version="2.0", incrementality=FeedHeader.FULL_DATASET, timestamp=int(now.timestamp())
    )
    return FeedMessage(header=header)


def _changed(schedule: Schedule, today: date) -> Iterable[Departure]:
    for day in dates(today, today + timedelta(days=DAYS_AHEAD)):
        for departure in schedule.departures_on(day).departures:
            if departure.status is not DepartureStatus.SCHEDULED:
                yield departure


def _planned_trip(departure: Departure) -> TripDescriptor:
    """The departure as it was planned."""
    return TripDescriptor(
        trip_id=departure.trip,
        start_time=gtfs_time(departure.planned if departure.planned is not None else departure.departs),
        start_date=gtfs_date(departure.date),
        route_id=departure.pattern,
        direction_id=departure.direction,
    )


def _fill(alert: Alert, schedule: Schedule, departure: Departure, zone: ZoneInfo) -> None:
    """The alert ends when the departure would have arrived."""
    period = alert.active_period.add(end=int(instant(departure.date, departure.calls[-1].arrives, zone).timestamp()))
    if departure.changed_at:
        period.start = int(departure.changed_at.timestamp())
    alert.informed_entity.add(trip=_planned_trip(departure))
    alert.cause = _CAUSES.get(departure.reason, Alert.OTHER_CAUSE) if departure.reason else Alert.OTHER_CAUSE
    alert.effect = _EFFECTS[departure.status]
    for language in LANGUAGES:
        _translate(alert.header_text, _header(schedule, departure, language), language)
        _translate(alert.description_text, _description(departure, language), language)


def _translate(translated: TranslatedString, text: str, language: str) -> None:
    translated.translation.add(text=text, language=language)


def _header(schedule: Schedule, departure: Departure, language: str) -> str:
    said = words(language)
    status = said.say(f"status.{departure.status}")
    whereto = headsign(schedule.network, departure, said)
    return f"{status}: {whereto} {said.at_clock(departure.departs)}, {said.date_text(departure.date)}"


def _description(departure: Departure, language: str) -> str:
    said = words(language)
    planned = said.at_clock(departure.planned if departure.planned is not None else departure.departs)
    reason = said.say(f"reason.{departure.reason or ReasonCode.OTHER}")
    return said.say(f"feeds.{departure.status}", time=planned, reason=reason)
