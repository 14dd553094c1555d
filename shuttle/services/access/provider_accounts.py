"""Accounts of persons whom the identity provider authenticates. Default deny: an identity without an account is
refused.

An account signs in either by password or by provider. Either an administrator's one-time link ties it to a subject, or
the operator lets the provider assign roles; then the token's role applies at each sign-in. A new link restores lost
access.
"""

from datetime import datetime
from secrets import token_hex

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotFound, NotSignedIn, Refused
from shuttle.services.access.accounts import checked_name, hashed, open_session
from shuttle.services.access.identity_provider import Identity
from shuttle.store.access import counting_keys, second_factors
from shuttle.store.access import people as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import AccountRow


def sign_in_with(session: Session, identity: Identity, now: datetime) -> str:
    """The secret of a new session. Raises NotSignedIn (`unknown-subject`) without an account, or for a disabled one."""
    account = store.account_of_subject(session, identity.subject)
    if account is None and identity.role is not None:
        account = _new_account(session, identity, now)
    if account is None or account.disabled_at is not None:
        raise NotSignedIn(
            "unknown-subject", "no account here is tied to that identity; ask an administrator for a link"
        )
    if identity.role is not None and account.role != identity.role:
        add_entry(session, now, "shuttle", "system", "change-role", account.name, {"role": identity.role.value})
        store.revoke_sessions(session, now, account=account.id)
        account.role = identity.role.value
    add_entry(session, now, account.name, account.role, "sign-in", account.name, {"account": account.id})
    return open_session(session, account.id, now, hashed(identity.session) if identity.session else None)


def tie(session: Session, link_secret: str, identity: Identity, now: datetime) -> Person:
    """Tie the account of a one-time link to this identity; the account loses its password.

    Raises NotFound (`dead-link`), Refused (`subject-taken`) where another account has the identity.
    """
    link = store.use_link(session, hashed(link_secret), now)
    if link is None or link.account is None:
        raise NotFound("dead-link", "this link has been used or is too old; ask for a new one")
    holder = store.account_of_subject(session, identity.subject)
    if holder is not None and holder.id != link.account:
        raise Refused("subject-taken", "that identity already belongs to another account here")
    account = store.account_with_id(session, link.account)
    store.revoke_sessions(session, now, account=account.id)
    counting_keys.revoke_keys(session, now, account=account.id)
    account.subject, account.password = identity.subject, None
    second_factors.remove(session, account.id)
    add_entry(session, now, account.name, account.role, "tie-provider", account.name)
    return store.person_of(account)


def end_by_provider(session: Session, provider_session: str, now: datetime) -> None:
    """Back-channel logout: end the sessions that were opened in a session of the provider."""
    store.revoke_sessions(session, now, provider_session=hashed(provider_session))


def _new_account(session: Session, identity: Identity, now: datetime) -> AccountRow:
    """An account for an identity with a role; a taken or missing name, or one with six digits or more, is replaced."""
    assert identity.role is not None
    name = identity.name
    if not name or not name.isprintable() or sum(letter.isdigit() for letter in name) >= 6:
        name = f"{identity.role}-{token_hex(3)}"
    if store.account_named(session, name) is not None:
        name = f"{name[:70]} {token_hex(3)}"
    account = store.add_account(session, token_hex(8), checked_name(name), identity.role, now)
    account.subject = identity.subject
    add_entry(session, now, "shuttle", "system", "add-account", account.name, {"role": identity.role.value})
    return account
