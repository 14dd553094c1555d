"""Tables of operation: job runs, leases, readings of the clock, the audit log and stored reports.

The audit log is append-only: triggers refuse updates and deletions.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import LargeBinary, String, false
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class JobRunRow(Base):
    """A run of a job. The primary key holds the due time, so that two processes cannot run a job twice for one due
    time.

    `begun`: number of starts, 0 for a missed run; `started_at`: the latest start; `beats`: heartbeats of the running
    process; `said`: a JobOutcome (store/operation/outcomes.py).
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
    """A lease with its holder, which ends at `until` unless renewed."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]


class ClockReadingRow(Base):
    """The wall clock as the program last read it: one row of this installation, in no backup.

    `leapt_from`, `leapt_to`: a leap that nobody has confirmed: what the clock should have shown, and what it showed.
    """

    __tablename__ = "clock_readings"

    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    read_at: Mapped[datetime]
    leapt_from: Mapped[datetime | None]
    leapt_to: Mapped[datetime | None]


class AuditLogRow(Base):
    """An entry of the audit log. `person`: name of account or token; `subject`: id of the object; `details`: the
    change, no secrets.
    """

    __tablename__ = "acts"

    row: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    person: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]]


class StoredReportRow(Base):
    """A stored report file. `wanted`: its format; `preliminary`: made while late counts were still accepted."""

    __tablename__ = "filed_reports"

    period: Mapped[str] = mapped_column(String(20), primary_key=True)
    first: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[date] = mapped_column(primary_key=True)
    wanted: Mapped[str] = mapped_column(String(10), primary_key=True)
    preliminary: Mapped[bool] = mapped_column(primary_key=True)
    written_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
