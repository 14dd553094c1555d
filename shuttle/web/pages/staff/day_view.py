"""View of a centre's day: arrivals and departures at one stop, their delay, and changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, tzinfo

from shuttle.domain.basics.service_time import Minute, minute_at
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.language import Words
from shuttle.language.headsigns import headsign
from shuttle.web.pages.driver.day_view import DriverTrip, driver_trip


@dataclass(frozen=True, kw_only=True)
class StaffTrip:
    """A departure at the centre. `other`: the first stop of one that ends here, else the headsign.

    `late`: minutes behind the timetable at the last reported stop; None without a report.
    """

    trip: DriverTrip
    at: Minute
    arrives: bool
    other: str
    change: str | None
    late: int | None
    passed: Minute | None


def staff_trips(
    schedule: Schedule, day: date, stop: str, passings: list[Passing], zone: tzinfo, words: Words
) -> tuple[StaffTrip, ...]:
    """The departures that call at the stop, in the order of their calls. Raises NotFound (`unknown-stop`)."""
    schedule.network.on(day).stop(stop)
    departures = schedule.departures_on(day).at_stop(stop).departures
    trips = [_staff_trip(schedule, departure, stop, passings, zone, words) for departure in departures]
    return tuple(sorted(trips, key=lambda trip: (trip.at, trip.trip.id)))


def staff_trips_among(
    schedule: Schedule, departures: Iterable[Departure], stop: str, zone: tzinfo, words: Words
) -> tuple[StaffTrip, ...]:
    """Departures of past days that call at the stop, without passings."""
    calling = (departure for departure in departures if departure.first_call(stop))
    return tuple(_staff_trip(schedule, departure, stop, [], zone, words) for departure in calling)


def _staff_trip(
    schedule: Schedule, departure: Departure, stop: str, passings: list[Passing], zone: tzinfo, words: Words
) -> StaffTrip:
    call = departure.first_call(stop)
    assert call is not None
    arrives = call.sequence == len(departure.calls)
    trip = driver_trip(schedule, departure, zone, words)
    mine = [passing for passing in passings if passing.departure == departure.id]
    last = max(mine, key=lambda passing: passing.at or passing.said_at, default=None)
    return StaffTrip(
        trip=replace(trip, calls=tuple(c for c in trip.calls if c.stop == stop)),
        at=call.arrives if arrives else call.departs,
        arrives=arrives,
        other=schedule.network.stop_name(departure.calls[0].stop, departure.date)
        if arrives
        else headsign(schedule.network, departure, words, call),
        change=departure.change,
        late=_late(departure, last, zone) if last else None,
        passed=minute_at(last.at, departure.date, zone) if last and last.at else None,
    )


def _late(departure: Departure, passing: Passing, zone: tzinfo) -> int | None:
    arrived = passing.kind is PassingKind.ARRIVED
    call = departure.last_call(passing.stop) if arrived else departure.first_call(passing.stop)
    if call is None or passing.at is None:
        return None
    return minute_at(passing.at, departure.date, zone) - (call.arrives if arrived else call.departs)
