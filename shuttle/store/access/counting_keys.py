"""Keys with which phones send what was counted after the session has ended, in and out of the database, as hashes."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shuttle.store.tables.access import AccountRow, CountingKeyRow


def add_key(session: Session, key: CountingKeyRow) -> None:
    session.add(key)
    session.flush()


def key_with_account(session: Session, secret_hash: str, at: datetime) -> tuple[CountingKeyRow, AccountRow] | None:
    """The key that is neither revoked nor past its end, with its account that is not disabled, or None."""
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
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def keys_in_use(session: Session, at: datetime) -> list[tuple[CountingKeyRow, str]]:
    """Keys that are good now with the names of their accounts, the newest first."""
    query = (
        select(CountingKeyRow, AccountRow.name)
        .join(AccountRow, AccountRow.id == CountingKeyRow.account)
        .where(CountingKeyRow.revoked_at.is_(None), CountingKeyRow.ends_at > at)
        .order_by(CountingKeyRow.created_at.desc(), CountingKeyRow.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def revoke_key(session: Session, key_id: str, at: datetime) -> str | None:
    """Revoke one key that is in use; gives its account's id, or None where there is no such key."""
    query = (
        update(CountingKeyRow)
        .where(CountingKeyRow.id == key_id, CountingKeyRow.revoked_at.is_(None))
        .values(revoked_at=at)
        .returning(CountingKeyRow.account)
    )
    return session.scalars(query).one_or_none()


def revoke_keys(session: Session, at: datetime, *, account: str = "", opened_by: str = "") -> None:
    """Revoke all keys of an account, or those that were given to one session."""
    mine = CountingKeyRow.account == account if account else CountingKeyRow.opened_by == opened_by
    session.execute(update(CountingKeyRow).where(CountingKeyRow.revoked_at.is_(None), mine).values(revoked_at=at))
