"""Tables of access: accounts, sessions, API tokens, one-time links, counting keys and tablets. Secrets are stored as
hashes only.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shuttle.store.tables.base import Base


class AccountRow(Base):
    """A person's account. `password`: an argon2id hash; `subject`: issuer and `sub` of an identity provider, never `pid`."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    password: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(400), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class WrongTriesRow(Base):
    """Wrong passwords for an account from one network. `block`: keyed hash of the network."""

    __tablename__ = "wrong_tries"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), primary_key=True)
    block: Mapped[str] = mapped_column(String(16), primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


class SessionRow(Base):
    """A signed-in session of a device. `id`: hash of the cookie's value; `provider_session`: hash of the provider's `sid`;
    `browser`: with the system, as `Firefox, Android`; `confirmed_at`: when its owner last proved again who they are.
    """

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    provider_session: Mapped[str | None] = mapped_column(String(64), index=True)
    browser: Mapped[str] = mapped_column(String(80), server_default="")
    confirmed_at: Mapped[datetime | None]


class SecondFactorRow(Base):
    """An account's second factor. `secret`: of the one-time codes, base32, readable since a code is computed from it; `confirmed_at`
    null: being set up; `last_step`: time step of the last code that was used, which is not taken again.
    """

    __tablename__ = "second_factors"

    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), primary_key=True)
    secret: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(server_default="0")


class RecoveryCodeRow(Base):
    """A code that takes the place of the second factor once. `id`: its hash."""

    __tablename__ = "recovery_codes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), index=True)


class PendingSignInRow(Base):
    """A sign-in whose password was right and whose code is awaited. `id`: hash of the cookie's value."""

    __tablename__ = "pending_sign_ins"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id))
    ends_at: Mapped[datetime]


class TokenRow(Base):
    """An API token of a program. `secret`: its hash; the token itself is shown once."""

    __tablename__ = "tokens"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class LinkRow(Base):
    """A link that works once: for the first administrator (`account` null) or to set a password."""

    __tablename__ = "links"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str | None] = mapped_column(ForeignKey(AccountRow.id))
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CountingKeyRow(Base):
    """A key with which a driver's phone sends counts after its session has ended. `opened_by`: hash of the session it
    came from.
    """

    __tablename__ = "counting_keys"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey(AccountRow.id), index=True)
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    opened_by: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class TabletRow(Base):
    """A shared tablet at a centre. `secret`: hash of its link until `paired_at`, then of its cookie's value."""

    __tablename__ = "tablets"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    stop: Mapped[str] = mapped_column(String(40))
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    paired_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class CentreCodeRow(Base):
    """The code of a centre that signs its shared tablets out. It guards against a tap by mistake, so that it is kept readable."""

    __tablename__ = "centre_codes"

    stop: Mapped[str] = mapped_column(String(80), primary_key=True)
    code: Mapped[str] = mapped_column(String(12))
