"""Proving that the sums are what was counted, and making them anew when they are not."""

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import rollup as store
from shuttle.store.ridership.rollup import Difference


def check(context: AppContext, person: Person | None) -> list[Difference]:
    """Where the sums differ from the observations; empty when all is well. One consistent snapshot."""
    allow(person, Action.ADMINISTER)
    with context.reading() as session:
        return store.differences(session)


def rebuild(context: AppContext, person: Person | None) -> list[Difference]:
    """Make the sums anew in one transaction, and say what had been wrong."""
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
