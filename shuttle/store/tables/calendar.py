"""Tables of the calendar: day types, week, special days, overrides of single dates, special opening hours and early closings."""

import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base, one_in_force


class DayTypeRow(Base):
    """A day type. `position`: its place in the planner's list; `like`: the day type that it falls back to, null: none."""

    __tablename__ = "day_types"

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int]
    nb: Mapped[str] = mapped_column(String(120))
    nn: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(120))
    like: Mapped[str | None] = mapped_column(String(80))


class WeekRow(Base):
    """The day type of a weekday; `day` 0 is Monday."""

    __tablename__ = "week"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day_type: Mapped[str] = mapped_column(String(80))


class SpecialDayRow(Base):
    """A holiday or other special day of a date; `day_type` null: keeps that of the weekday."""

    __tablename__ = "special_days"

    date: Mapped[datetime.date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    nb: Mapped[str] = mapped_column(String(120))
    nn: Mapped[str] = mapped_column(String(120))
    en: Mapped[str] = mapped_column(String(120))
    day_type: Mapped[str | None] = mapped_column(String(80))


class OverrideRow(Base):
    """A planner's day type for one date. Withdrawn rows stay; a date has at most one row in force."""

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
    """Opening hours of a stop on one date. `windows`: pairs of opening and closing minute; empty: closed."""

    __tablename__ = "special_hours"

    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    date: Mapped[datetime.date] = mapped_column(primary_key=True)
    windows: Mapped[list[Any]]
    reason: Mapped[str] = mapped_column(String(200))


class EarlyClosingRow(Base):
    """A stop closes early on one date. Withdrawn rows stay; a stop has at most one row in force on a date."""

    __tablename__ = "early_closings"
    __table_args__ = (one_in_force("uq_early_closings_in_force", "stop", "date"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    stop: Mapped[str] = mapped_column(String(80))
    date: Mapped[datetime.date]
    closes: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime.datetime]
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime.datetime | None]
