"""Retention: removal of persons and moments after a set time; the counts stay."""

from dataclasses import asdict
from datetime import timedelta

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.services.app_context import AppContext
from shuttle.services.operation.wall_clock import check_clock
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import retention as store
from shuttle.store.ridership.retention import RetentionResult

DUTY_DAYS = 3 * 366
"""Default age of duty assignments: longer than a dispute about working time usually takes; the operator decides."""


def forget(
    context: AppContext,
    person: Person | None,
    observer_days: int,
    sign_in_days: int,
    dry_run: bool = False,
    duty_days: int = DUTY_DAYS,
) -> RetentionResult:
    """Remove persons and moments of counts, passings and skipped stops, and incidents, older than `observer_days`, sign-ins that ended more than
    `sign_in_days` ago, and duty assignments older than `duty_days`. Raises Refused (`clock-leapt`), but not for a `dry_run`.
    """
    person = allow(person, Action.ADMINISTER)
    now = context.now()
    before, sign_ins_before = context.today() - timedelta(days=observer_days), now - timedelta(days=sign_in_days)
    duties_before = context.today() - timedelta(days=duty_days)
    if dry_run:
        with context.reading() as session:
            return store.due(session, before, sign_ins_before, duties_before)
    check_clock(context)
    with context.transaction() as session:
        numbers = store.forget(session, before, sign_ins_before, duties_before)
        if numbers != RetentionResult():
            add_entry(session, now, person.name, person.role.value, "forget", before.isoformat(), asdict(numbers))
    return numbers
