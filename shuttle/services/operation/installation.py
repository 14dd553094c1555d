"""Opening an installation: schema upgrade, and filling of an empty database from the schedule files."""

from pathlib import Path
from zoneinfo import ZoneInfo

from shuttle.domain.timetable.first_steps import empty_schedule
from shuttle.services.app_context import AppContext
from shuttle.store.engine import schema
from shuttle.store.engine.database import open_database
from shuttle.store.operation import installation as store
from shuttle.store.operation.audit_log import FILLED, add_entry
from shuttle.store.timetable import schedule as schedule_store
from shuttle.store.timetable.service_details import has_details, write_details


def open_app_context(database_url: str, zone: ZoneInfo) -> AppContext:
    """An AppContext on a database; connects with the first use. Raises Invalid (`bad-database-url`), Unavailable."""
    return AppContext(open_database(database_url), zone)


def prepare(context: AppContext, schedules: Path) -> bool:
    """Upgrade the schema and fill an empty database; True when it was filled now.

    An empty folder gives an empty schedule, which the first administrator's checklist fills.
    Raises Invalid with every fault of the files, Unavailable when the database cannot be written, Refused
    (`newer-database`). Filling is one transaction: after a kill the next start fills it again.
    """
    schema.upgrade(context.engine)
    with context.reading() as session:
        is_filled, is_described = schedule_store.is_filled(session), has_details(session)
    if is_filled:
        if not is_described:
            _describe(context, schedules)
        return False
    from shuttle.feeds.schedule_files.folder import read_schedules  # lazy: takes 0.5 s, and is needed once per database

    is_empty = schedules.is_dir() and not any(schedules.glob("**/*.toml"))
    schedule = empty_schedule() if is_empty else read_schedules(schedules)
    with context.transaction() as session:
        if schedule_store.is_filled(session):  # a concurrent host filled it
            return False
        schedule_store.fill(session, schedule)
        add_entry(session, context.now(), "shuttle", "system", FILLED, str(schedules.name))
    return True


def _describe(context: AppContext, schedules: Path) -> None:
    """Names and agency of `service.toml` for a database that an older program filled, when it had no place for them."""
    if not (schedules / "service.toml").is_file():
        return
    from shuttle.feeds.schedule_files.folder import read_schedules

    details = read_schedules(schedules).details
    with context.transaction() as session:
        write_details(session, details)
        schedule_store.raise_version(session, context.now())


def schema_is_current(context: AppContext) -> bool:
    """Whether the database has the newest schema of this program."""
    return schema.current(context.engine) == schema.newest()


def check_counting(context: AppContext) -> None:
    """Read and write what a count needs; nothing is kept. Raises Unavailable where that cannot be done."""
    with context.transaction() as session:
        store.try_counting(session)
