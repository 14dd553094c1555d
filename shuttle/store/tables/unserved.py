"""The table of stops that were not served. Rows are only ever added."""

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class UnservedRow(Base):
    """`row` is the order in which it was said; the last word of a departure and stop holds, and one without reason takes it back."""

    __tablename__ = "unserved_stops"
    __table_args__ = (Index(None, "service_date", "departure"),)

    row: Mapped[int] = mapped_column(primary_key=True)
    service_date: Mapped[date]
    departure: Mapped[str] = mapped_column(String(220))
    stop: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str | None] = mapped_column(String(20))
    role: Mapped[str] = mapped_column(String(20))
    said_at: Mapped[datetime]
