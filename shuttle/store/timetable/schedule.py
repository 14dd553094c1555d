"""The whole schedule in the database, and its version.

The schedule is a few hundred rows and is read whole. A copy in memory is current while the version is unchanged: every
transaction that changes the schedule calls `raise_version` once. One that edits
reference data calls `record_edits` after it.
"""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import Unavailable
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.fact_edits import FactEdit, FactKind, edits_between
from shuttle.store.tables.network import ServiceRow
from shuttle.store.timetable import changes, timetables
from shuttle.store.timetable.calendar import read_calendar, write_calendar
from shuttle.store.timetable.fact_edits import add_edits, read_edits
from shuttle.store.timetable.network import read_network, write_network
from shuttle.store.timetable.opening_hours import read_opening_times, write_opening_times
from shuttle.store.timetable.service_details import read_details, write_details
from shuttle.store.timetable.stop_pictures import read_pictures


def is_filled(session: Session) -> bool:
    """Whether the database has a schedule."""
    return session.get(ServiceRow, 1) is not None


def version(session: Session) -> int:
    """The schedule's version; 0 while the database is empty."""
    return session.scalar(select(ServiceRow.version)) or 0


def raise_version(session: Session, at: datetime | None = None, beyond: int = 0) -> None:
    """Raise the schedule's version; every process reads the schedule again with its next request.

    `at`: the moment of the change (now). Each version has a second of its own, later than that of the version before: it is
    the Last-Modified of feeds, which counts in seconds.
    `beyond`: the lowest version to exceed, for a restored backup whose own version is older than that of running
    processes.
    """
    service = session.get(ServiceRow, 1, with_for_update=True, populate_existing=True)
    if service is None:
        return
    moment = (at or datetime.now(UTC)).replace(microsecond=0)
    if service.changed_at is not None:
        moment = max(moment, service.changed_at + timedelta(seconds=1))
    service.version, service.changed_at = max(service.version, beyond) + 1, moment
    session.flush()


def record_edits(session: Session, before: Schedule, at: datetime, today: date) -> Schedule:
    """Keep what differs in the facts of the schedule `before` and of the one that is there now, which is given back."""
    session.flush()
    session.expire_all()
    after = read_schedule(session)
    add_edits(session, edits_between(before, after, version(session), at, today))
    return after


def record_replacement(session: Session, at: datetime) -> None:
    """Keep that everything may be another, as after a backup was restored."""
    add_edits(session, [FactEdit(version=version(session), at=at, kind=FactKind.EVERYTHING)])


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
        edits=read_edits(session),
        changed_at=service.changed_at,
        details=read_details(session),
        pictures=read_pictures(session),
    )


def fill(session: Session, schedule: Schedule) -> None:
    """Write a schedule from files into an empty database."""
    session.add(ServiceRow(id=1, version=1, base_stop=schedule.network.base_stop))
    session.flush()
    write_reference_data(session, schedule)
    write_details(session, schedule.details)
    for timetable in schedule.timetables:
        timetables.write_timetable(session, timetable)
    for publication in schedule.publications:
        timetables.write_publication(session, publication, published_by="")


def write_reference_data(session: Session, schedule: Schedule) -> None:
    """Replace network, calendar and opening hours; timetables and changes stay."""
    write_network(session, schedule.network)
    write_calendar(session, schedule.calendar)
    write_opening_times(session, schedule.opening_times)
