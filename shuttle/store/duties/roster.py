"""Roster in the database: assignments of duties to drivers. Rows are withdrawn, never deleted."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Role
from shuttle.domain.basics.errors import Refused
from shuttle.domain.duties.roster import Assignment
from shuttle.store.engine.database import is_postgres
from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.duties import AssignmentRow

ROSTER_LOCK = 7486243
"""PostgreSQL advisory lock for changes of the roster; SQLite has one writer at a time anyway."""


def lock_roster(session: Session) -> None:
    """Wait for other changes of the roster: no index can check rest periods across concurrent transactions."""
    if is_postgres(session.connection()):
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ROSTER_LOCK})


def assignments(session: Session, first: date, last: date) -> tuple[Assignment, ...]:
    """Assignments in force on dates `first` to `last`, of all drivers, by date and duty."""
    return _read(session, _within(first, last).where(AssignmentRow.withdrawn_at.is_(None)))


def assignments_of_driver(session: Session, account: str, first: date, last: date) -> tuple[Assignment, ...]:
    """A driver's assignments, withdrawn ones too."""
    return _read(session, _within(first, last).where(AssignmentRow.account == account))


def add_assignments(session: Session, new: Iterable[Assignment], by: str) -> None:
    """Add assignments. Raises Refused (`roster-changed`) where another transaction assigned the duty or the driver."""
    for each in new:
        session.add(
            AssignmentRow(
                date=each.date,
                timetable=each.timetable,
                duty=each.duty,
                account=each.driver,
                made_by=by,
                made_at=each.made_at,
                withdrawn_by="",
            )
        )
    try:
        session.flush()
    except IntegrityError as error:
        if "uq_assignments" not in str(error.orig) and "assignments." not in str(error.orig):
            raise
        raise Refused(
            "roster-changed", "these duties have just been changed by another person; look at them again"
        ) from None


def withdraw_assignments(session: Session, withdrawn: Iterable[Assignment], by: str, at: datetime) -> None:
    """Withdraw the assignments that equal these in date, timetable and duty."""
    for each in withdrawn:
        session.execute(
            update(AssignmentRow)
            .where(
                _in_force_on(each.date),
                AssignmentRow.timetable == each.timetable,
                AssignmentRow.duty == each.duty,
            )
            .values(withdrawn_by=by, withdrawn_at=at)
        )


def drivers(session: Session) -> list[AccountRow]:
    """Accounts of drivers that are not disabled, by name."""
    conditions = (AccountRow.role == Role.DRIVER.value, AccountRow.disabled_at.is_(None))
    return list(session.scalars(select(AccountRow).where(*conditions).order_by(AccountRow.name)))


def _in_force_on(day: date) -> ColumnElement[bool]:
    return (AssignmentRow.date == day) & AssignmentRow.withdrawn_at.is_(None)


def _within(first: date, last: date) -> Select[AssignmentRow]:
    row = AssignmentRow
    return select(row).where(row.date.between(first, last)).order_by(row.date, row.timetable, row.duty, row.row)


def _read(session: Session, query: Select[AssignmentRow]) -> tuple[Assignment, ...]:
    return tuple(
        Assignment(
            date=row.date,
            timetable=row.timetable,
            duty=row.duty,
            driver=row.account,
            made_at=row.made_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in session.scalars(query)
    )
