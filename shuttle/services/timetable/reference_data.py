"""Import of reference data: stops, running times, vehicles, opening hours and the calendar.

The files (`schedules/`) replace all stored reference data in one act. An import is refused if it left a departure of a
published timetable, past or future, without a stop or a running time.
"""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Refused, ShuttleError
from shuttle.domain.basics.service_time import FIRST_DATE, dates
from shuttle.domain.timetable.departures import Schedule
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable.schedule import raise_version, read_schedule, record_edits, write_reference_data

AHEAD = timedelta(days=400)


def import_reference_data(
    session: Session, person: Person | None, schedule: Schedule, now: datetime, today: date
) -> None:
    """Replace network, calendar and opening hours. Raises Refused (`departures-would-break`) with a fault for each trip."""
    person = allow(person, Action.EDIT_FACTS)
    before = read_schedule(session)
    write_reference_data(session, schedule)
    raise_version(session, now)
    refuse_broken_departures(record_edits(session, before, now, today), today)
    counts = {"stops": len(schedule.network.stops), "running_times": len(schedule.network.running_times)}
    add_entry(session, now, person.name, person.role, "import-facts", "schedules", counts)


def refuse_broken_departures(schedule: Schedule, today: date) -> None:
    """Raises Refused (`departures-would-break`) with a fault for each trip that cannot be timed, or calls where no stop is."""
    if faults := _broken(schedule, today):
        raise Refused(
            "departures-would-break",
            "; ".join(str(fault) for fault in faults),
            given="; ".join(fault.where for fault in faults[:3]),
            faults=faults,
        )


def _broken(schedule: Schedule, today: date) -> list[Fault]:
    """Trips of published timetables that cannot be service on some date, each with the first such date."""
    faults: dict[str, Fault] = {}
    for publication in schedule.periods:
        first = publication.valid.first
        assert first is not None
        for day in dates(max(first, FIRST_DATE), min(publication.valid.last or date.max, today + AHEAD)):
            try:
                service = schedule.departures_on(day)
            except ShuttleError as error:
                faults.setdefault(error.detail, Fault(what=error.detail, where=f"{publication.timetable} on {day}"))
                continue
            stops = schedule.network.on(day).stops
            for departure in service.departures:
                for call in departure.calls:
                    if call.stop not in stops:
                        what = f"stop {call.stop} does not exist then"
                        faults.setdefault(
                            f"{departure.trip} {call.stop}", Fault(what=what, where=f"{departure.trip} on {day}")
                        )
    return list(faults.values())
