"""Table of scenarios as planners saved them: each saving is a row of its own, and none is ever written over."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class ScenarioRow(Base):
    """`scenario`: the id that the text itself has; `revision` counts from 1; `text`: TOML as it was saved."""

    __tablename__ = "scenarios"

    scenario: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    saved_by: Mapped[str] = mapped_column(String(120))
    saved_at: Mapped[datetime]
