"""Tables that a backup contains."""

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from shuttle.store.backup import append_only
from shuttle.store.tables.every import Base

_NOT_COPIED = {"clock_readings", "leases", "sessions", "pending_sign_ins", "counting_keys", "tablets"}
"""State of the running program: the scheduler's lease, readings of the clock, and sign-ins."""


def tables() -> list[Table]:
    """The tables of a backup, referenced tables first."""
    return [table for table in Base.metadata.sorted_tables if table.name not in _NOT_COPIED]


def empty(session: Session) -> None:
    """Delete all rows of all tables, sign-ins too."""
    with append_only.append_only_lifted(session.connection()):
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(delete(table))
