"""Tables of the calendar: day types, the week, special days, a planner's overrides and special opening hours."""

import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base, one_in_force


class DayTypeRow(Base):
    """`position` keeps the order in which a planner lists the day types."""

    __tablename__ = "day_types"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int]
    nb: Mapped[str] = mapped_column(String(120))
    nn: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(120))


class WeekRow(Base):
    """`day` 0 is Monday."""

    __tablename__ = "week"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day_type: Mapped[str] = mapped_column(String(80))


class SpecialDayRow(Base):
    __tablename__ = "special_days"

    date: Mapped[datetime.date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    nb: Mapped[str] = mapped_column(String(120))
    nn: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(120))
    day_type: Mapped[str | None] = mapped_column(String(80))


class OverrideRow(Base):
    """Kept when withdrawn; at most one in force a date."""

    __tablename__ = "overrides"
    __table_args__ = (one_in_force("uq_overrides_date_in_force", "date"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[datetime.date]
    day_type: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime.datetime]
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime.datetime | None]


class SpecialHoursRow(Base):
    __tablename__ = "special_hours"

    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    date: Mapped[datetime.date] = mapped_column(primary_key=True)
    windows: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(String(200))
