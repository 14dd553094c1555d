"""Table of reports that were written when their period was over, as they were written."""

import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class FiledReportRow(Base):
    """A file, whole. `wanted`: its format; `preliminary`: late counts were still waited for."""

    __tablename__ = "filed_reports"

    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[datetime.date] = mapped_column(primary_key=True)
    last: Mapped[datetime.date] = mapped_column(primary_key=True)
    wanted: Mapped[str] = mapped_column(String(10), primary_key=True)
    preliminary: Mapped[bool] = mapped_column(primary_key=True)
    written_at: Mapped[datetime.datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
