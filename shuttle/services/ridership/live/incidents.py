"""Recording incidents of departures: a delay, a bus that stands, a closed road, a call for help, and taking them back."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from shuttle.domain.access.permissions import Action, Person, allow, allow_at, may
from shuttle.domain.basics.errors import Invalid, Refused
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.incidents import OUTCOMES, Incident, IncidentKind, check_recorded
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import incidents as store


@dataclass(frozen=True, kw_only=True)
class IncidentReport:
    """A reported incident. `minutes` with DELAYED alone; `withdrawn`: nothing of its subject holds any more; `recorded_at` None: now."""

    departure: str
    kind: IncidentKind
    minutes: int | None = None
    withdrawn: bool = False
    recorded_at: datetime | None = None


def record_incident(
    context: AppContext, person: Person | None, key: str, report: IncidentReport
) -> tuple[Incident, bool]:
    """The incident, and whether it is new: a repeated key with the same content changes nothing.

    Raises NotFound (`unknown-departure`), Refused (`cancelled-departure`), Invalid (`bad-incident`, `key-used-otherwise`).
    """
    action = Action.CHANGE_DEPARTURES if report.kind in OUTCOMES else Action.RECORD_BOARDINGS
    person = allow(person, action)
    incident = _incident(context, person, key, report)
    try:
        with context.transaction() as session:
            if stored := store.incident_with_key(session, key):
                return _same(stored, incident), False
            store.add_incident(session, incident)
            details = {"incident": incident.kind.value, "minutes": incident.minutes, "withdrawn": incident.withdrawn}
            add_entry(
                session, incident.said_at, person.name, person.role.value, "report-incident", report.departure, details
            )
            return incident, True
    except IntegrityError:  # a concurrent request stored this key first
        with context.reading() as session:
            concurrent = store.incident_with_key(session, key)
            if concurrent is None:
                raise
            return _same(concurrent, incident), False


def sees_help(person: Person | None) -> bool:
    """True when calls for help are shown to the person: staff and planners."""
    return may(person, Action.READ_BOARDINGS)


def _incident(context: AppContext, person: Person, key: str, report: IncidentReport) -> Incident:
    departure = context.schedule().departure(report.departure)
    allow_at(person, (call.stop for call in departure.calls))
    if not departure.runs and not report.withdrawn:
        raise Refused("cancelled-departure", f"{departure.id} is cancelled", given=departure.id)
    now = context.now()
    leaves, arrives = (
        instant(departure.date, minute, context.zone) for minute in (departure.departs, departure.calls[-1].arrives)
    )
    return Incident(
        key=key,
        departure=departure.id,
        kind=report.kind,
        minutes=report.minutes,
        withdrawn=report.withdrawn,
        recorded_at=check_recorded(report.recorded_at or now, leaves, arrives, now),
        said_by=person.name,
        said_at=now,
    )


def _same(stored: Incident, incident: Incident) -> Incident:
    if replace(incident, recorded_at=stored.recorded_at, said_at=stored.said_at, said_by=stored.said_by) != stored:
        raise Invalid(
            "key-used-otherwise",
            f"the key {incident.key!r} was used for another incident",
            given=incident.key,
            allowed="a new key for what has not been said before",
        )
    return stored
