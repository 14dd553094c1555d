"""A person's own account: its password, and the devices on which it is signed in.

A session is named by its device (`Firefox, Android`), never by its secret; its id is the hash of that.
"""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from shuttle.services.access.accounts import SESSION_IDLE, hashed
from shuttle.services.access.passwords import check_password, new_hash, password_matches
from shuttle.services.app_context import AppContext
from shuttle.store.access import counting_keys, second_factors, wrong_tries
from shuttle.store.access import people as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import AccountRow, SessionRow

_BROWSERS = ("Edg", "OPR", "SamsungBrowser", "Firefox", "FxiOS", "CriOS", "Chrome", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "FxiOS": "Firefox", "CriOS": "Chrome"}
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "CrOS", "Mac OS X", "Linux")
_SYSTEM_NAMES = {"CrOS": "ChromeOS", "Mac OS X": "macOS"}


def device_name(user_agent: str) -> str:
    """Browser and system of a User-Agent header, as `Firefox, Android`; empty for one that names neither."""
    browser = next((word for word in _BROWSERS if re.search(rf"\b{word}/", user_agent)), "")
    system = next((word for word in _SYSTEMS if word in user_agent), "")
    return ", ".join(name for name in (_NAMES.get(browser, browser), _SYSTEM_NAMES.get(system, system)) if name)


def name_device(session: Session, secret: str, user_agent: str) -> None:
    """Store which device opened a session."""
    row = store.open_session_with_id(session, hashed(secret))
    if row is not None:
        row.browser = device_name(user_agent)
        session.flush()


def own_account(session: Session, person: Person | None) -> AccountRow:
    """The person's account. Raises NotSignedIn, NotAllowed (`no-account`) for a token or a shared tablet, which have none."""
    if person is None:
        raise NotSignedIn("not-signed-in", "this needs a signed-in account")
    if not store.has_account(session, person.id):
        raise NotAllowed("no-account", "a token or a shared tablet has no account of its own")
    return store.account_with_id(session, person.id)


def own_sessions(session: Session, person: Person | None, now: datetime) -> list[SessionRow]:
    """The person's open sessions, the one used last first."""
    account = own_account(session, person)
    return store.open_sessions(session, now, SESSION_IDLE, account.id)


def end_own_session(session: Session, person: Person | None, session_id: str, now: datetime) -> None:
    """End one of the person's own sessions. Raises NotFound (`unknown-session`), for one of somebody else too."""
    account = own_account(session, person)
    row = store.open_session_with_id(session, session_id)
    if row is None or row.account != account.id:
        raise NotFound("unknown-session", "that session has ended already")
    store.revoke_sessions(session, now, hash_=row.id)
    counting_keys.revoke_keys(session, now, opened_by=row.id)
    add_entry(session, now, account.name, account.role, "end-session", account.name, {"device": row.browser})


def change_own_password(context: AppContext, person: Person | None, present: str, new: str, secret: str | None) -> None:
    """Set a new password; every session but that of `secret` ends.

    Passwords are hashed outside any transaction. Raises Invalid (`wrong-password`, `short-password`, `weak-password`), NotAllowed
    (`no-account`, `no-password` where an identity provider signs the person in).
    """
    with context.reading() as session:
        account = own_account(session, person)
        account_id, password, name = account.id, account.password, account.name
    check_password(new, [name])
    if password is None:
        raise NotAllowed("no-password", "this account signs in with the identity provider and has no password here")
    if not password_matches(password, present):
        raise Invalid("wrong-password", "the present password is another")
    fresh, now = new_hash(new), context.now()
    with context.transaction() as session:
        account = store.account_with_id(session, account_id)
        account.password = fresh
        second_factors.end_pending(session, account.id)
        wrong_tries.forget(session, account.id)
        own = hashed(secret) if secret else ""
        for row in store.open_sessions(session, now, SESSION_IDLE, account_id):
            if row.id != own:
                store.revoke_sessions(session, now, hash_=row.id)
                counting_keys.revoke_keys(session, now, opened_by=row.id)
        add_entry(session, now, account.name, account.role, "set-password", account.name)
