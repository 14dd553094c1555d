"""First steps of a new service: the test for an empty schedule, and the next step.

A step is done when its data is there, wherever it came from: the steps are no state of their own.
"""

import re
import unicodedata
from collections.abc import Collection
from enum import StrEnum
from math import asin, ceil, cos, radians, sin, sqrt

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Network, Stop, Vehicle
from shuttle.domain.timetable.service_days import Calendar, DayType, Names
from shuttle.domain.timetable.trips import check_id

WEEKDAY, SATURDAY, SUNDAY, RESTS = "weekday", "saturday", "sunday", "no-service"
DAY_TYPES = (
    DayType(WEEKDAY, Names("Hverdag", "Kvardag", "Weekday")),
    DayType(SATURDAY, Names("Lørdag", "Laurdag", "Saturday")),
    DayType(SUNDAY, Names("Søn- og helligdag", "Sun- og heilagdag", "Sunday and public holiday")),
    DayType(RESTS, Names("Ingen avganger", "Ingen avgangar", "No departures")),
)
"""The kinds of day that the checklist offers; further ones are a planner's."""

SEATS = 8
EARTH_KM = 6371.0
DETOUR = 1.4
"""Road distance over distance as the crow flies, in towns."""
KM_PER_HOUR = 25.0
UNKNOWN_MINUTES = 10


class FirstStep(StrEnum):
    """The steps in their order."""

    NAME = "name"
    STOPS = "stops"
    TIMES = "times"
    WEEK = "week"
    HOURS = "hours"
    DEPARTURES = "departures"
    POSTER = "poster"


def empty_schedule() -> Schedule:
    """A schedule without stops: every day is an ordinary one on which nothing runs. One bus of 8 seats is assumed."""
    bus = Vehicle(id="bus-1", seats=SEATS, provenance=Provenance(assumed=True))
    week = (WEEKDAY,) * 5 + (SATURDAY, SUNDAY)
    return Schedule(
        network=Network(base_stop="", vehicles=(bus,)),
        calendar=Calendar(day_types=DAY_TYPES, week=(week[0], week[1], week[2], week[3], week[4], week[5], week[6])),
    )


def done_steps(schedule: Schedule) -> frozenset[FirstStep]:
    """The steps whose data is there. Opening hours may be left out: without any, every stop is always open."""
    network, is_published = schedule.network, bool(schedule.publications)
    links = {(link.origin, link.destination) for link in network.running_times}
    ids = {stop.id for stop in network.stops}
    has_times = len(ids) > 1 and all((here, there) in links for here in ids for there in ids if here != there)
    return frozenset(
        step
        for step, is_done in (
            (FirstStep.NAME, bool(schedule.details.names)),
            (FirstStep.STOPS, len(ids) > 1),
            (FirstStep.TIMES, has_times or is_published),
            (FirstStep.WEEK, bool(schedule.calendar.special_days)),
            (FirstStep.HOURS, bool(schedule.opening_times.stops) or is_published),
            (FirstStep.DEPARTURES, is_published),
        )
        if is_done
    )


def next_step(schedule: Schedule, after: FirstStep | None = None) -> FirstStep:
    """The step to take: the one after `after`, else the first that is not done; the poster at the end."""
    steps = list(FirstStep)
    if after is not None:
        return steps[min(steps.index(after) + 1, len(steps) - 1)]
    done = done_steps(schedule)
    return next((step for step in steps if step not in done), FirstStep.POSTER)


def proposed_minutes(origin: Stop, destination: Stop) -> tuple[int, float | None]:
    """Running minutes and road kilometres between two stops by their positions; 10 minutes where one has none."""
    if origin.lat is None or origin.lon is None or destination.lat is None or destination.lon is None:
        return UNKNOWN_MINUTES, None
    kilometres = round(DETOUR * _crow_km(origin.lat, origin.lon, destination.lat, destination.lon), 1)
    return max(2, ceil(1 + kilometres / KM_PER_HOUR * 60)), kilometres


def _crow_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance by the haversine formula."""
    north, east = radians(other_lat - lat) / 2, radians(other_lon - lon) / 2
    chord = sin(north) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(east) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def id_of(name: str, taken: Collection[str] = (), what: str = "stop") -> str:
    """An id from a name: `Kleppestø kai` is `kleppesto-kai`; with a number where another has it. Raises Invalid (`bad-id`)."""
    letters: dict[str, str | int | None] = {"ø": "o", "æ": "ae", "å": "a", "ß": "ss", "đ": "d", "ł": "l"}
    plain = name.lower().translate(str.maketrans(letters))
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:60].strip("-") or what
    number = 2
    identifier = words
    while identifier in taken:
        identifier, number = f"{words}-{number}", number + 1
    return check_id(identifier, what)
