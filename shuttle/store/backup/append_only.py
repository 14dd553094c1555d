"""Triggers that make the audit log append-only, and how a restore lifts them.

Migration 0016 creates triggers that refuse updates and deletions. Only a restore, which replaces the whole log, drops
them. It restores them in the same transaction, so that no other connection sees the table without them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from shuttle.store.engine.database import is_postgres

_OFF = "ALTER TABLE acts DISABLE TRIGGER acts_no_change"
_ON = "ALTER TABLE acts ENABLE TRIGGER acts_no_change"


@contextmanager
def append_only_lifted(connection: Connection) -> Iterator[None]:
    """Within the block rows of the audit log may be deleted. A failure rolls back the triggers as well."""
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
