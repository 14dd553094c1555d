"""Fresh sign-in: whoever changes access proves who they are again, so that a screen left open, or a stolen cookie, is not enough.

Proof is a code where the account has a second factor, else the password. An account of an identity provider signs in there again.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotSignedIn
from shuttle.services.access.accounts import hashed
from shuttle.services.access.own_account import own_account
from shuttle.services.access.passwords import password_matches
from shuttle.services.access.second_factor import check_code
from shuttle.services.access.sign_ins import block_hash, check_tries
from shuttle.services.app_context import AppContext
from shuttle.store.access import people, second_factors


def is_fresh(session: Session, secret: str | None, now: datetime, lasts: timedelta) -> bool:
    """Whether a session was opened or confirmed within `lasts`; 0: always. A token (no secret) is made anew by nobody: True."""
    if secret is None or not lasts:
        return True
    row = people.open_session_with_id(session, hashed(secret))
    return row is not None and now - max(row.created_at, row.confirmed_at or row.created_at) <= lasts


def check_fresh(session: Session, secret: str | None, now: datetime, lasts: timedelta) -> None:
    """Raises NotSignedIn (`stale-sign-in`) unless the session is fresh."""
    if not is_fresh(session, secret, now, lasts):
        minutes = int(lasts.total_seconds()) // 60
        raise NotSignedIn(
            "stale-sign-in",
            f"this act needs a sign-in of the last {minutes} minutes; confirm at /account/confirm, then do it again",
            allowed=f"{minutes} minutes",
        )


def proof_of(session: Session, person: Person | None) -> str:
    """What the person confirms with: `code`, `password` or `provider`."""
    account = own_account(session, person)
    if account.password is None:
        return "provider"
    return "code" if second_factors.has_factor(session, account.id) else "password"


def confirm(context: AppContext, person: Person | None, secret: str, proof: str, block: str) -> bool:
    """Confirm the session of `secret` with a password or code; False for a wrong one and one that has to wait alike.

    A password is checked outside any transaction. Raises NotSignedIn, NotAllowed (`no-account`).
    """
    with context.reading() as session:
        account = own_account(session, person)
        kind, password_hash = proof_of(session, person), account.password
    is_right = kind == "password" and password_hash is not None and password_matches(password_hash, proof)
    now = context.now()
    with context.transaction() as session:
        account, network = own_account(session, person), block_hash(session, block)
        if kind == "code":
            is_right = check_code(session, account, proof, network, now)
        elif account.password != password_hash or not check_tries(session, account, is_right, network, now):
            return False
        row = people.open_session_with_id(session, hashed(secret))
        if row is None or not is_right:
            return False
        row.confirmed_at = now
        return True
