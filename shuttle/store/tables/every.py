"""Every table, for what must know them all: migrations and copies."""

from shuttle.store.tables import (
    access,
    calendar,
    duties,
    installation,
    network,
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
    "installation",
    "network",
    "operation",
    "planning",
    "ridership",
    "timetables",
]
