"""GTFS Realtime 2.0: today's and the next days' changes, for programs that fetched the schedule yesterday.

The schedule feed is already right about every change that it knew of; this one tells who has an older copy. A cancelled or
moved departure is CANCELED in its planned form, and every change is an alert with its reason in three languages. The wire
format is protocol buffers, of which six message types with three kinds of field are needed: they are written here, since a
generated module and its run-time library would be the larger part of this feature.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shuttle.domain.changes import ReasonCode
from shuttle.domain.clock import dates, instant
from shuttle.domain.departures import Departure, DepartureStatus, Schedule
from shuttle.feeds.gtfs import Feed, gtfs_date, gtfs_time
from shuttle.language import LANGUAGES, words

DAYS_AHEAD = 7

_CANCELED = 3
"""TripDescriptor.ScheduleRelationship."""

_EFFECTS = {DepartureStatus.CANCELLED: 1, DepartureStatus.EXTRA: 5, DepartureStatus.RETIMED: 6}
"""Alert.Effect: NO_SERVICE, ADDITIONAL_SERVICE, MODIFIED_SERVICE."""

_OTHER_CAUSE = 2
_CAUSES = {ReasonCode.VEHICLE_FAULT: 3, ReasonCode.WEATHER: 8}
"""Alert.Cause: TECHNICAL_PROBLEM, WEATHER; every other reason is OTHER_CAUSE, and said in words."""


def trip_updates(schedule: Schedule, now: datetime, zone: ZoneInfo) -> bytes:
    """A FeedMessage with a cancellation for each departure that does not run as the schedule feed once had it."""
    today = now.astimezone(zone).date()
    known = {trip.id for trip in Feed(schedule, today, today + timedelta(days=400)).trips}
    entities = [
        _entity(departure.id, 3, _message(1, _planned_trip(departure, True)) + _stamp(4, departure.changed_at))
        for departure in _changed(schedule, today)
        if departure.status in (DepartureStatus.CANCELLED, DepartureStatus.RETIMED) and departure.trip in known
    ]
    return _feed(now, entities)


def alerts(schedule: Schedule, now: datetime, zone: ZoneInfo) -> bytes:
    """A FeedMessage with an alert for each departure that is cancelled, moved or extra."""
    today = now.astimezone(zone).date()
    entities = [_entity(departure.id, 5, _alert(departure, zone)) for departure in _changed(schedule, today)]
    return _feed(now, entities)


def _changed(schedule: Schedule, today: date) -> Iterable[Departure]:
    for day in dates(today, today + timedelta(days=DAYS_AHEAD)):
        for departure in schedule.departures_on(day).departures:
            if departure.status is not DepartureStatus.SCHEDULED:
                yield departure


def _planned_trip(departure: Departure, canceled: bool) -> bytes:
    """TripDescriptor of the departure as it was planned."""
    return (
        _text(1, departure.trip)
        + _text(2, gtfs_time(departure.planned if departure.planned is not None else departure.departs))
        + _text(3, gtfs_date(departure.date))
        + (_number(4, _CANCELED) if canceled else b"")
        + _text(5, departure.pattern)
        + _number(6, departure.direction)
    )


def _alert(departure: Departure, zone: ZoneInfo) -> bytes:
    ends = int(instant(departure.date, departure.calls[-1].arrives, zone).timestamp())
    entity = _message(4, _planned_trip(departure, False))
    cause = _CAUSES.get(departure.reason, _OTHER_CAUSE) if departure.reason else _OTHER_CAUSE
    return (
        _message(1, _stamp(1, departure.changed_at) + _number(2, ends))
        + _message(5, entity)
        + _number(6, cause)
        + _number(7, _EFFECTS[departure.status])
        + _message(10, b"".join(_translation(_header(departure, language), language) for language in LANGUAGES))
        + _message(11, b"".join(_translation(_description(departure, language), language) for language in LANGUAGES))
    )


def _header(departure: Departure, language: str) -> str:
    said = words(language)
    status = said.say(f"status.{departure.status}")
    return f"{status}: {departure.headsign} {said.at_clock(departure.departs)}, {said.date_text(departure.date)}"


def _description(departure: Departure, language: str) -> str:
    said = words(language)
    planned = said.at_clock(departure.planned if departure.planned is not None else departure.departs)
    reason = said.say(f"reason.{departure.reason or ReasonCode.OTHER}")
    return said.say(f"feeds.{departure.status}", time=planned, reason=reason)


def _translation(text: str, language: str) -> bytes:
    return _message(1, _text(1, text) + _text(2, language))


def _feed(now: datetime, entities: Iterable[bytes]) -> bytes:
    """FeedMessage: header (version, FULL_DATASET, timestamp) and entities."""
    header = _text(1, "2.0") + _number(2, 0) + _number(3, int(now.timestamp()))
    return _message(1, header) + b"".join(_message(2, entity) for entity in entities)


def _entity(name: str, kind: int, content: bytes) -> bytes:
    """FeedEntity: 3 is a trip update, 5 an alert."""
    return _text(1, name) + _message(kind, content)


def _stamp(field: int, moment: datetime | None) -> bytes:
    return _number(field, int(moment.timestamp())) if moment else b""


def _varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, value: str) -> bytes:
    return _message(field, value.encode())
