"""Tables of who drives when, and of the personal calendars that drivers subscribe to.

A duty that is taken back stays as a row: a calendar that showed it has to say that it is gone. That a duty has one driver on
a date, and a driver one duty, is the database's own constraint.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.base import Base, one_in_force
from shuttle.store.tables.timetables import TimetableRow


class AssignmentRow(Base):
    """`duty`: of the timetable version, as `weekday-1`."""

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
    """The address of a driver's calendar, one for each: the hash of what stands in it. Made anew, the old one is gone."""

    __tablename__ = "duty_calendars"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
