"""A driver's counts outlive the session: each phone that opens the driver's page gets a key of its own for sending them.

A key is good for handing over counts and passings as that person, and for nothing else. It lives on when a session idles out or
is ended from elsewhere; it ends with signing out on the phone, a new password, a disabled account, an administrator's word,
or its last day. It is not a session, and its secret is never looked for among sessions and tokens.
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
"""A key whose end was set less than this ago is left as it is: opening the page need not write each time."""


@dataclass(frozen=True)
class GivenKey:
    """`secret` None: the phone has the key already, and keeps it."""

    id: str
    secret: str | None


def give_key(
    session: Session,
    person: Person | None,
    session_secret: str | None,
    held: str | None,
    lasts: timedelta,
    now: datetime,
) -> GivenKey:
    """A new key for this phone, or the one that it holds where that is the person's and has long to go.

    Raises NotSignedIn, NotAllowed, Refused (`key-without-session`) for who has come with a token instead of a session.
    """
    person = allow(person, Action.DRIVE)
    if session_secret is None or people.session_with_account(session, hashed(session_secret)) is None:
        raise Refused("key-without-session", "a key for counting is given to a phone that somebody is signed in on")
    opened_by = hashed(session_secret)
    known = store.key_with_account(session, hashed(held), now) if held else None
    if known is not None:
        key = known[0]
        if key.account == person.id and key.opened_by == opened_by and key.ends_at > now + lasts - RENEW_AFTER:
            return GivenKey(key.id, None)
        key.revoked_at = now  # one phone, one key
    secret = token_urlsafe(32)
    fresh = GivenKey(token_hex(8), secret)
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
    """The phone can send nothing more until somebody signs in on it. Raises NotFound (`unknown-key`)."""
    person = allow(person, Action.ADMINISTER)
    account = store.revoke_key(session, key_id, now)
    if account is None:
        raise NotFound("unknown-key", f"no phone {key_id!r} sends counts", given=key_id)
    name = people.account_with_id(session, account).name
    add_entry(session, now, person.name, person.role, "revoke-phone", key_id, {"name": name})


@dataclass
class CountingKeys:
    """Whose a phone's key is, remembered for TRUSTED_SECONDS apart from sessions and tokens. One a process."""

    context: AppContext

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[float, Person]] = {}

    def known(self, secret: str) -> Person | None:
        found = self._known.get(secret)
        return found[1] if found is not None and found[0] > monotonic() else None

    def person_of(self, secret: str) -> Person | None:
        """None for a key that is unknown, revoked or past its end, or of a disabled account."""
        now = self.context.now()
        with self.context.reading() as session:
            found = store.key_with_account(session, hashed(secret), now)
            if found is None:
                return None
            key, person = found[0].id, people.person_of(found[1])
            stale = found[0].last_used_at is None or now - found[0].last_used_at > timedelta(minutes=10)
        if stale:
            with self.context.transaction() as session:
                session.get_one(CountingKeyRow, key).last_used_at = now
        if len(self._known) > 10_000:
            self._known.clear()
        self._known[secret] = (monotonic() + TRUSTED_SECONDS, person)
        return person
