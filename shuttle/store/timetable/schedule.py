"""The whole schedule in the database, and its version.

The schedule is a few hundred rows and is read whole. A copy in memory is current while the version is unchanged: every
transaction that changes the schedule calls `raise_version` once.
"""

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.timetable.departures import Schedule
from shuttle.store.tables.network import ServiceRow
from shuttle.store.timetable import changes, timetables
from shuttle.store.timetable.calendar import read_calendar, write_calendar
from shuttle.store.timetable.network import read_network, write_network
from shuttle.store.timetable.opening_hours import read_opening_times, write_opening_times


def is_filled(session: Session) -> bool:
    """Whether the database has a schedule."""
    return session.get(ServiceRow, 1) is not None


def version(session: Session) -> int:
    """The schedule's version; 0 while the database is empty."""
    return session.scalar(select(ServiceRow.version)) or 0


def raise_version(session: Session, beyond: int = 0) -> None:
    """Raise the schedule's version; every process reads the schedule again with its next request.

    `beyond`: the lowest version to exceed, for a restored backup whose own version is older than that of running
    processes.
    """
    latest = case((ServiceRow.version < beyond, beyond), else_=ServiceRow.version)
    session.execute(update(ServiceRow).values(version=latest + 1))


def read_schedule(session: Session) -> Schedule:
    """Network, calendar, timetables, publications, opening hours and changes. Raises Unavailable (`empty-database`)."""
    service = session.get(ServiceRow, 1)
    if service is None:
        raise Unavailable("empty-database", "the database holds no schedule yet; `shuttle serve` fills it")
    return Schedule(
        network=read_network(session, service),
        calendar=read_calendar(session),
        timetables=timetables.read_timetables(session),
        publications=timetables.read_publications(session),
        opening_times=read_opening_times(session),
        changes=changes.read_changes(session),
    )


def fill(session: Session, schedule: Schedule) -> None:
    """Write a schedule from files into an empty database."""
    session.add(ServiceRow(id=1, version=1, base_stop=schedule.network.base_stop, costs={}))
    session.flush()
    write_reference_data(session, schedule)
    for timetable in schedule.timetables:
        timetables.write_timetable(session, timetable)
    for publication in schedule.publications:
        timetables.write_publication(session, publication, published_by="")


def write_reference_data(session: Session, schedule: Schedule) -> None:
    """Replace network, calendar and opening hours; timetables and changes stay."""
    write_network(session, schedule.network)
    write_calendar(session, schedule.calendar)
    write_opening_times(session, schedule.opening_times)
