"""Tables of duties: assignments of duties to drivers, and drivers' calendar addresses.

A withdrawn assignment stays as a row: a calendar that showed it must report its cancellation. Unique indexes allow one
driver for a duty on a date, and one duty for a driver on a date.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.base import Base, one_in_force
from shuttle.store.tables.timetables import TimetableRow


class AssignmentRow(Base):
    """An assignment of a duty to a driver on a date. `duty`: id within the timetable version, as `weekday-1`."""

    __tablename__ = "assignments"
    __table_args__ = (
        one_in_force("uq_assignments_one_driver", "date", "timetable", "duty"),
        one_in_force("uq_assignments_one_duty", "account", "date"),
    )

    row: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[date]
    timetable: Mapped[str] = mapped_column(ForeignKey(TimetableRow.id))
    duty: Mapped[str] = mapped_column(String(100))
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id))
    made_by: Mapped[str] = mapped_column(String(120))
    made_at: Mapped[datetime]
    withdrawn_by: Mapped[str] = mapped_column(String(120), default="")
    withdrawn_at: Mapped[datetime | None]


class DutyCalendarRow(Base):
    """The calendar address of a driver, one per account. `secret`: hash of the secret in the address."""

    __tablename__ = "duty_calendars"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
