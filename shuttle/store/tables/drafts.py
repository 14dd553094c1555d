"""Table of the edits of drafts: what each took out and put in, so that it can be taken back, step by step."""

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base
from shuttle.store.tables.timetables import TimetableRow


class DraftEditRow(Base):
    """`removed` and `added`: trips as [pattern, day type, departs, calls]; `undone`: taken back, and can be done again."""

    __tablename__ = "draft_edits"

    row: Mapped[int] = mapped_column(primary_key=True)
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id), index=True)
    removed: Mapped[list[Any]]
    added: Mapped[list[Any]]
    undone: Mapped[bool] = mapped_column(default=False)
