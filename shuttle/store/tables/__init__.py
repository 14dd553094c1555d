"""The tables, a module per subject. Importing this package knows them all, as migrations and tests need."""

from shuttle.store.tables import (
    acts,
    boardings,
    calendar,
    demand_estimates,
    drafts,
    filed_reports,
    jobs,
    network,
    passings,
    people,
    plans,
    releases,
    roster,
    scenarios,
    timetables,
    trials,
    unserved,
)
from shuttle.store.tables.base import Base

__all__ = [
    "Base",
    "acts",
    "boardings",
    "calendar",
    "demand_estimates",
    "drafts",
    "filed_reports",
    "jobs",
    "network",
    "passings",
    "people",
    "plans",
    "releases",
    "roster",
    "scenarios",
    "timetables",
    "trials",
    "unserved",
]
