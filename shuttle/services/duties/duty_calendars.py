"""A driver's own calendar: an address that holds a secret, so that a calendar program need not sign in.

There is one for each driver. The secret is random (256 bit), shown once and kept as a hash; made anew, the old address is dead.
It ends with the account. Whatever is wrong with an address is answered alike, as if there had never been one.
"""

from datetime import date, datetime, timedelta
from secrets import token_urlsafe

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.duties.roster import Assignment
from shuttle.services.access.accounts import hashed
from shuttle.services.app_context import AppContext
from shuttle.store.access import people
from shuttle.store.duties import duty_calendars as store
from shuttle.store.duties.roster import assignments_of_driver
from shuttle.store.operation.audit_log import add_entry

NOTED_EVERY = timedelta(hours=1)
"""How exactly the last use is known: a calendar that asks each minute need not write each time."""


def make_calendar(session: Session, person: Person | None, now: datetime) -> str:
    """The secret of a new address, in place of the old one. Raises Refused (`calendar-without-account`) for a token."""
    person = allow(person, Action.DRIVE)
    if not people.has_account(session, person.id):
        raise Refused("calendar-without-account", "a calendar belongs to a person who is signed in, not to a token")
    secret = token_urlsafe(32)
    store.put_calendar(session, person.id, hashed(secret), now)
    add_entry(session, now, person.name, person.role, "make-duty-calendar", person.name)
    return secret


def end_calendar(session: Session, person: Person | None, now: datetime) -> None:
    """The address is dead from now on. Raises NotFound (`no-calendar`) where there was none."""
    person = allow(person, Action.DRIVE)
    if not store.end_calendar(session, person.id):
        raise NotFound("no-calendar", "there is no address to delete")
    add_entry(session, now, person.name, person.role, "end-duty-calendar", person.name)


def subscribed_assignments(context: AppContext, secret: str, first: date, last: date) -> tuple[Assignment, ...]:
    """What the driver of that address has from the first date to the last. Raises NotFound (`unknown-calendar`)."""
    now = context.now()
    with context.reading() as session:
        found = store.calendar_with_account(session, hashed(secret))
        if found is None or not may(people.person_of(found[1]), Action.DRIVE):
            raise NotFound("unknown-calendar", "there is no such calendar")
        account, used = found[1].id, found[0].last_used_at
        assignments = assignments_of_driver(session, account, first, last)
    if used is None or now - used > NOTED_EVERY:
        with context.transaction() as session:
            store.touch_calendar(session, account, now)
    return assignments
