"""Wrong passwords by account and network, in the database: all processes count together."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from shuttle.store.tables.access import WrongTriesRow


def locked(session: Session, account: str, block: str, now: datetime) -> bool:
    """True when sign-ins to the account from the network have to wait."""
    row = session.get(WrongTriesRow, (account, block))
    return row is not None and row.locked_until is not None and row.locked_until > now


def add(session: Session, account: str, block: str, now: datetime, window: timedelta) -> int:
    """Count a wrong try; the number within the window. Rows of other networks that are older than it are deleted."""
    session.execute(delete(WrongTriesRow).where(WrongTriesRow.last_at < now - window))
    row = session.get(WrongTriesRow, (account, block))
    if row is None:
        row = WrongTriesRow(account=account, block=block, tries=0, last_at=now)
        session.add(row)
    row.tries, row.last_at = row.tries + 1, now
    session.flush()
    return row.tries


def lock(session: Session, account: str, block: str, until: datetime) -> None:
    """Let sign-ins to the account from the network wait; the count begins anew."""
    row = session.get_one(WrongTriesRow, (account, block))
    row.locked_until, row.tries = until, 0
    session.flush()


def forget(session: Session, account: str, block: str | None = None) -> None:
    """Forget wrong tries of an account, from one network or from all."""
    query = delete(WrongTriesRow).where(WrongTriesRow.account == account)
    session.execute(query if block is None else query.where(WrongTriesRow.block == block))
