"""Tables of counts: observations as received, each observer's last word, and the sums of what holds.

`counts` and the two sums are derived; `rollup rebuild` makes them anew from `observations`. They are written in the same
transaction as the observation, so that no reader ever sees the one without the other.
"""

import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class ObservationRow(Base):
    """What somebody counted. Rows are only ever added. `key`: the sender's idempotency key."""

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
    service_date: Mapped[datetime.date]
    departure: Mapped[str] = mapped_column(String(220))
    stop: Mapped[str] = mapped_column(String(80))
    boardings: Mapped[int]
    alightings: Mapped[int | None]
    left_behind: Mapped[int | None]
    full: Mapped[bool | None]
    wheelchairs: Mapped[int | None]
    recorded_at: Mapped[datetime.datetime]
    received_at: Mapped[datetime.datetime]
    source: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(20))
    supersedes: Mapped[str | None] = mapped_column(String(40))


class CountRow(Base):
    """Each observer's last word about a stop of a departure; `holds` marks the one that the sums are made of."""

    __tablename__ = "counts"

    service_date: Mapped[datetime.date] = mapped_column(primary_key=True)
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

    service_date: Mapped[datetime.date] = mapped_column(primary_key=True)
    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    boardings: Mapped[int]
    alightings: Mapped[int]
    left_behind: Mapped[int]
    full: Mapped[int]
    counts: Mapped[int]


class TripSumRow(Base):
    """Sums by service date and trip; a row exists exactly where something was counted."""

    __tablename__ = "ridership_by_trip"

    service_date: Mapped[datetime.date] = mapped_column(primary_key=True)
    trip: Mapped[str] = mapped_column(String(200), primary_key=True)
    boardings: Mapped[int]
    alightings: Mapped[int]
    left_behind: Mapped[int]
    full: Mapped[int]
    counts: Mapped[int]
