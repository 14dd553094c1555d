"""Changing what the service stands on: stops, running times, vehicles, opening hours and the calendar.

They come as files (`schedules/`), are dated, and replace what is there in one act. What was, must stay explained: nothing is
taken in that leaves a departure of a published timetable, past or to come, without a stop or a running time.
"""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Refused, ShuttleError
from shuttle.domain.basics.service_time import FIRST_DATE, dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable.schedule import raise_version, read_schedule, write_reference_data

AHEAD = timedelta(days=400)


def import_reference_data(
    session: Session, person: Person | None, wanted: Schedule, now: datetime, today: date
) -> None:
    """Take network, calendar and opening hours from files. Raises Refused (`departures-would-break`) naming each trip."""
    person = allow(person, Action.EDIT_FACTS)
    write_reference_data(session, wanted)
    raise_version(session)
    session.expire_all()
    if faults := _broken(read_schedule(session), today):
        raise Refused(
            "departures-would-break",
            "; ".join(str(fault) for fault in faults),
            faults=faults,
        )
    counts = {"stops": len(wanted.network.stops), "running_times": len(wanted.network.running_times)}
    add_entry(session, now, person.name, person.role, "import-facts", "schedules", counts)


def _broken(schedule: Schedule, today: date) -> list[Fault]:
    """Trips of published timetables that could not be resolved on some date, each with the first such date."""
    found: dict[str, Fault] = {}
    for publication in schedule.publications:
        first = publication.valid.first
        assert first is not None
        for day in dates(max(first, FIRST_DATE), min(publication.valid.last or date.max, today + AHEAD)):
            try:
                resolved = schedule.departures_on(day)
            except ShuttleError as error:
                found.setdefault(error.detail, Fault(what=error.detail, where=f"{publication.timetable} on {day}"))
                continue
            known = schedule.network.on(day).stops
            for departure in resolved.departures:
                for call in departure.calls:
                    if call.stop not in known:
                        what = f"stop {call.stop} does not exist then"
                        found.setdefault(
                            f"{departure.trip} {call.stop}", Fault(what=what, where=f"{departure.trip} on {day}")
                        )
    return list(found.values())
