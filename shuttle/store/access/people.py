"""Accounts, sessions, tokens and links, in and out of the database. Whoever calls hands in hashes, never secrets."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.store.tables.access import AccountRow, LinkRow, SessionRow, TokenRow


def add_token(session: Session, token_id: str, name: str, role: Role, secret_hash: str, by: str, at: datetime) -> None:
    session.add(TokenRow(id=token_id, name=name, role=role.value, secret=secret_hash, created_by=by, created_at=at))
    session.flush()


def token_of(session: Session, secret_hash: str) -> TokenRow | None:
    """The token that is not revoked, or None."""
    query = select(TokenRow).where(TokenRow.secret == secret_hash, TokenRow.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def tokens(session: Session) -> list[TokenRow]:
    """All tokens, revoked ones too, the newest first."""
    return list(session.scalars(select(TokenRow).order_by(TokenRow.created_at.desc(), TokenRow.id)))


def touch_token(session: Session, token_id: str, at: datetime) -> None:
    session.execute(update(TokenRow).where(TokenRow.id == token_id).values(last_used_at=at))


def accounts(session: Session) -> list[AccountRow]:
    return list(session.scalars(select(AccountRow).order_by(AccountRow.name)))


def has_accounts(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(AccountRow)))


def account_named(session: Session, name: str) -> AccountRow | None:
    return session.scalars(select(AccountRow).where(AccountRow.name == name)).one_or_none()


def has_account(session: Session, account_id: str) -> bool:
    return session.get(AccountRow, account_id) is not None


def account_with_id(session: Session, account_id: str) -> AccountRow:
    return session.get_one(AccountRow, account_id)


def account_of_subject(session: Session, subject: str) -> AccountRow | None:
    return session.scalars(select(AccountRow).where(AccountRow.subject == subject)).one_or_none()


def add_account(session: Session, account_id: str, name: str, role: Role, at: datetime) -> AccountRow:
    row = AccountRow(id=account_id, name=name, role=role.value, created_at=at, failures=0)
    session.add(row)
    session.flush()
    return row


def add_session(
    session: Session,
    session_hash: str,
    account_id: str,
    at: datetime,
    ends_at: datetime,
    provider_session: str | None = None,
) -> None:
    row = SessionRow(id=session_hash, account=account_id, created_at=at, last_seen_at=at, ends_at=ends_at)
    row.provider_session = provider_session
    session.add(row)
    session.flush()


def session_with_account(session: Session, session_hash: str) -> tuple[SessionRow, AccountRow] | None:
    """The session that is not revoked with its account that is not disabled, or None; times are the caller's to judge."""
    query = (
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account)
        .where(SessionRow.id == session_hash, SessionRow.revoked_at.is_(None), AccountRow.disabled_at.is_(None))
    )
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def revoke_sessions(
    session: Session,
    at: datetime,
    *,
    account: str | None = None,
    hash_: str | None = None,
    provider_session: str | None = None,
) -> None:
    """End all sessions of an account, one session, or those that stand on a session at the identity provider."""
    query = update(SessionRow).where(SessionRow.revoked_at.is_(None)).values(revoked_at=at)
    if account is not None:
        query = query.where(SessionRow.account == account)
    elif provider_session is not None:
        query = query.where(SessionRow.provider_session == provider_session)
    else:
        query = query.where(SessionRow.id == hash_)
    session.execute(query)


def add_link(session: Session, link_hash: str, account: str | None, at: datetime, ends_at: datetime) -> None:
    session.add(LinkRow(id=link_hash, account=account, created_at=at, ends_at=ends_at))
    session.flush()


def use_link(session: Session, link_hash: str, at: datetime) -> LinkRow | None:
    """Take a link that is neither used nor past its end; of two who try at once, one gets it."""
    query = (
        update(LinkRow)
        .where(LinkRow.id == link_hash, LinkRow.used_at.is_(None), LinkRow.ends_at > at)
        .values(used_at=at)
        .returning(LinkRow)
    )
    return session.scalars(query).one_or_none()


def link(session: Session, link_hash: str, at: datetime) -> LinkRow | None:
    """A link that could be used now, without using it."""
    query = select(LinkRow).where(LinkRow.id == link_hash, LinkRow.used_at.is_(None), LinkRow.ends_at > at)
    return session.scalars(query).one_or_none()


def person_of(account: AccountRow) -> Person:
    return Person(account.id, account.name, Role(account.role))
