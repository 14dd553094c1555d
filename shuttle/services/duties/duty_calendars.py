"""Drivers' calendar addresses: a capability URL with a secret, because calendar programs cannot sign in.

Each driver has one. The secret is random (256 bit), shown once and stored as a hash; a new one ends the old one. It
ends with the account. Every invalid address gets the same answer.
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

LAST_USE_PRECISION = timedelta(hours=1)
"""Precision of the stored last use: a calendar that polls each minute does not write each time."""


def make_calendar(session: Session, person: Person | None, now: datetime) -> str:
    """The secret of a new address; the old address ends. Raises Refused (`calendar-without-account`) for a token."""
    person = allow(person, Action.DRIVE)
    if not people.has_account(session, person.id):
        raise Refused("calendar-without-account", "a calendar belongs to a person who is signed in, not to a token")
    secret = token_urlsafe(32)
    store.put_calendar(session, person.id, hashed(secret), now)
    add_entry(session, now, person.name, person.role, "make-duty-calendar", person.name)
    return secret


def end_calendar(session: Session, person: Person | None, now: datetime) -> None:
    """End the address. Raises NotFound (`no-calendar`)."""
    person = allow(person, Action.DRIVE)
    if not store.end_calendar(session, person.id):
        raise NotFound("no-calendar", "there is no address to delete")
    add_entry(session, now, person.name, person.role, "end-duty-calendar", person.name)


def subscribed_assignments(context: AppContext, secret: str, first: date, last: date) -> tuple[Assignment, ...]:
    """The driver's assignments on dates `first` to `last`, withdrawn ones too. Raises NotFound (`unknown-calendar`)."""
    now = context.now()
    with context.reading() as session:
        row = store.calendar_with_account(session, hashed(secret))
        if row is None or not may(people.person_of(row[1]), Action.DRIVE):
            raise NotFound("unknown-calendar", "there is no such calendar")
        account, last_used = row[1].id, row[0].last_used_at
        assignments = assignments_of_driver(session, account, first, last)
    if last_used is None or now - last_used > LAST_USE_PRECISION:
        with context.transaction() as session:
            store.touch_calendar(session, account, now)
    return assignments
