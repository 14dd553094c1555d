"""Tables of timetable versions: trips, duties, publications, changes, edits of drafts and edits of facts.

Two publications of one layer never share a date. The database enforces it (an exclusion constraint on PostgreSQL, triggers
on SQLite; see migration 0025), because a check in Python does not see uncommitted work of another process.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shuttle.store.tables.base import Base, Dated, Sourced
from shuttle.store.tables.calendar import DayTypeRow
from shuttle.store.tables.network import PatternRow


class TimetableRow(Dated, Sourced, Base):
    """A timetable version. `origin`: scenario, seed, versions and figures of the accepted proposal; null: not from a
    proposal.
    """

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
    """A trip. `departs`: minute of the service day; `calls`: [stop, sequence, arrives, departs]; null: from the running
    times.
    """

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
    """A duty of a timetable version. `trips`: ids of its trips; `breaks`: [from, to] in minutes."""

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
    """A published timetable; `valid_to` null: until further notice. The highest `layer` applies. Withdrawn rows stay."""

    __tablename__ = "publications"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_from <= valid_to", name="ends_after_beginning"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    layer: Mapped[int] = mapped_column(default=0, server_default="0")
    published_by: Mapped[str] = mapped_column(String(120))
    published_at: Mapped[datetime]
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime | None]


class ChangeRow(Base):
    """A cancelled, retimed or extra departure on `first_date` to `last_date`. Withdrawn rows stay."""

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


class FactEditRow(Base):
    """An edit of a fact, kept while no later edit has the same fact, dates and minutes."""

    __tablename__ = "fact_edits"

    row: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    first_date: Mapped[date | None]
    last_date: Mapped[date | None]
    first_start: Mapped[int | None]
    last_start: Mapped[int | None]


class DraftEditRow(Base):
    """An edit of a draft. `removed`, `added`: trips as [pattern, day type, departs, calls]; `undone`: may be redone."""

    __tablename__ = "draft_edits"

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    removed: Mapped[list[Any]]
    added: Mapped[list[Any]]
    undone: Mapped[bool] = mapped_column(default=False)


class UndoableActRow(Base):
    """An act that may be undone for some minutes. `before`: what it changed, as it was; `undone_at` null: not undone."""

    __tablename__ = "undoable_acts"

    row: Mapped[int] = mapped_column(primary_key=True)
    act: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    before: Mapped[dict[str, Any]]
    undone_by: Mapped[str] = mapped_column(String(120), default="")
    undone_at: Mapped[datetime | None]
