"""All tables, imported for migrations and backups."""

from shuttle.store.tables import (
    access,
    calendar,
    duties,
    facts,
    installation,
    network,
    notifications,
    operation,
    planning,
    ridership,
    timetables,
)
from shuttle.store.tables.base import Base

__all__ = [
    "Base",
    "access",
    "calendar",
    "duties",
    "facts",
    "installation",
    "network",
    "notifications",
    "operation",
    "planning",
    "ridership",
    "timetables",
]
