"""Second factors, recovery codes and sign-ins that await a code, in the database. Codes and cookies are stored as hashes."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from shuttle.store.tables.access import PendingSignInRow, RecoveryCodeRow, SecondFactorRow


def factor(session: Session, account: str) -> SecondFactorRow | None:
    """The account's second factor, also one that is being set up; None without."""
    return session.get(SecondFactorRow, account)


def has_factor(session: Session, account: str) -> bool:
    """Whether a code is asked of the account."""
    row = factor(session, account)
    return row is not None and row.confirmed_at is not None


def accounts_with_factor(session: Session) -> frozenset[str]:
    """Ids of the accounts of which a code is asked."""
    query = select(SecondFactorRow.account).where(SecondFactorRow.confirmed_at.is_not(None))
    return frozenset(session.scalars(query))


def begin(session: Session, account: str, secret: str, at: datetime) -> None:
    """Store a secret that is being set up, in place of another such one."""
    row = factor(session, account)
    if row is None:
        session.add(SecondFactorRow(account=account, secret=secret, created_at=at, last_step=0))
    else:
        row.secret, row.created_at, row.last_step = secret, at, 0
    session.flush()


def use_step(session: Session, account: str, step: int) -> bool:
    """Use up the code of a time step; False where it, or a later one, was used. Of two concurrent attempts one succeeds."""
    query = (
        update(SecondFactorRow)
        .where(SecondFactorRow.account == account, SecondFactorRow.last_step < step)
        .values(last_step=step)
        .returning(SecondFactorRow.account)
    )
    return session.scalars(query).one_or_none() is not None


def use_recovery_code(session: Session, account: str, code_hash: str) -> bool:
    """Use up a recovery code; False for one that is unknown or used."""
    query = (
        delete(RecoveryCodeRow)
        .where(RecoveryCodeRow.account == account, RecoveryCodeRow.id == code_hash)
        .returning(RecoveryCodeRow.id)
    )
    return session.scalars(query).one_or_none() is not None


def set_recovery_codes(session: Session, account: str, hashes: Iterable[str]) -> None:
    """Store recovery codes in place of those that the account has."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account == account))
    session.add_all([RecoveryCodeRow(id=each, account=account) for each in hashes])
    session.flush()


def recovery_codes_left(session: Session, account: str) -> int:
    """Number of unused recovery codes."""
    query = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.account == account)
    return session.scalar(query) or 0


def remove(session: Session, account: str) -> None:
    """Delete the second factor, its recovery codes and sign-ins that await a code."""
    for table in (RecoveryCodeRow, PendingSignInRow, SecondFactorRow):
        session.execute(delete(table).where(table.account == account))


def add_pending(session: Session, secret_hash: str, account: str, now: datetime, ends_at: datetime) -> None:
    """Add a sign-in that awaits a code; those that nobody completed in time are deleted."""
    session.execute(delete(PendingSignInRow).where(PendingSignInRow.ends_at < now))
    session.add(PendingSignInRow(id=secret_hash, account=account, ends_at=ends_at))
    session.flush()


def pending(session: Session, secret_hash: str, now: datetime) -> str | None:
    """The account of a sign-in that awaits a code; None for one that is unknown or too old."""
    query = select(PendingSignInRow.account).where(PendingSignInRow.id == secret_hash, PendingSignInRow.ends_at >= now)
    return session.scalars(query).one_or_none()


def end_pending(session: Session, account: str) -> None:
    """Delete all sign-ins of an account that await a code: its password changed, it was disabled, or one was completed."""
    session.execute(delete(PendingSignInRow).where(PendingSignInRow.account == account))
