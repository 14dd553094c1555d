"""Sign-in with name and password, throttled by account and address block together.

Wrong tries are counted for each account *and* the network that they come from. So a guesser is stopped after five, and the owner, who
signs in from elsewhere, never is. Logs and the audit log name the account and a keyed hash of the network, not the network.
"""

import hmac
import logging
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.services.access.accounts import Opened, open_or_ask
from shuttle.services.access.passwords import hash_of_nothing, password_matches
from shuttle.services.app_context import AppContext
from shuttle.store.access import people, second_factors, wrong_tries
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.operation.installation import network_key
from shuttle.store.tables.access import AccountRow

log = logging.getLogger("shuttle.access")

ATTEMPTS = 5
"""Wrong passwords from one network until it has to wait."""

LOCK = timedelta(minutes=15)


def sign_in(context: AppContext, name: str, password: str, block: str = "") -> Opened | None:
    """A new session, or a sign-in that awaits a code; None for a wrong name, a wrong password and a network that has to wait alike.

    `block`: the client's network. The password is checked outside any transaction: it takes 0.1 s, which would block writers.
    """
    with context.reading() as session:
        account = people.account_named(session, name.strip())
        is_usable = account is not None and account.disabled_at is None
        password_hash = account.password if account is not None and is_usable else None
        network = block_hash(session, block)
    is_right = password_matches(password_hash or hash_of_nothing(), password)
    if password_hash is None:
        log.warning("sign-in failed: no such account, from %s", network)
        return None
    with context.transaction() as session:
        return _checked(session, name.strip(), password_hash, is_right, network, context.now())


def hashed_block(key: str, block: str) -> str:
    """HMAC-SHA256 of a network with the installation's key, 16 hexadecimal digits: equal networks can be seen, none can be read."""
    return hmac.new(key.encode(), block.encode(), sha256).hexdigest()[:16]


def block_hash(session: Session, block: str) -> str:
    """The network as logs and tables name it."""
    return hashed_block(network_key(session), block)


def _checked(
    session: Session, name: str, password_hash: str, is_right: bool, block: str, now: datetime
) -> Opened | None:
    """Complete a sign-in whose password was checked against `password_hash`, unless the account has another by now."""
    account = people.account_named(session, name)
    if account is None or account.disabled_at is not None or account.password != password_hash:
        return None
    if not check_tries(session, account, is_right, block, now):
        return None
    opened = open_or_ask(session, account.id, now)
    if not opened.needs_code:
        note(session, account, "sign-in", block, now)
    return opened


def check_tries(session: Session, account: AccountRow, is_right: bool, block: str, now: datetime) -> bool:
    """Whether a checked password lets its network in; wrong ones are counted, and the fifth makes it wait.

    Where a code follows, only the code lets the wrong ones be forgotten: the password alone would give a guesser new tries.
    """
    if wrong_tries.locked(session, account.id, block, now):
        note(session, account, "sign-in-locked", block, now)
        return False
    if is_right:
        if not second_factors.has_factor(session, account.id):
            wrong_tries.forget(session, account.id, block)
        return True
    tries = wrong_tries.add(session, account.id, block, now, LOCK)
    note(session, account, "sign-in-failed", block, now)
    if tries >= ATTEMPTS:
        wrong_tries.lock(session, account.id, block, now + LOCK)
        add_entry(session, now, "shuttle", "system", "lock-account", account.name, {"network": block})
    return False


def note(session: Session, account: AccountRow, act: str, block: str, now: datetime) -> None:
    """Log an event of a sign-in and add it to the audit log, with the account's id and the hash of its network."""
    log.info("%s of account %s from %s", act, account.id, block)
    add_entry(session, now, account.name, account.role, act, account.name, {"account": account.id, "network": block})


NOTE_TRIES = 3
"""For an entry of a denial: many may be denied at once, and each entry takes the next number."""


def note_denial(context: AppContext, person: Person, route: str, code: str, block: str, is_kept: bool) -> None:
    """Log that somebody was denied something; `is_kept`: in the audit log too. `route`: method and template of the path."""
    with context.reading() as session:
        network = block_hash(session, block)
    log.warning("denied %s to %s from %s: %s", route, person.id, network, code)
    if is_kept:
        details = {"account": person.id, "network": network, "code": code}
        for _ in range(NOTE_TRIES):
            try:
                with context.transaction() as session:
                    add_entry(session, context.now(), person.name, person.role, "denied", route[:200], details)
                return
            except IntegrityError:
                continue  # an entry of the same number was committed meanwhile; the log has the denial in any case
