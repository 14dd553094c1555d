"""Table of the acts on facts: rows of the fact's own table before and after an act."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class FactActRow(Base):
    """An act on a group of facts. `position`: 1 for the first act; `first_date`: from when it holds, null: all its dates.

    `before`, `after`: the rows of the fact, as column name -> JSON value. An undone act stays.
    """

    __tablename__ = "fact_acts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    position: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(200))
    first_date: Mapped[date | None]
    before: Mapped[list[Any]]
    after: Mapped[list[Any]]
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    undone_by: Mapped[str] = mapped_column(String(120), default="")
    undone_at: Mapped[datetime | None]
