"""Tables of operation: runs of jobs and the scheduler's lease, the audit log, and stored reports.

The audit log is only ever added to; the database itself refuses to change a row of it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class JobRunRow(Base):
    """A run. The key is the due time, so that no two processes run a job for the same one. `said`: a remark (store/operation/outcomes.py).

    `begun`: how often it was begun, 0 where it was passed over; `started_at` is the last time. `beats`: how often who is at it
    has said so.
    """

    __tablename__ = "job_runs"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    due: Mapped[datetime] = mapped_column(primary_key=True)
    by_hand: Mapped[bool] = mapped_column(server_default=false())
    begun: Mapped[int] = mapped_column(server_default="1")
    beats: Mapped[int] = mapped_column(server_default="0")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(20))
    said: Mapped[str] = mapped_column(String(400))


class LeaseRow(Base):
    """Who holds what, and until when unless it is renewed."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class ActRow(Base):
    """`person`: name of the account or token; `subject`: id of what was acted on; `details`: what changed, no secrets."""

    __tablename__ = "acts"

    row: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]]


class FiledReportRow(Base):
    """A file, whole. `wanted`: its format; `preliminary`: late counts were still waited for."""

    __tablename__ = "filed_reports"

    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date] = mapped_column(primary_key=True)
    wanted: Mapped[str] = mapped_column(String(10), primary_key=True)
    preliminary: Mapped[bool] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
