"""The record of acts is only ever added to: the database itself refuses to change a line of it or take one out.

The triggers that refuse were made by migration 0016. One act lifts them, restoring a backup, which puts a whole record in the
place of another; in its transaction they are taken away and put back, so that nobody sees the table without them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from shuttle.store.engine.database import is_postgres

_OFF = "ALTER TABLE acts DISABLE TRIGGER acts_no_change"
_ON = "ALTER TABLE acts ENABLE TRIGGER acts_no_change"


@contextmanager
def append_only_lifted(connection: Connection) -> Iterator[None]:
    """For the block, the record may be replaced. What fails in it is rolled back with the triggers."""
    if is_postgres(connection):
        connection.execute(text(_OFF))
        yield
        connection.execute(text(_ON))
        return
    names = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'acts'"
    triggers = connection.execute(text(names)).all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)
