"""The table of plans: what a planner asked, how far the solver has come, and what it answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class PlanRow(Base):
    """`scenario`: the TOML that was asked; `progress`: best, bound, gap, seconds, phase; `answer`: the document of `plan --json`;
    `failure`: a remark (store/remarks.py).

    `beat_at` is touched while somebody works on it: a plan that is running and has no recent beat was interrupted.
    """

    __tablename__ = "plans"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    scenario_id: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(200))
    scenario: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(20), index=True)
    asked_by: Mapped[str] = mapped_column(String(120))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    beat_at: Mapped[datetime | None]
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[dict[str, Any] | None]
    answer: Mapped[dict[str, Any] | None]
    failure: Mapped[str] = mapped_column(String(1000), default="")
    schedule_version: Mapped[int] = mapped_column(default=0)
