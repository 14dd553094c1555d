"""Authentication: API tokens for programs, accounts with passwords for people, one-time links.

Secrets are random (256 bit) and stored as SHA-256; passwords as argon2id. A wrong name, a wrong password and a locked
account get the same answer after the same time, so that account names cannot be enumerated.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from time import monotonic

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, Role, allow
from shuttle.domain.basics.errors import Invalid, NotFound, NotSignedIn, Refused
from shuttle.services.access.passwords import check_password, new_hash
from shuttle.services.app_context import AppContext
from shuttle.store.access import counting_keys, second_factors, tablets, wrong_tries
from shuttle.store.access import people as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import AccountRow

LINK_LASTS = timedelta(hours=24)
SESSION_IDLE = timedelta(hours=12)
SESSION_LASTS = timedelta(days=30)
CODE_LASTS = timedelta(minutes=5)
"""How long a sign-in awaits its code."""
TABLET_IDLE = timedelta(days=30)
TABLET_LASTS = timedelta(days=180)
TRUSTED_SECONDS = 2.0
"""Seconds for which an identity is cached; a revoked token is refused after that in every process."""

TOKEN_PREFIX = "shuttle_"


def hashed(secret: str) -> str:
    """SHA-256 of a secret, hexadecimal."""
    return sha256(secret.encode()).hexdigest()


def role_named(name: str) -> Role:
    """The role of that name. Raises Invalid (`unknown-role`) naming the roles."""
    try:
        return Role(name)
    except ValueError:
        allowed = ", ".join(Role)
        raise Invalid(
            "unknown-role", f"there is no role {name!r}; roles: {allowed}", given=name, allowed=allowed
        ) from None


def create_token(session: Session, person: Person | None, role: Role, name: str, now: datetime) -> str:
    """A new token; it is shown once. Raises Invalid (`bad-name`)."""
    person = allow(person, Action.ADMINISTER)
    name = checked_name(name)
    secret, token_id = TOKEN_PREFIX + token_urlsafe(32), token_hex(6)
    store.add_token(session, token_id, name, role, hashed(secret), person.name, now)
    add_entry(session, now, person.name, person.role, "create-token", token_id, {"name": name, "role": role.value})
    return secret


def revoke_token(session: Session, person: Person | None, id_or_name: str, now: datetime) -> int:
    """Revoke the token of that id, or all of that name; returns their number. Raises NotFound (`unknown-token`)."""
    person = allow(person, Action.ADMINISTER)
    revoked = [
        token for token in store.tokens(session) if token.revoked_at is None and id_or_name in (token.id, token.name)
    ]
    if not revoked:
        raise NotFound("unknown-token", f"no token {id_or_name!r} is in use", given=id_or_name)
    for token in revoked:
        token.revoked_at = now
        add_entry(session, now, person.name, person.role, "revoke-token", token.id, {"name": token.name})
    return len(revoked)


@dataclass
class Identities:
    """Cache of the persons behind bearer tokens and sessions, for TRUSTED_SECONDS. One per process."""

    context: AppContext
    factor_roles: frozenset[str] = frozenset()
    """Roles whose local accounts must have a second factor."""

    def __post_init__(self) -> None:
        self._cached: dict[str, tuple[float, Person]] = {}
        self._lacking: set[str] = set()
        """Cached secrets of sessions whose account must still set up a second factor."""

    def known(self, secret: str) -> Person | None:
        """The cached person, without a database query; None where there is none."""
        entry = self._cached.get(secret)
        return entry[1] if entry is not None and entry[0] > monotonic() else None

    def by_token(self, secret: str) -> Person:
        """The token's person. Raises NotSignedIn (`bad-token`)."""
        digest, now = hashed(secret), self.context.now()
        with self.context.reading() as session:
            token = store.token_of(session, digest)
            if token is None:
                raise NotSignedIn("bad-token", "the token is unknown or has been revoked")
            person = Person(f"token:{token.id}", token.name, Role(token.role))
            stale = token.last_used_at is None or now - token.last_used_at > timedelta(hours=1)
        if stale:
            with self.context.transaction() as session:
                store.touch_token(session, token.id, now)
        return self._remember(secret, person)

    def by_session(self, secret: str) -> Person | None:
        """The person of a session or paired tablet; None for one that is unknown, ended, idle or of a disabled account."""
        now = self.context.now()
        with self.context.reading() as session:
            row = store.session_with_account(session, hashed(secret))
            if row is not None:
                if row[0].ends_at < now or now - row[0].last_seen_at > SESSION_IDLE:
                    return None
                person, last_seen = store.person_of(row[1]), row[0].last_seen_at
                self._remember_factor(session, secret, row[1])
        if row is None:
            return self._by_tablet(secret, now)
        if now - last_seen > timedelta(minutes=10):
            with self.context.transaction() as session:
                current = store.session_with_account(session, hashed(secret))
                if current is not None:
                    current[0].last_seen_at = now
        return self._remember(secret, person)

    def _by_tablet(self, secret: str, now: datetime) -> Person | None:
        """The tablet's person, unless it was unused for too long."""
        with self.context.reading() as session:
            tablet = tablets.paired(session, hashed(secret), now)
            if tablet is None or tablet.last_used_at is None or now - tablet.last_used_at > TABLET_IDLE:
                return None
            person, tablet_id, last_used = tablets.person_of(tablet), tablet.id, tablet.last_used_at
        if now - last_used > timedelta(minutes=10):
            with self.context.transaction() as session:
                tablets.touch(session, tablet_id, now)
        return self._remember(secret, person)

    def lacks_factor(self, secret: str) -> bool:
        """Whether the account of a session, which was looked up, must set up a second factor before anything else."""
        return secret in self._lacking

    def forget(self, secret: str) -> None:
        """Remove a secret from the cache."""
        self._cached.pop(secret, None)
        self._lacking.discard(secret)

    def _remember_factor(self, session: Session, secret: str, account: AccountRow) -> None:
        must_have = account.role in self.factor_roles and account.password is not None
        if must_have and not second_factors.has_factor(session, account.id):
            self._lacking.add(secret)
        else:
            self._lacking.discard(secret)

    def _remember(self, secret: str, person: Person) -> Person:
        if len(self._cached) > 10_000:
            self._cached.clear()
            self._lacking.clear()
        self._cached[secret] = (monotonic() + TRUSTED_SECONDS, person)
        return person


def first_link(session: Session, now: datetime) -> str | None:
    """A secret for creating the first administrator; None once there is an account."""
    if store.has_accounts(session):
        return None
    secret = token_urlsafe(32)
    store.add_link(session, hashed(secret), None, now, now + LINK_LASTS)
    return secret


def add_account(session: Session, person: Person | None, name: str, role: Role, now: datetime) -> str:
    """Add an account; returns the secret of the link that sets its password. Raises Refused (`account-exists`), Invalid
    (`bad-name`).
    """
    person = allow(person, Action.ADMINISTER)
    name = checked_name(name)
    if store.account_named(session, name) is not None:
        raise Refused("account-exists", f"there is already an account {name!r}", given=name)
    account = store.add_account(session, token_hex(8), name, role, now)
    add_entry(session, now, person.name, person.role, "add-account", name, {"role": role.value})
    return _link_for(session, account.id, now)


def reset_link(session: Session, person: Person | None, name: str, now: datetime) -> str:
    """The secret of a link that sets a new password; its use ends open sessions. Raises NotFound (`unknown-account`)."""
    person = allow(person, Action.ADMINISTER)
    account = store.account_named(session, name)
    if account is None:
        raise NotFound("unknown-account", f"there is no account {name!r}", given=name)
    add_entry(session, now, person.name, person.role, "reset-link", name)
    return _link_for(session, account.id, now)


def _link_for(session: Session, account_id: str, now: datetime) -> str:
    """A link for the account; older ones end."""
    store.end_links(session, account_id, now)
    secret = token_urlsafe(32)
    store.add_link(session, hashed(secret), account_id, now, now + LINK_LASTS)
    return secret


def use_link(context: AppContext, secret: str, name: str, password: str) -> "Opened":
    """Set a password with a one-time link and sign in, or await the code: a link does not replace a second factor. The first link
    creates the first administrator.

    The password is hashed between two checks of the link, outside any transaction: hashing takes 0.1 s, which would
    block writers, and is skipped for an invalid link. Raises NotFound (`dead-link`) for a used, expired or unknown
    link, Invalid (`short-password`, `weak-password`, `bad-name`).
    """
    now = context.now()
    with context.reading() as session:
        link = store.link(session, hashed(secret), now)
        if link is None:
            raise _dead_link()
        names = [name, store.account_with_id(session, link.account).name if link.account else ""]
    check_password(password, names)
    password_hash = new_hash(password)
    with context.transaction() as session:
        account = _account_of_link(session, secret, name, now)
        account.password = password_hash
        wrong_tries.forget(session, account.id)
        account.subject = None
        add_entry(session, now, account.name, account.role, "set-password", account.name)
        return open_or_ask(session, account.id, now)


def _account_of_link(session: Session, secret: str, name: str, now: datetime) -> AccountRow:
    """Use up the link; returns its account, with all sessions ended."""
    link = store.use_link(session, hashed(secret), now)
    if link is None or (link.account is None and store.has_accounts(session)):
        raise _dead_link()
    if link.account is None:
        return store.add_account(session, token_hex(8), checked_name(name), Role.ADMIN, now)
    account = store.account_with_id(session, link.account)
    store.revoke_sessions(session, now, account=account.id)
    counting_keys.revoke_keys(session, now, account=account.id)
    second_factors.end_pending(session, account.id)
    return account


def _dead_link() -> NotFound:
    return NotFound("dead-link", "this link has been used or is too old; ask for a new one")


@dataclass(frozen=True)
class Opened:
    """A sign-in whose password was right: the secret of a session or, where a code is awaited, of what the code completes."""

    secret: str
    needs_code: bool


def open_or_ask(session: Session, account_id: str, now: datetime) -> Opened:
    """A session, or a sign-in that awaits a code where the account has a second factor."""
    if not second_factors.has_factor(session, account_id):
        return Opened(open_session(session, account_id, now), needs_code=False)
    secret = token_urlsafe(32)
    second_factors.add_pending(session, hashed(secret), account_id, now, now + CODE_LASTS)
    return Opened(secret, needs_code=True)


def open_session(session: Session, account_id: str, now: datetime, provider_session: str | None = None) -> str:
    """The secret of a new session, for its cookie."""
    secret = token_urlsafe(32)
    store.add_session(session, hashed(secret), account_id, now, now + SESSION_LASTS, provider_session)
    return secret


def sign_out(session: Session, secret: str, now: datetime) -> None:
    """End the session and the phone's counting key; a tablet must be paired again."""
    store.revoke_sessions(session, now, hash_=hashed(secret))
    counting_keys.revoke_keys(session, now, opened_by=hashed(secret))
    tablets.revoke_by_secret(session, hashed(secret), now)


def checked_name(name: str) -> str:
    """The name without outer spaces. Raises Invalid (`bad-name`) for an empty, too long or unprintable one."""
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise Invalid(
            "bad-name", f"the name {name[:80]!r} cannot be used", given=name[:80], allowed="1 to 80 characters"
        )
    return name
