"""Counting keys: each phone that opens the driver's page gets a key for sending its counts after the session has ended.

A key is valid for sending counts and passings as its person, and for nothing else. It survives an idle or remotely
ended session. It ends with signing out on the phone, a new password, a disabled account, revocation by an
administrator, or its last day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex, token_urlsafe
from time import monotonic

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.services.access.accounts import TRUSTED_SECONDS, hashed
from shuttle.services.app_context import AppContext
from shuttle.store.access import counting_keys as store
from shuttle.store.access import people
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import CountingKeyRow

RENEW_AFTER = timedelta(days=1)
"""Age from which a key is renewed: opening the page does not write each time."""


@dataclass(frozen=True)
class IssuedKey:
    """A phone's key. `secret` None: the phone keeps its present key."""

    id: str
    secret: str | None


def issue_key(
    session: Session,
    person: Person | None,
    session_secret: str | None,
    present_secret: str | None,
    lasts: timedelta,
    now: datetime,
) -> IssuedKey:
    """A new key for this phone, or its present key `present_secret` where that is the person's own and fresh.

    Raises NotSignedIn, NotAllowed, Refused (`key-without-session`) for a request with a token in place of a session.
    """
    person = allow(person, Action.DRIVE)
    if session_secret is None or people.session_with_account(session, hashed(session_secret)) is None:
        raise Refused("key-without-session", "only a phone with a signed-in session gets a key for counting")
    opened_by = hashed(session_secret)
    present = store.key_with_account(session, hashed(present_secret), now) if present_secret else None
    if present is not None:
        key = present[0]
        if key.account == person.id and key.opened_by == opened_by and key.ends_at > now + lasts - RENEW_AFTER:
            return IssuedKey(key.id, None)
        key.revoked_at = now  # one phone, one key
    secret = token_urlsafe(32)
    fresh = IssuedKey(token_hex(8), secret)
    store.add_key(
        session,
        CountingKeyRow(
            id=fresh.id,
            account=person.id,
            secret=hashed(secret),
            opened_by=opened_by,
            created_at=now,
            ends_at=now + lasts,
        ),
    )
    return fresh


def revoke_key(session: Session, person: Person | None, key_id: str, now: datetime) -> None:
    """Revoke a phone's key; the phone sends nothing until its next sign-in. Raises NotFound (`unknown-key`)."""
    person = allow(person, Action.ADMINISTER)
    account = store.revoke_key(session, key_id, now)
    if account is None:
        raise NotFound("unknown-key", f"no phone {key_id!r} sends counts", given=key_id)
    name = people.account_with_id(session, account).name
    add_entry(session, now, person.name, person.role, "revoke-phone", key_id, {"name": name})


@dataclass
class CountingKeys:
    """Cache of the persons behind counting keys, for TRUSTED_SECONDS, apart from sessions and tokens. One per process."""

    context: AppContext

    def __post_init__(self) -> None:
        self._cached: dict[str, tuple[float, Person]] = {}

    def known(self, secret: str) -> Person | None:
        """The cached person, without a database query; None where there is none."""
        entry = self._cached.get(secret)
        return entry[1] if entry is not None and entry[0] > monotonic() else None

    def person_of(self, secret: str) -> Person | None:
        """The key's person; None for a key that is unknown, revoked, past its end, or of a disabled account."""
        now = self.context.now()
        with self.context.reading() as session:
            row = store.key_with_account(session, hashed(secret), now)
            if row is None:
                return None
            key, person = row[0].id, people.person_of(row[1])
            stale = row[0].last_used_at is None or now - row[0].last_used_at > timedelta(minutes=10)
        if stale:
            with self.context.transaction() as session:
                session.get_one(CountingKeyRow, key).last_used_at = now
        if len(self._cached) > 10_000:
            self._cached.clear()
        self._cached[secret] = (monotonic() + TRUSTED_SECONDS, person)
        return person
