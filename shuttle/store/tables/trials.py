"""Table of trials: questions about the service, with what was decided."""

import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class TrialRow(Base):
    """A trial; only the outcome is ever filled in, and a row that has one is never deleted."""

    __tablename__ = "trials"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    question: Mapped[str] = mapped_column(String(300))
    measure: Mapped[str] = mapped_column(String(40))
    baseline_first: Mapped[datetime.date]
    baseline_last: Mapped[datetime.date]
    starts: Mapped[datetime.date]
    weeks: Mapped[int]
    goal: Mapped[float]
    stop_rule: Mapped[str] = mapped_column(String(300))
    stop: Mapped[str | None] = mapped_column(String(80))
    planned_by: Mapped[str] = mapped_column(String(120))
    planned_at: Mapped[datetime.datetime]
    outcome: Mapped[str | None] = mapped_column(String(20))
    closed_by: Mapped[str] = mapped_column(String(120))
    closed_at: Mapped[datetime.datetime | None]
