"""View of a driver's day: the duty, the departures, and what to count at each call.

A count belongs to a departure and a stop. At a stop that is called at twice, people board at the first call and alight at the last;
so each call says which of the two it counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from shuttle.domain.basics.service_time import Minute, instant
from shuttle.domain.duties.roster import DutyOnDate
from shuttle.domain.ridership.boardings import counting_opens
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign

DAYS = 3
"""Today and the days that a phone needs after a day without coverage."""


@dataclass(frozen=True, kw_only=True)
class DriverCall:
    """A call of a departure. `moment`: `at` with offset; `headsign`: what the bus shows when it leaves; empty at the last call."""

    stop: str
    name: str
    at: Minute
    moment: datetime
    boards: bool
    alights: bool
    headsign: str


@dataclass(frozen=True, kw_only=True)
class DriverTrip:
    """One departure. `leaves`, `arrives` and `opens` (of counting) are moments with offset, so that a phone needs no time zone.

    `names`: stop id -> name; `stops`: ids in the order of the calls; `seats` of the bus, where only one bus exists.
    `is_own`: it is part of the driver's duty.
    """

    id: str
    at: Minute
    headsign: str
    leaves: datetime
    arrives: datetime
    opens: datetime
    calls: tuple[DriverCall, ...]
    status: str
    reason: str
    planned: Minute | None
    stops: tuple[str, ...]
    names: dict[str, str]
    seats: int | None
    is_own: bool

    @property
    def runs(self) -> bool:
        return self.status != "cancelled"


@dataclass(frozen=True)
class DriverDay:
    """All departures of a date, and the driver's duty or None."""

    day: date
    why: str
    trips: tuple[DriverTrip, ...]
    duty: DutyOnDate | None


def driver_days(
    schedule: Schedule, now: datetime, zone: tzinfo, words: Words, duties: Iterable[DutyOnDate] = ()
) -> tuple[DriverDay, ...]:
    """Yesterday while its departures still run, today and the days after it, with the driver's own duties."""
    own = {duty.date: duty for duty in duties if not duty.withdrawn}
    days = []
    *running, today = schedule.days_in_service(now, zone)
    for day in map(schedule.departures_on, (*running, *(today + timedelta(days=ahead) for ahead in range(DAYS)))):
        duty = own.get(day.date)
        trips = (driver_trip(schedule, departure, zone, words, duty) for departure in day.departures)
        days.append(DriverDay(day.date, day_reason(day.service_day, words), tuple(trips), duty))
    return tuple(days)


def driver_trip(
    schedule: Schedule, departure: Departure, zone: tzinfo, words: Words, duty: DutyOnDate | None = None
) -> DriverTrip:
    """One departure with all of its calls; `duty`: the driver's own on that date."""
    network = schedule.network.on(departure.date)
    vehicle = network.only_vehicle
    last = departure.calls[-1]
    calls = []
    for call in departure.calls:
        boards = call == departure.first_call(call.stop) and call is not last
        alights = call == departure.last_call(call.stop) and call is not departure.calls[0]
        name = schedule.network.stop_name(call.stop, departure.date)
        at = call.arrives if call is last else call.departs
        ahead = "" if call is last else headsign(schedule.network, departure, words, call)
        calls.append(
            DriverCall(
                stop=call.stop,
                name=name,
                at=at,
                moment=instant(departure.date, at, zone),
                boards=boards,
                alights=alights,
                headsign=ahead,
            )
        )
    return DriverTrip(
        id=departure.id,
        at=departure.departs,
        headsign=headsign(schedule.network, departure, words),
        leaves=instant(departure.date, departure.departs, zone),
        arrives=instant(departure.date, last.arrives, zone),
        opens=counting_opens(departure, zone),
        calls=tuple(calls),
        status=departure.status.value,
        reason=words.say(f"reason.{departure.reason}") if departure.reason else "",
        planned=departure.planned,
        stops=tuple(call.stop for call in departure.calls),
        names={call.stop: call.name for call in calls},
        seats=vehicle.seats if vehicle else None,
        is_own=duty is not None and departure.trip in duty.duty.trips,
    )
