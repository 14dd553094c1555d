"""Opening an installation: the database brought up to date, and an empty one filled from the schedule files."""

from pathlib import Path
from zoneinfo import ZoneInfo

from shuttle.services.app_context import AppContext
from shuttle.store.engine import schema
from shuttle.store.engine.database import open_database
from shuttle.store.operation.audit_log import FILLED, add_entry
from shuttle.store.timetable import schedule as schedule_store


def open_app_context(database_url: str, zone: ZoneInfo) -> AppContext:
    """A house on a database; nothing is read or written yet."""
    return AppContext(open_database(database_url), zone)


def prepare(context: AppContext, schedules: Path) -> bool:
    """Bring the schema up to date and fill an empty database; True when it was filled just now.

    Raises Invalid with every fault of the files, Unavailable when the database cannot be written, Refused when it is newer
    than the program. Filling is one transaction: killed in the middle, the next start fills it again.
    """
    schema.upgrade(context.engine)
    with context.reading() as session:
        if schedule_store.is_filled(session):
            return False
    from shuttle.feeds.schedule_files.folder import read_schedules  # half a second, needed once in a database's life

    wanted = read_schedules(schedules)
    with context.transaction() as session:
        if schedule_store.is_filled(session):  # another host was quicker
            return False
        schedule_store.fill(session, wanted)
        add_entry(session, context.now(), "shuttle", "system", FILLED, str(schedules.name))
    return True


def schema_is_current(context: AppContext) -> bool:
    """Whether the database has the schema that this program knows."""
    return schema.current(context.engine) == schema.newest()
