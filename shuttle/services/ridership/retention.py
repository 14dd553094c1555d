"""Retention: observers are removed after a while; the counts stay."""

from datetime import timedelta

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.services.app_context import AppContext
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import retention as store
from shuttle.store.ridership.retention import RetentionResult


def forget(
    context: AppContext, person: Person | None, observer_days: int, sign_in_days: int, dry_run: bool = False
) -> RetentionResult:
    """Remove observers of counts older than `observer_days`, and sign-ins that ended more than `sign_in_days` ago."""
    person = allow(person, Action.ADMINISTER)
    now = context.now()
    before, sign_ins_before = context.today() - timedelta(days=observer_days), now - timedelta(days=sign_in_days)
    if dry_run:
        with context.reading() as session:
            return store.due(session, before, sign_ins_before)
    with context.transaction() as session:
        numbers = store.forget(session, before, sign_ins_before)
        if numbers != RetentionResult():
            details = {"observers": numbers.observers, "superseded": numbers.superseded, "sign_ins": numbers.sign_ins}
            add_entry(session, now, person.name, person.role.value, "forget", before.isoformat(), details)
    return numbers
