"""Counting keys in the database: a phone sends counts with one after its session has ended. Keys are stored as hashes."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shuttle.store.tables.access import AccountRow, CountingKeyRow, SessionRow


def add_key(session: Session, key: CountingKeyRow) -> None:
    """Add a key."""
    session.add(key)
    session.flush()


def key_with_account(session: Session, secret_hash: str, at: datetime) -> tuple[CountingKeyRow, AccountRow] | None:
    """The valid key with its account, unless disabled; None for any other."""
    query = (
        select(CountingKeyRow, AccountRow)
        .join(AccountRow, AccountRow.id == CountingKeyRow.account)
        .where(
            CountingKeyRow.secret == secret_hash,
            CountingKeyRow.revoked_at.is_(None),
            CountingKeyRow.ends_at > at,
            AccountRow.disabled_at.is_(None),
        )
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def keys_in_use(session: Session, at: datetime) -> list[tuple[CountingKeyRow, str, str]]:
    """The valid keys, newest first, each with the name of its account and the device from which it came."""
    query = (
        select(CountingKeyRow, AccountRow.name, func.coalesce(SessionRow.browser, ""))
        .join(AccountRow, AccountRow.id == CountingKeyRow.account)
        .outerjoin(SessionRow, SessionRow.id == CountingKeyRow.opened_by)
        .where(CountingKeyRow.revoked_at.is_(None), CountingKeyRow.ends_at > at)
        .order_by(CountingKeyRow.created_at.desc(), CountingKeyRow.id)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def revoke_key(session: Session, key_id: str, at: datetime) -> str | None:
    """Revoke a key; returns its account's id, None where no such key is in use."""
    query = (
        update(CountingKeyRow)
        .where(CountingKeyRow.id == key_id, CountingKeyRow.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(CountingKeyRow.account)
    )
    return session.scalars(query).one_or_none()


def revoke_keys(session: Session, at: datetime, *, account: str = "", opened_by: str = "") -> None:
    """Revoke all keys of an account, or those that came from one session."""
    which = CountingKeyRow.account == account if account else CountingKeyRow.opened_by == opened_by
    session.execute(update(CountingKeyRow).where(CountingKeyRow.revoked_at.is_(None), which).values(revoked_at=at))
