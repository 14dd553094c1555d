"""Tables of the clock: each run of a job, once for each due time, and who holds the clock."""

from datetime import datetime

from sqlalchemy import String, false
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class JobRunRow(Base):
    """A run. The key is the due time, so that no two processes run a job for the same one. `said`: a remark (store/remarks.py).

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
