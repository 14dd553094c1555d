"""Second factor of a local account: one-time codes of an app (TOTP, RFC 6238), and recovery codes for whoever lost the app.

A code counts once: neither it nor an older one is taken again. A device may be half a minute wrong. Wrong codes are counted for the account
and the network, as passwords are, and for the account alone: only somebody who has the password comes this far, and a guesser with
many networks is stopped too. Recovery codes have 120 bits, which nobody guesses, so that they are never locked for the account alone.
"""

import re
from base64 import b32encode
from datetime import datetime
from secrets import token_bytes
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotAllowed, NotFound, NotSignedIn
from shuttle.services.access.accounts import hashed, open_session
from shuttle.services.access.own_account import own_account
from shuttle.services.access.sign_ins import ATTEMPTS, LOCK, block_hash, note
from shuttle.services.app_context import AppContext
from shuttle.store.access import people, second_factors, wrong_tries
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import AccountRow

if TYPE_CHECKING:
    from pyotp import TOTP


STEP_SECONDS = 30
STEPS_WRONG = 1
"""Time steps by which a device may be wrong."""

RECOVERY_CODES = 8
ALL_NETWORKS = "every network"
"""Stands in the place of a network's hash for wrong codes of an account from anywhere."""
ATTEMPTS_ON_ACCOUNT = 20


def begin_setup(session: Session, person: Person | None, now: datetime) -> str:
    """A new secret for the person's app, base32; a code is asked only after `confirm_setup`.

    Raises NotAllowed (`no-account`, `no-password` where an identity provider signs the person in), Invalid (`has-second-factor`).
    """
    account = _own_local_account(session, person)
    if second_factors.has_factor(session, account.id):
        raise Invalid("has-second-factor", "this account has a second factor; remove it first")
    secret = b32encode(token_bytes(20)).decode()
    second_factors.begin(session, account.id, secret, now)
    return secret


def secret_in_setup(session: Session, person: Person | None) -> str:
    """The secret that is being set up; empty where none is."""
    factor = second_factors.factor(session, own_account(session, person).id)
    return factor.secret if factor is not None and factor.confirmed_at is None else ""


def address_for_app(secret: str, account: str, service: str) -> str:
    """The `otpauth:` address that an app reads as a QR code."""
    return _totp(secret).provisioning_uri(name=account, issuer_name=service)


def confirm_setup(session: Session, person: Person | None, code: str, now: datetime) -> list[str]:
    """Ask for codes from now on, once a first one was right; the recovery codes. Raises Invalid (`wrong-code`, `no-setup`)."""
    account = _own_local_account(session, person)
    factor = second_factors.factor(session, account.id)
    if factor is None or factor.confirmed_at is not None:
        raise Invalid("no-setup", "nothing is being set up; begin again")
    step = step_of(factor.secret, code, now)
    if step is None or not second_factors.use_step(session, account.id, step):
        raise Invalid("wrong-code", "that is not the code that the app shows now", allowed="6 digits")
    factor.confirmed_at = now
    add_entry(session, now, account.name, account.role, "set-second-factor", account.name, {"account": account.id})
    return _new_codes(session, account.id)


def new_recovery_codes(session: Session, person: Person | None, now: datetime) -> list[str]:
    """Recovery codes in place of the old ones. Raises Invalid (`no-second-factor`)."""
    account = _with_factor(session, person)
    add_entry(session, now, account.name, account.role, "new-recovery-codes", account.name, {"account": account.id})
    return _new_codes(session, account.id)


def remove_own(session: Session, person: Person | None, now: datetime) -> None:
    """Ask for no codes any more. Raises Invalid (`no-second-factor`)."""
    account = _with_factor(session, person)
    second_factors.remove(session, account.id)
    add_entry(session, now, account.name, account.role, "remove-second-factor", account.name, {"account": account.id})


def reset(session: Session, person: Person | None, name: str, now: datetime) -> None:
    """Remove the second factor of somebody who lost the app and the recovery codes; the sessions end.

    Raises NotFound (`unknown-account`), Invalid (`no-second-factor`).
    """
    person = allow(person, Action.ADMINISTER)
    account = people.account_named(session, name)
    if account is None:
        raise NotFound("unknown-account", f"there is no account {name!r}", given=name)
    if second_factors.factor(session, account.id) is None:
        raise Invalid("no-second-factor", f"{name} has no second factor", given=name)
    second_factors.remove(session, account.id)
    wrong_tries.forget(session, account.id)
    people.revoke_sessions(session, now, account=account.id)
    add_entry(session, now, person.name, person.role, "reset-second-factor", name, {"account": account.id})


def complete_sign_in(context: AppContext, pending: str, code: str, block: str) -> str | None:
    """The secret of a new session for a sign-in that awaits a code; None for a wrong code and one that has to wait alike.

    Raises NotSignedIn (`no-pending-sign-in`) where the password was given too long ago.
    """
    now = context.now()
    with context.transaction() as session:
        account_id = second_factors.pending(session, hashed(pending), now)
        account = people.account_with_id(session, account_id) if account_id else None
        if account is None or account.disabled_at is not None:
            raise NotSignedIn("no-pending-sign-in", "the password was given too long ago; sign in again")
        network = block_hash(session, block)
        if not check_code(session, account, code, network, now):
            return None
        second_factors.end_pending(session, account.id)
        note(session, account, "sign-in", network, now)
        return open_session(session, account.id, now)


def check_code(session: Session, account: AccountRow, code: str, network: str, now: datetime) -> bool:
    """Whether an app's code or a recovery code is right; it is used up. Wrong ones are counted."""
    typed = re.sub(r"[\s-]", "", code).upper()
    if wrong_tries.locked(session, account.id, network, now):
        note(session, account, "sign-in-locked", network, now)
        return False
    is_of_app = typed.isdigit()
    if is_of_app and wrong_tries.locked(session, account.id, ALL_NETWORKS, now):
        note(session, account, "sign-in-locked", network, now)
        return False
    if _use_code(session, account.id, typed, is_of_app, now):
        wrong_tries.forget(session, account.id, network)
        if not is_of_app:
            note(session, account, "use-recovery-code", network, now)
        return True
    note(session, account, "code-failed", network, now)
    for each, most in ((network, ATTEMPTS), (ALL_NETWORKS, ATTEMPTS_ON_ACCOUNT)):
        if wrong_tries.add(session, account.id, each, now, LOCK) >= most:
            wrong_tries.lock(session, account.id, each, now + LOCK)
            add_entry(session, now, "shuttle", "system", "lock-account", account.name, {"network": each})
    return False


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, at most one away from now; None for any other code."""
    totp, step = _totp(secret), int(now.timestamp()) // STEP_SECONDS
    typed = re.sub(r"\s", "", code)
    for each in range(step - STEPS_WRONG, step + STEPS_WRONG + 1):
        if totp.verify(typed, for_time=each * STEP_SECONDS):
            return each
    return None


def _use_code(session: Session, account_id: str, typed: str, is_of_app: bool, now: datetime) -> bool:
    if not is_of_app:
        return second_factors.use_recovery_code(session, account_id, hashed(typed))
    factor = second_factors.factor(session, account_id)
    if factor is None or factor.confirmed_at is None:
        return False
    step = step_of(factor.secret, typed, now)
    return step is not None and second_factors.use_step(session, account_id, step)


def _new_codes(session: Session, account_id: str) -> list[str]:
    """Recovery codes as six groups of four letters and digits; their hashes are stored."""
    plain = [b32encode(token_bytes(15)).decode() for _ in range(RECOVERY_CODES)]
    second_factors.set_recovery_codes(session, account_id, map(hashed, plain))
    return ["-".join(re.findall("....", each)) for each in plain]


def _own_local_account(session: Session, person: Person | None) -> AccountRow:
    account = own_account(session, person)
    if account.password is None:
        raise NotAllowed("no-password", "this account signs in with the identity provider, which asks for the factors")
    return account


def _with_factor(session: Session, person: Person | None) -> AccountRow:
    account = own_account(session, person)
    if not second_factors.has_factor(session, account.id):
        raise Invalid("no-second-factor", "this account has no second factor")
    return account


def _totp(secret: str) -> "TOTP":
    from pyotp import TOTP  # only where somebody has a second factor

    return TOTP(secret, interval=STEP_SECONDS)
