"""Whose account is it that the identity provider vouches for? Default deny: nobody gets in for having an account elsewhere.

Two ways in, and an account has one of them at a time: an administrator's one-time link, used with the provider instead of
a password, ties the account to that subject; or the operator lets the provider give roles, and then the role of the
token decides, at each sign-in. A lost way in is mended with a new link.
"""

from datetime import datetime
from secrets import token_hex

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import NotFound, NotSignedIn, Refused
from shuttle.services.access.accounts import checked_name, hashed, open_session
from shuttle.services.access.identity_provider import Identity
from shuttle.store.access import counting_keys
from shuttle.store.access import people as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import AccountRow


def sign_in_with(session: Session, identity: Identity, now: datetime) -> str:
    """The secret of a new session. Raises NotSignedIn (`unknown-subject`) for who has no account, or a disabled one."""
    account = store.account_of_subject(session, identity.subject)
    if account is None and identity.role is not None:
        account = _new_account(session, identity, now)
    if account is None or account.disabled_at is not None:
        raise NotSignedIn("unknown-subject", "nobody here is tied to that identity; ask an administrator for a link")
    if identity.role is not None and account.role != identity.role:
        add_entry(session, now, "shuttle", "system", "change-role", account.name, {"role": identity.role.value})
        store.revoke_sessions(session, now, account=account.id)
        account.role = identity.role.value
    return open_session(session, account.id, now, hashed(identity.session) if identity.session else None)


def tie(session: Session, link_secret: str, identity: Identity, now: datetime) -> Person:
    """Use a one-time link to tie its account to this identity; from then on it has no password.

    Raises NotFound (`dead-link`), Refused (`subject-taken`) where the identity belongs to another account.
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
    account.subject, account.password, account.failures, account.locked_until = identity.subject, None, 0, None
    add_entry(session, now, account.name, account.role, "tie-provider", account.name)
    return store.person_of(account)


def end_by_provider(session: Session, provider_session: str, now: datetime) -> None:
    """The provider says that its session is over: end those that were opened on the strength of it."""
    store.revoke_sessions(session, now, provider_session=hashed(provider_session))


def _new_account(session: Session, identity: Identity, now: datetime) -> AccountRow:
    """An account for somebody to whom the provider gives a role; a name that is taken, or holds a long number, is not used."""
    assert identity.role is not None
    wanted = identity.name
    if not wanted or not wanted.isprintable() or sum(letter.isdigit() for letter in wanted) >= 6:
        wanted = f"{identity.role}-{token_hex(3)}"
    if store.account_named(session, wanted) is not None:
        wanted = f"{wanted[:70]} {token_hex(3)}"
    account = store.add_account(session, token_hex(8), checked_name(wanted), identity.role, now)
    account.subject = identity.subject
    add_entry(session, now, "shuttle", "system", "add-account", account.name, {"role": identity.role.value})
    return account
