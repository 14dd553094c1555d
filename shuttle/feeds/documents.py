"""JSON documents of the API and of `--json`: one shape for both.

Times are ISO 8601 with the offset that holds at that moment; dates are service dates. A departure at 00:10 after
midnight stands under its service date, with a moment on the next date.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from typing import Any

from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import instant, time_of_day_text
from shuttle.domain.ridership.boardings import CountQuestion
from shuttle.domain.timetable.changes import Change
from shuttle.domain.timetable.connections import Pair
from shuttle.domain.timetable.departures import Connection, DayOfService, Departure, Schedule
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Timetable
from shuttle.language import LANGUAGES, Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign

Document = dict[str, Any]


def departures_document(
    schedule: Schedule, day: DayOfService, zone: tzinfo, words: Words, stop: str | None = None
) -> Document:
    """`GET /api/v1/departures`, of all or of those that call at a stop; headsigns are as the bus leaves there."""
    shown = day.at_stop(stop) if stop is not None else day
    calls = [departure.first_call(stop) if stop is not None else None for departure in shown.departures]
    return _day_document(
        day,
        words,
        [
            departure_document(schedule, departure, zone, words, call)
            for departure, call in zip(shown.departures, calls, strict=True)
        ],
    )


def connections_document(schedule: Schedule, day: DayOfService, pair: Pair, zone: tzinfo, words: Words) -> Document:
    """`GET /api/v1/departures?from=&to=`: the connections from one stop to the other."""
    return _day_document(
        day,
        words,
        [connection_document(schedule, each, zone, words) for each in day.connections.get(pair, ())],
    )


def connection_document(schedule: Schedule, connection: Connection, zone: tzinfo, words: Words) -> Document:
    """A departure with its times at the two stops."""
    departure = connection.departure
    return {
        **departure_document(schedule, departure, zone, words, connection.boarding),
        "departs_at": instant(departure.date, connection.departs, zone).isoformat(),
        "arrives_at": instant(departure.date, connection.arrives, zone).isoformat(),
    }


def _day_document(day: DayOfService, words: Words, departures: list[Document]) -> Document:
    return {
        "date": day.date.isoformat(),
        "day_type": day.service_day.day_type,
        "day_type_reason": day_reason(day.service_day, words),
        "timetable": day.timetable,
        "departures": departures,
    }


def departure_document(
    schedule: Schedule, departure: Departure, zone: tzinfo, words: Words, call: Call | None = None
) -> Document:
    """A departure with its calls; `call`: the call whose headsign is shown (the first)."""
    ends = call is not None and call is departure.calls[-1]
    return {
        "id": departure.id,
        "trip": departure.trip,
        "pattern": departure.pattern,
        "direction": departure.direction,
        "headsign": headsign(schedule.network, departure, words, None if ends else call),
        "status": departure.status.value,
        "reason": departure.reason.value if departure.reason else None,
        "calls": [
            {
                "stop": each.stop,
                "name": schedule.network.stop_name(each.stop, departure.date),
                "sequence": each.sequence,
                "arrives_at": instant(departure.date, each.arrives, zone).isoformat(),
                "departs_at": instant(departure.date, each.departs, zone).isoformat(),
            }
            for each in departure.calls
        ],
    }


def calendar_document(schedule: Schedule, days: list[date], words: Words) -> list[Document]:
    """`GET /api/v1/calendar`: each date's day type, why, and how many departures run (cancelled ones apart)."""
    entries = []
    for day in days:
        resolved = schedule.departures_on(day)
        running = sum(departure.runs for departure in resolved.departures)
        entries.append(
            {
                "date": day.isoformat(),
                "day_type": resolved.service_day.day_type,
                "day_type_reason": day_reason(resolved.service_day, words),
                "undecided": resolved.service_day.undecided,
                "timetable": resolved.timetable,
                "departures": running,
                "cancelled": len(resolved.departures) - running,
            }
        )
    return entries


def stops_document(schedule: Schedule, day: date) -> list[Document]:
    """`GET /api/v1/stops`: the stops that exist on a date."""
    return [
        {
            "id": stop.id,
            "name": stop.name,
            "lat": stop.lat,
            "lon": stop.lon,
            "names": {language: stop.name_in(language) for language in LANGUAGES},
            "address": stop.address or None,
            "way": stop.way or None,
            "wheelchair": stop.wheelchair,
            "quay": stop.quay or None,
            **validity_document(stop.validity),
            **provenance_document(stop.provenance),
        }
        for stop in schedule.network.on(day).stops.values()
    ]


def opening_hours_document(schedule: Schedule, day: date, words: Words) -> Document:
    """`GET /api/v1/opening-hours`: each stop's windows on a date; `always_open` where none are known."""
    service_day = schedule.calendar.service_day(day)
    stops = []
    for stop in schedule.network.on(day).stops.values():
        windows = schedule.opening_times.windows(stop.id, service_day)
        regular = schedule.opening_times.regular_of(stop.id, service_day)
        special = next((s for s in schedule.opening_times.special if (s.stop, s.date) == (stop.id, day)), None)
        stops.append(
            {
                "stop": stop.id,
                "name": stop.name,
                "always_open": windows is None,
                "windows": [[time_of_day_text(opens), time_of_day_text(closes)] for opens, closes in windows or ()],
                "special": special.reason if special else None,
                **provenance_document(regular.provenance if regular and not special else Provenance()),
            }
        )
    return {
        "date": day.isoformat(),
        "day_type": service_day.day_type,
        "day_type_reason": day_reason(service_day, words),
        "stops": stops,
    }


def timetable_document(schedule: Schedule, timetable: Timetable, origin: Mapping[str, Any] | None = None) -> Document:
    """`GET /api/v1/timetables/{id}`: a version with its trips and when it is in force."""
    return {
        "id": timetable.id,
        "name": timetable.name,
        "status": timetable.status.value,
        **validity_document(timetable.intended),
        **provenance_document(timetable.provenance),
        "publications": [
            validity_document(publication.valid)
            for publication in schedule.periods
            if publication.timetable == timetable.id
        ],
        "trips": [
            {
                "id": trip.id,
                "pattern": trip.pattern,
                "stops": list(schedule.network.pattern(trip.pattern).stops),
                "day_type": trip.day_type,
                "departs": time_of_day_text(trip.departs),
                "calls": None
                if trip.calls is None
                else [
                    {"stop": c.stop, "arrives": time_of_day_text(c.arrives), "departs": time_of_day_text(c.departs)}
                    for c in trip.calls
                ],
            }
            for trip in sorted(timetable.trips, key=lambda trip: (trip.day_type, trip.departs, trip.pattern))
        ],
        "origin": dict(origin) if origin else None,
    }


def change_document(change: Change) -> Document:
    """`/api/v1/changes`: kind, dates, reason and author; a withdrawn one has its moment."""
    assert change.dates.first and change.dates.last
    return {
        "id": change.id,
        "kind": change.kind.value,
        "from": change.dates.first.isoformat(),
        "to": change.dates.last.isoformat(),
        "trip": change.touches,
        "pattern": change.pattern,
        "departs_at": None if change.departs is None else time_of_day_text(change.departs),
        "reason": change.reason.value,
        "made_by": change.made_by,
        "made_at": change.made_at.isoformat() if change.made_at else None,
        "withdrawn_by": change.withdrawn_by or None,
        "withdrawn_at": change.withdrawn_at.isoformat() if change.withdrawn_at else None,
    }


def validity_document(validity: Validity) -> Document:
    return {
        "valid_from": validity.first.isoformat() if validity.first else None,
        "valid_to": validity.last.isoformat() if validity.last else None,
    }


def provenance_document(provenance: Provenance) -> Document:
    return {
        "source": provenance.source or None,
        "assumed": provenance.assumed,
        "assumed_reason": provenance.reason or None,
    }


def question_document(question: CountQuestion) -> Document:
    """A contradiction of counts: `above_seats`, `below_zero` or `not_empty_at_end`, the first stop of it, and the load there."""
    return {"question": question.doubt.value, "stop": question.stop, "on_board": question.on_board}
