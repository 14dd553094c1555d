"""Changes of the service's names, of its agency, and of the texts at the foot of every page."""

from datetime import datetime

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.timetable.service_details import ServiceDetails
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable.schedule import raise_version
from shuttle.store.timetable.service_details import read_details, write_details


def save_details(session: Session, person: Person | None, details: ServiceDetails, now: datetime) -> None:
    """Replace the details; pages and feeds have them with their next answer. Nothing is written where nothing differs."""
    person = allow(person, Action.ADMINISTER)
    if read_details(session) == details:
        return
    write_details(session, details)
    raise_version(session, now)
    add_entry(session, now, person.name, person.role, "describe-service", details.name("nb"))
