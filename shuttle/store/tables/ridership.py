"""Tables of ridership: observations and their sums, passings, incidents, skipped stops, releases and trials.

Observations, passings, incidents and skipped stops are append-only: a later row supersedes an earlier one.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class ObservationRow(Base):
    """One count of one observer at a stop of a departure. `row`: order of arrival; `key`: the sender's idempotency key; `reason`: of a
    correction.
    """

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("id"),
        Index("ix_observations_departure", "service_date", "departure"),
        CheckConstraint("boardings BETWEEN 0 AND 1000", name="boardings_in_range"),
    )

    order: Mapped[int] = mapped_column("row", primary_key=True, autoincrement=False)
    id: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(200))
    fingerprint: Mapped[str] = mapped_column(String(32))
    service_date: Mapped[date]
    departure: Mapped[str] = mapped_column(String(220))
    stop: Mapped[str] = mapped_column(String(80))
    boardings: Mapped[int]
    alightings: Mapped[int | None]
    left_behind: Mapped[int | None]
    full: Mapped[bool | None]
    wheelchairs: Mapped[int | None]
    recorded_at: Mapped[datetime]
    received_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    supersedes: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(20))


class CountRow(Base):
    """Latest count of each observer at a stop of a departure; `holds` marks the one that enters the sums."""

    __tablename__ = "counts"

    service_date: Mapped[date] = mapped_column(primary_key=True)
    departure: Mapped[str] = mapped_column(String(220), primary_key=True)
    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    source: Mapped[str] = mapped_column(String(80), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    observation: Mapped[str] = mapped_column(String(40))
    order: Mapped[int] = mapped_column("row")
    hour: Mapped[int]
    boardings: Mapped[int]
    alightings: Mapped[int]
    left_behind: Mapped[int]
    full: Mapped[int]
    holds: Mapped[bool]


class HourSumRow(Base):
    """Sums by service date, stop and hour of the planned call."""

    __tablename__ = "ridership_by_hour"

    service_date: Mapped[date] = mapped_column(primary_key=True)
    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    boardings: Mapped[int]
    alightings: Mapped[int]
    left_behind: Mapped[int]
    full: Mapped[int]
    counts: Mapped[int]


class TripSumRow(Base):
    """Sums by service date and trip; `counts` is 0 where all counts have moved to another key."""

    __tablename__ = "ridership_by_trip"

    service_date: Mapped[date] = mapped_column(primary_key=True)
    trip: Mapped[str] = mapped_column(String(200), primary_key=True)
    boardings: Mapped[int]
    alightings: Mapped[int]
    left_behind: Mapped[int]
    full: Mapped[int]
    counts: Mapped[int]


class PassingRow(Base):
    """A departure's departure from or arrival at a stop. The row with the highest `row` of a departure, stop and kind holds."""

    __tablename__ = "passings"
    __table_args__ = (Index(None, "service_date", "trip"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    service_date: Mapped[date]
    trip: Mapped[str] = mapped_column(String(80))
    stop: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime | None]
    said_by: Mapped[str] = mapped_column(String(120))
    said_at: Mapped[datetime]


class IncidentRow(Base):
    """An incident of a departure; `withdrawn`: what held of its subject no longer does. `domain/ridership/incidents.py` says which holds."""

    __tablename__ = "incidents"
    __table_args__ = (Index(None, "service_date", "departure"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    service_date: Mapped[date]
    departure: Mapped[str] = mapped_column(String(220))
    kind: Mapped[str] = mapped_column(String(20))
    minutes: Mapped[int | None]
    withdrawn: Mapped[bool]
    recorded_at: Mapped[datetime]
    said_by: Mapped[str] = mapped_column(String(120))
    said_at: Mapped[datetime]


class SkippedStopRow(Base):
    """A skipped stop. The row with the highest `row` of a departure and stop holds; one without reason withdraws it."""

    __tablename__ = "unserved_stops"
    __table_args__ = (Index(None, "service_date", "departure"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    service_date: Mapped[date]
    departure: Mapped[str] = mapped_column(String(220))
    stop: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(20))
    said_at: Mapped[datetime]


class ReleaseRow(Base):
    """Figures of a fortnight, released once. Null in `total` or in a part: suppressed. `breakdowns`: name -> part ->
    number or null; under `not_counted`: name -> parts without a count (older rows have them as 0).
    """

    __tablename__ = "releases"

    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date]
    frozen_at: Mapped[datetime]
    threshold: Mapped[int]
    total: Mapped[int | None]
    breakdowns: Mapped[dict[str, Any]]
    departures_run: Mapped[int]
    departures_counted: Mapped[int]


class TrialRow(Base):
    """A trial. Only its outcome is ever filled in; a row with an outcome is never deleted."""

    __tablename__ = "trials"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    question: Mapped[str] = mapped_column(String(300))
    measure: Mapped[str] = mapped_column(String(40))
    baseline_first: Mapped[date]
    baseline_last: Mapped[date]
    starts: Mapped[date]
    weeks: Mapped[int]
    goal: Mapped[float]
    stop_rule: Mapped[str] = mapped_column(String(300))
    stop: Mapped[str | None] = mapped_column(String(80))
    planned_by: Mapped[str] = mapped_column(String(120))
    planned_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(20))
    closed_by: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime | None]
