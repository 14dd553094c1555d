"""Addresses of drivers' calendars, in and out of the database. Whoever calls hands in hashes, never secrets."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.duties import DutyCalendarRow


def calendar_of(session: Session, account: str) -> DutyCalendarRow | None:
    return session.get(DutyCalendarRow, account)


def put_calendar(session: Session, account: str, secret_hash: str, at: datetime) -> None:
    """The address that is good from now on, in place of the one that the account had."""
    row = {"secret": secret_hash, "made_at": at, "last_used_at": None}
    made = insert_into(DutyCalendarRow, is_postgres(session.connection())).values(account=account, **row)
    session.execute(made.on_conflict_do_update(index_elements=["account"], set_=row))


def end_calendar(session: Session, account: str) -> bool:
    """False where the account had none."""
    query = delete(DutyCalendarRow).where(DutyCalendarRow.account == account).returning(DutyCalendarRow.account)
    return session.scalars(query).one_or_none() is not None


def calendar_with_account(session: Session, secret_hash: str) -> tuple[DutyCalendarRow, AccountRow] | None:
    """The calendar of that address, and whose it is, where the account is not disabled."""
    query = (
        select(DutyCalendarRow, AccountRow)
        .join(AccountRow, AccountRow.id == DutyCalendarRow.account)
        .where(DutyCalendarRow.secret == secret_hash, AccountRow.disabled_at.is_(None))
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def touch_calendar(session: Session, account: str, at: datetime) -> None:
    session.execute(update(DutyCalendarRow).where(DutyCalendarRow.account == account).values(last_used_at=at))
