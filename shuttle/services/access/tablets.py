"""Shared tablets of a centre: paired by a link in a QR code, they act for their own centre only.

A tablet has no password; the audit log names it, and its cookie holds its secret. The link works once and for
LINK_LASTS. Opening it changes nothing yet, so that a link preview does not use it up.
"""

from datetime import datetime, timedelta
from secrets import randbelow, token_hex, token_urlsafe

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.services.access.accounts import TABLET_LASTS, checked_name, hashed
from shuttle.store.access import tablets as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.tables.access import TabletRow

LINK_LASTS = timedelta(minutes=15)


def add_tablet(
    session: Session, person: Person | None, name: str, stop: str, centres: frozenset[str], now: datetime
) -> str:
    """The secret of the link that pairs a tablet with a centre. Raises Invalid (`bad-name`, `unknown-centre`)."""
    person = allow(person, Action.ADMINISTER)
    name = checked_name(name)
    _check_centre(stop, centres)
    secret, tablet_id = token_urlsafe(32), token_hex(6)
    row = TabletRow(id=tablet_id, name=name, stop=stop, secret=hashed(secret), created_by=person.name, created_at=now)
    row.ends_at = now + LINK_LASTS
    store.add_tablet(session, row)
    if stop not in store.centre_codes(session):
        store.set_code(session, stop, _fresh_code())
    add_entry(session, now, person.name, person.role, "add-tablet", tablet_id, {"name": name, "stop": stop})
    return secret


def waiting_tablet(session: Session, link_secret: str, now: datetime) -> Person:
    """The person that the tablet will act as. Raises NotFound (`dead-link`)."""
    tablet = store.waiting(session, hashed(link_secret), now)
    if tablet is None:
        raise dead_link()
    return store.person_of(tablet)


def pair_tablet(session: Session, link_secret: str, now: datetime) -> tuple[Person, str]:
    """The tablet's person, and the secret for its cookie. Raises NotFound (`dead-link`)."""
    secret = token_urlsafe(32)
    tablet = store.pair(session, hashed(link_secret), hashed(secret), now, now + TABLET_LASTS)
    if tablet is None:
        raise dead_link()
    paired = store.person_of(tablet)
    add_entry(session, now, paired.name, paired.role, "pair-tablet", tablet.id, {"stop": tablet.stop})
    return paired, secret


def revoke_tablet(session: Session, person: Person | None, tablet_id: str, now: datetime) -> None:
    """Revoke a tablet. Raises NotFound (`unknown-tablet`)."""
    person = allow(person, Action.ADMINISTER)
    tablet = store.revoke(session, tablet_id, now)
    if tablet is None:
        raise NotFound("unknown-tablet", f"no tablet {tablet_id!r} is in use", given=tablet_id)
    add_entry(session, now, person.name, person.role, "revoke-tablet", tablet_id, {"name": tablet.name})


def new_code(session: Session, person: Person | None, stop: str, centres: frozenset[str], now: datetime) -> None:
    """Give a centre another code for signing its tablets out. Raises Invalid (`unknown-centre`)."""
    person = allow(person, Action.ADMINISTER)
    _check_centre(stop, centres)
    store.set_code(session, stop, _fresh_code())
    add_entry(session, now, person.name, person.role, "new-centre-code", stop)


def may_sign_out(session: Session, person: Person, code: str) -> bool:
    """True when a shared tablet may be signed out with that code; other devices need no code."""
    return not person.centre or (bool(code) and store.centre_codes(session).get(person.centre) == code.strip())


def _check_centre(stop: str, centres: frozenset[str]) -> None:
    if stop not in centres:
        allowed = ", ".join(sorted(centres))
        raise Invalid("unknown-centre", f"there is no centre {stop[:80]!r}", given=stop[:80], allowed=allowed)


def _fresh_code() -> str:
    return f"{randbelow(10**6):06}"


def dead_link() -> NotFound:
    """The error for a used or expired link."""
    return NotFound("dead-link", "this link has been used or is too old; ask for a new one")
