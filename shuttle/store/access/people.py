"""Accounts, sessions, tokens and links in the database. All secrets are passed and stored as hashes."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person, Role
from shuttle.store.tables.access import AccountRow, LinkRow, SessionRow, TokenRow


def add_token(session: Session, token_id: str, name: str, role: Role, secret_hash: str, by: str, at: datetime) -> None:
    """Add an API token."""
    session.add(TokenRow(id=token_id, name=name, role=role.value, secret=secret_hash, created_by=by, created_at=at))
    session.flush()


def token_of(session: Session, secret_hash: str) -> TokenRow | None:
    """The token, unless revoked; None for an unknown hash."""
    query = select(TokenRow).where(TokenRow.secret == secret_hash, TokenRow.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def tokens(session: Session) -> list[TokenRow]:
    """All tokens, revoked ones too, the newest first."""
    return list(session.scalars(select(TokenRow).order_by(TokenRow.created_at.desc(), TokenRow.id)))


def touch_token(session: Session, token_id: str, at: datetime) -> None:
    """Store the time of the latest use."""
    session.execute(update(TokenRow).where(TokenRow.id == token_id).values(last_used_at=at))


def accounts(session: Session) -> list[AccountRow]:
    """All accounts, disabled ones too, by name."""
    return list(session.scalars(select(AccountRow).order_by(AccountRow.name)))


def has_accounts(session: Session) -> bool:
    """True when there is any account."""
    return bool(session.scalar(select(func.count()).select_from(AccountRow)))


def account_named(session: Session, name: str) -> AccountRow | None:
    """The account with that name, or None."""
    return session.scalars(select(AccountRow).where(AccountRow.name == name)).one_or_none()


def has_account(session: Session, account_id: str) -> bool:
    """True when an account has that id."""
    return session.get(AccountRow, account_id) is not None


def account_with_id(session: Session, account_id: str) -> AccountRow:
    """The account with that id, which must exist."""
    return session.get_one(AccountRow, account_id)


def account_of_subject(session: Session, subject: str) -> AccountRow | None:
    """The account of an identity provider's subject, or None."""
    return session.scalars(select(AccountRow).where(AccountRow.subject == subject)).one_or_none()


def add_account(session: Session, account_id: str, name: str, role: Role, at: datetime) -> AccountRow:
    """Add an account without password and subject; a name in use violates a constraint."""
    row = AccountRow(id=account_id, name=name, role=role.value, created_at=at)
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
    """Add a session; `provider_session`: hash of the provider's `sid`."""
    row = SessionRow(id=session_hash, account=account_id, created_at=at, last_seen_at=at, ends_at=ends_at)
    row.provider_session = provider_session
    session.add(row)
    session.flush()


def session_with_account(session: Session, session_hash: str) -> tuple[SessionRow, AccountRow] | None:
    """The session, unless revoked, with its account, unless disabled; None for any other. The caller checks the times."""
    query = (
        select(SessionRow, AccountRow)
        .join(AccountRow, AccountRow.id == SessionRow.account)
        .where(SessionRow.id == session_hash, SessionRow.revoked_at.is_(None), AccountRow.disabled_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def open_session_with_id(session: Session, session_id: str) -> SessionRow | None:
    """The session of that id (the hash of its secret), unless revoked; None for any other."""
    query = select(SessionRow).where(SessionRow.id == session_id, SessionRow.revoked_at.is_(None))
    return session.scalars(query).one_or_none()


def open_sessions(session: Session, at: datetime, idle: timedelta, account: str | None = None) -> list[SessionRow]:
    """Valid sessions of one account or of all; the one used last first."""
    query = select(SessionRow).where(
        SessionRow.revoked_at.is_(None), SessionRow.ends_at >= at, SessionRow.last_seen_at >= at - idle
    )
    if account is not None:
        query = query.where(SessionRow.account == account)
    return list(session.scalars(query.order_by(SessionRow.last_seen_at.desc(), SessionRow.id)))


def revoke_sessions(
    session: Session,
    at: datetime,
    *,
    account: str | None = None,
    hash_: str | None = None,
    provider_session: str | None = None,
) -> None:
    """Revoke all sessions of an account, one session, or those of a session at the identity provider."""
    query = update(SessionRow).where(SessionRow.revoked_at.is_(None)).values(revoked_at=at)
    if account is not None:
        query = query.where(SessionRow.account == account)
    elif provider_session is not None:
        query = query.where(SessionRow.provider_session == provider_session)
    else:
        query = query.where(SessionRow.id == hash_)
    session.execute(query)


def add_link(session: Session, link_hash: str, account: str | None, at: datetime, ends_at: datetime) -> None:
    """Add a one-time link; `account` None: for the first administrator."""
    session.add(LinkRow(id=link_hash, account=account, created_at=at, ends_at=ends_at))
    session.flush()


def end_links(session: Session, account: str, at: datetime) -> None:
    """Let all unused links of an account count as used."""
    session.execute(update(LinkRow).where(LinkRow.account == account, LinkRow.used_at.is_(None)).values(used_at=at))


def use_link(session: Session, link_hash: str, at: datetime) -> LinkRow | None:
    """Use a valid link; None for any other. Of two concurrent attempts one succeeds."""
    query = (
        update(LinkRow)
        .where(LinkRow.id == link_hash, LinkRow.used_at.is_(None), LinkRow.ends_at > at)
        .values(used_at=at)
        .returning(LinkRow)
    )
    return session.scalars(query).one_or_none()


def link(session: Session, link_hash: str, at: datetime) -> LinkRow | None:
    """A valid link, without using it; None for any other."""
    query = select(LinkRow).where(LinkRow.id == link_hash, LinkRow.used_at.is_(None), LinkRow.ends_at > at)
    return session.scalars(query).one_or_none()


def person_of(account: AccountRow) -> Person:
    """The account as the acting person."""
    return Person(account.id, account.name, Role(account.role))
