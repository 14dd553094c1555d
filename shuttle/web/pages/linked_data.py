"""Linked data: a day's departures and opening hours in schema.org's words, as search engines read them (JSON-LD 1.1).

A departure is a BusTrip from its first stop to its last; its other stops are the itinerary. Hours of a date are an
OpeningHoursSpecification valid on that date alone. An unconfirmed value says so in its description.
"""

from datetime import date, tzinfo
from typing import Any

import orjson

from shuttle.domain.basics.publisher import Publisher
from shuttle.domain.basics.service_time import DAY, Minute, instant
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.domain.timetable.network import Stop
from shuttle.domain.timetable.opening_hours import Window
from shuttle.language import Words

Node = dict[str, Any]


def linked_data(schedule: Schedule, day: date, zone: tzinfo, words: Words, publisher: Publisher, base_url: str) -> str:
    """The graph of a date, as content of a `script` element of type application/ld+json."""
    graph = [
        *(_trip(schedule, departure, zone, words, publisher, base_url) for departure in _running(schedule, day)),
        *_centres(schedule, day, words),
    ]
    return orjson.dumps({"@context": "https://schema.org", "@graph": graph}).decode().replace("<", "\\u003c")


def _running(schedule: Schedule, day: date) -> list[Departure]:
    return [departure for departure in schedule.departures_on(day).departures if departure.runs]


def _trip(
    schedule: Schedule, departure: Departure, zone: tzinfo, words: Words, publisher: Publisher, base_url: str
) -> Node:
    first, *middle, last = departure.calls
    node: Node = {
        "@type": "BusTrip",
        "identifier": departure.id,
        "url": f"{base_url}/?date={departure.date.isoformat()}",
        "provider": {"@type": "Organization", "name": publisher.name, "url": publisher.url},
        "departureBusStop": _place(schedule, first.stop, departure.date, "BusStop"),
        "departureTime": instant(departure.date, first.departs, zone).isoformat(),
        "arrivalBusStop": _place(schedule, last.stop, departure.date, "BusStop"),
        "arrivalTime": instant(departure.date, last.arrives, zone).isoformat(),
    }
    if middle:
        node["itinerary"] = [_place(schedule, call.stop, departure.date, "BusStop") for call in middle]
    running_times = schedule.network.on(departure.date).running_times
    legs = (running_times.get(leg) for leg in schedule.network.pattern(departure.pattern).legs)
    if not departure.times_set_by_hand and any(leg and leg.provenance.assumed for leg in legs):
        node["description"] = words.say("feeds.times-assumed")
    return node


def _place(schedule: Schedule, stop: str, day: date, kind: str) -> Node:
    node: Node = {"@type": kind, "name": schedule.network.stop_name(stop, day)}
    on_day = schedule.network.on(day).stops.get(stop)
    if on_day and on_day.address:
        node["address"] = on_day.address
    if on_day and _is_placed(on_day):
        node["geo"] = {"@type": "GeoCoordinates", "latitude": on_day.lat, "longitude": on_day.lon}
    return node


def _is_placed(stop: Stop) -> bool:
    """True when the position is confirmed: the format has no place for a remark on the coordinates."""
    return stop.lat is not None and stop.lon is not None and not stop.provenance.assumed


def _centres(schedule: Schedule, day: date, words: Words) -> list[Node]:
    """Each centre in use with its hours on the date."""
    service_day = schedule.calendar.service_day(day)
    nodes = []
    for stop in schedule.network.on(day).stops:
        windows = schedule.opening_times.windows(stop, service_day)
        if windows is None:
            continue
        special = any((hours.stop, hours.date) == (stop, day) for hours in schedule.opening_times.special)
        regular = schedule.opening_times.regular_of(stop, service_day)
        assumed = bool(regular and regular.provenance.assumed and not special)
        specifications = [_hours(day, window, words, assumed) for window in windows or ((0, 0),)]
        nodes.append({**_place(schedule, stop, day, "Place"), "openingHoursSpecification": specifications})
    return nodes


def _hours(day: date, window: Window, words: Words, assumed: bool) -> Node:
    """A window on one date; from 00:00 to 00:00 is closed all day."""
    opens, closes = window
    node: Node = {
        "@type": "OpeningHoursSpecification",
        "validFrom": day.isoformat(),
        "validThrough": day.isoformat(),
        "opens": _time(opens),
        "closes": _time(closes),
    }
    if assumed:
        node["description"] = words.say("feeds.hours-assumed")
    return node


def _time(minute: Minute) -> str:
    rest = minute % DAY
    return f"{rest // 60:02d}:{rest % 60:02d}"
