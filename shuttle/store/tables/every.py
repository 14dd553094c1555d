"""Every table, for what must know them all: migrations and copies."""

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
