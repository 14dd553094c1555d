"""The tables, a module per subject. Importing this package knows them all, as migrations and tests need."""

from shuttle.store.tables import acts, calendar, network, passings, timetables
from shuttle.store.tables.base import Base

__all__ = ["Base", "acts", "calendar", "network", "passings", "timetables"]
