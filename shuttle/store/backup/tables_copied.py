"""What a copy of the database holds, whatever it is written to."""

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from shuttle.store.backup import append_only
from shuttle.store.tables.every import Base

_NOT_COPIED = {"leases", "sessions", "counting_keys", "tablets"}
"""What belongs to the running program: who holds the clock, and who is signed in."""


def tables() -> list[Table]:
    """The tables that a copy holds, those that others refer to first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _NOT_COPIED]


def empty(session: Session) -> None:
    """Take every row out, sign-ins too."""
    with append_only.append_only_lifted(session.connection()):
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
