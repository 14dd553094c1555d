"""The table of passings: when a departure really left or came. Rows are only ever added."""

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class PassingRow(Base):
    """`row` is the order in which passings were said; the last one of a departure, stop and kind holds."""

    __tablename__ = "passings"
    __table_args__ = (Index(None, "service_date", "trip"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    service_date: Mapped[date]
    trip: Mapped[str] = mapped_column(String(80))
    stop: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime | None]
    said_by: Mapped[str] = mapped_column(String(120))
    said_at: Mapped[datetime]
