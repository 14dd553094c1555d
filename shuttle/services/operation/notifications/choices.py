"""A person's choices of notifications, which the person alone makes and sees."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.notifications import (
    Choice,
    NotificationChoices,
    NotificationKind,
    NotificationTime,
    kinds_for,
)
from shuttle.domain.access.permissions import Person
from shuttle.services.access.own_account import own_account
from shuttle.store.operation import notifications as store
from shuttle.store.operation.audit_log import add_entry


def own_choices(session: Session, person: Person | None) -> NotificationChoices | None:
    """The person's choices; None for none. Raises NotSignedIn, NotAllowed (`no-account`)."""
    return store.choices_of(session, own_account(session, person).id)


def save_own_choices(
    session: Session,
    person: Person,
    address: str,
    language: str,
    hour: int,
    kinds: Mapping[NotificationKind, NotificationTime],
    now: datetime,
) -> None:
    """Store the choices; kinds that the person may not choose are left out. Without address and kinds: forget them.

    Raises NotSignedIn, NotAllowed (`no-account`), Invalid (`bad-email`, `bad-summary-hour`).
    """
    account = own_account(session, person)
    if not address and not kinds:
        forget_own_choices(session, person, now)
        return
    before = store.choices_of(session, account.id)
    earlier = before.kinds if before else {}
    chosen = {
        kind: Choice(kinds[kind], earlier[kind].since if kind in earlier else now)
        for kind in kinds_for(person)
        if kind in kinds
    }
    choices = NotificationChoices(account=account.id, address=address, language=language, hour=hour, kinds=chosen)
    store.save_choices(session, choices)
    details = {"kinds": [kind.value for kind in chosen]}  # the address is in nobody's log
    add_entry(session, now, account.name, account.role, "choose-notifications", account.name, details)


def forget_own_choices(session: Session, person: Person | None, now: datetime) -> None:
    """Delete the person's address and choices, and what waits to be sent. Raises NotSignedIn, NotAllowed (`no-account`)."""
    account = own_account(session, person)
    store.forget_account(session, account.id)
    add_entry(session, now, account.name, account.role, "forget-notifications", account.name)
