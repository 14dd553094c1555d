"""Last buses of the day, and where one of them left somebody behind: the centre acts at once, since no later bus comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.ridership.boardings import left_behind_class
from shuttle.domain.timetable.departures import DayOfService
from shuttle.store.ridership.left_behind import stops_with_left_behind


@dataclass(frozen=True)
class LeftByLastBus:
    """A stop that the day's last bus left with passengers waiting. `number`: the class as it was counted: 1, 2, 3-5 or 6+."""

    departure: str
    stop: str
    departs: Minute
    number: str


def last_buses(day: DayOfService) -> dict[str, str]:
    """Stop -> the last departure that leaves it on the day; one that is cancelled does not count."""
    last: dict[str, tuple[Minute, str]] = {}
    for departure in day.departures:
        if departure.runs:
            for call in departure.calls[:-1]:
                last[call.stop] = max(last.get(call.stop, (-1, "")), (call.departs, departure.id))
    return {stop: departure for stop, (_, departure) in last.items()}


def left_by_last_buses(session: Session, days: Sequence[DayOfService], person: Person) -> list[LeftByLastBus]:
    """Where somebody was left by a last bus; a centre's tablet is told of departures that call there."""
    departures = {departure.id: departure for day in days for departure in day.departures}
    last = {(departure, stop) for day in days for stop, departure in last_buses(day).items()}
    found = []
    for key, stop, number, _ in stops_with_left_behind(session, [day.date for day in days]):
        departure = departures.get(key)
        call = departure.first_call(stop) if departure and (key, stop) in last else None
        if departure is None or call is None or (person.centre and departure.first_call(person.centre) is None):
            continue
        found.append(LeftByLastBus(key, stop, call.departs, left_behind_class(number)))
    return found
