"""Tables of timetable versions with their trips and duties, their publications and the changes on dates.

That two publications in force never share a date is a constraint of the database itself (an exclusion constraint on
PostgreSQL, triggers on SQLite; see the migration), because a check in Python cannot see what another process commits.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shuttle.store.tables.base import Base, Dated, Sourced
from shuttle.store.tables.calendar import DayTypeRow
from shuttle.store.tables.network import PatternRow


class TimetableRow(Dated, Sourced, Base):
    """`origin`: the scenario, seed, versions and figures of a proposal that became this version."""

    __tablename__ = "timetables"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(20))
    made_by: Mapped[str] = mapped_column(String(120), default="")
    changed_at: Mapped[datetime]
    origin: Mapped[dict[str, Any] | None]
    trips: Mapped[list["TripRow"]] = relationship(
        cascade="all, delete-orphan", order_by="TripRow.departs, TripRow.trip"
    )
    duties: Mapped[list["PlannedDutyRow"]] = relationship(
        cascade="all, delete-orphan", order_by="PlannedDutyRow.day_type, PlannedDutyRow.number"
    )


class TripRow(Base):
    """`calls`: hand-set times as [stop, sequence, arrives, departs]; null: from the running times."""

    __tablename__ = "trips"
    __table_args__ = (UniqueConstraint("timetable", "trip"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    trip: Mapped[str] = mapped_column(String(200))
    pattern: Mapped[str] = mapped_column(ForeignKey(PatternRow.id))
    day_type: Mapped[str] = mapped_column(ForeignKey(DayTypeRow.id))
    departs: Mapped[int]
    calls: Mapped[list[Any] | None]


class PlannedDutyRow(Base):
    """`trips`: ids of the version's trips; `breaks`: as [from, to]."""

    __tablename__ = "planned_duties"
    __table_args__ = (UniqueConstraint("timetable", "day_type", "number"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    day_type: Mapped[str] = mapped_column(ForeignKey(DayTypeRow.id))
    number: Mapped[int]
    starts: Mapped[int]
    ends: Mapped[int]
    trips: Mapped[list[Any]]
    breaks: Mapped[list[Any]]


class PublicationRow(Base):
    __tablename__ = "publications"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="ends_after_beginning"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    published_by: Mapped[str] = mapped_column(String(120))
    published_at: Mapped[datetime]
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime | None]


class ChangeRow(Base):
    __tablename__ = "changes"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    first_date: Mapped[date] = mapped_column(index=True)
    last_date: Mapped[date]
    reason: Mapped[str] = mapped_column(String(40))
    trip: Mapped[str | None] = mapped_column(String(200))
    pattern: Mapped[str | None] = mapped_column(ForeignKey(PatternRow.id))
    departs: Mapped[int | None]
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime | None]


class DraftEditRow(Base):
    """`removed` and `added`: trips as [pattern, day type, departs, calls]; `undone`: taken back, and can be done again."""

    __tablename__ = "draft_edits"

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    removed: Mapped[list[Any]]
    added: Mapped[list[Any]]
    undone: Mapped[bool] = mapped_column(default=False)
