"""Drivers' calendar addresses in the database. All secrets are passed and stored as hashes."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.tables.access import AccountRow
from shuttle.store.tables.duties import DutyCalendarRow


def calendar_of(session: Session, account: str) -> DutyCalendarRow | None:
    """The address of an account; None where it has none."""
    return session.get(DutyCalendarRow, account)


def put_calendar(session: Session, account: str, secret_hash: str, at: datetime) -> None:
    """Store the account's address; an earlier one stops working."""
    row = {"secret": secret_hash, "made_at": at, "last_used_at": None}
    insertion = insert_into(DutyCalendarRow, is_postgres(session.connection())).values(account=account, **row)
    session.execute(insertion.on_conflict_do_update(index_elements=["account"], set_=row))


def end_calendar(session: Session, account: str) -> bool:
    """Delete the account's address; False where it had none."""
    query = delete(DutyCalendarRow).where(DutyCalendarRow.account == account).returning(DutyCalendarRow.account)
    return session.scalars(query).one_or_none() is not None


def calendar_with_account(session: Session, secret_hash: str) -> tuple[DutyCalendarRow, AccountRow] | None:
    """The address and its account, unless disabled; None for an unknown address."""
    query = (
        select(DutyCalendarRow, AccountRow)
        .join(AccountRow, AccountRow.id == DutyCalendarRow.account)
        .where(DutyCalendarRow.secret == secret_hash, AccountRow.disabled_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def touch_calendar(session: Session, account: str, at: datetime) -> None:
    """Store the time of the latest use."""
    session.execute(update(DutyCalendarRow).where(DutyCalendarRow.account == account).values(last_used_at=at))
