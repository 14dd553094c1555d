"""Verification and rebuild of the roll-up."""

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import rollup as store
from shuttle.store.ridership.rollup import Difference


def check(context: AppContext, person: Person | None) -> list[Difference]:
    """Differences between the roll-up and the observations, from one consistent snapshot; empty when it is correct."""
    allow(person, Action.ADMINISTER)
    with context.reading() as session:
        return store.differences(session)


def rebuild(context: AppContext, person: Person | None) -> list[Difference]:
    """Rebuild the roll-up in one transaction; returns the differences that it had."""
    person = allow(person, Action.ADMINISTER)

    def hour_of(departure_id: str, stop: str) -> int | None:
        try:
            return context.departure(departure_id).planned_hour(stop)
        except NotFound:
            return None

    with context.transaction() as session:
        wrong = store.differences(session)
        store.rebuild(session, hour_of)
        add_entry(
            session,
            context.now(),
            person.name,
            person.role.value,
            "rebuild-rollup",
            "rollup",
            {"differences": len(wrong)},
        )
    return wrong
