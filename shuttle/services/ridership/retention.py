"""Keeping no longer than needed: who counted is forgotten after a while; how many rode is kept."""

from datetime import timedelta

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.services.app_context import House
from shuttle.store.operation.audit_log import record_act
from shuttle.store.ridership import retention as store
from shuttle.store.ridership.retention import Forgotten


def forget(
    house: House, person: Person | None, observer_days: int, sign_in_days: int, dry_run: bool = False
) -> Forgotten:
    """Forget observers of counts older than `observer_days`, and sign-ins that ended more than `sign_in_days` ago."""
    person = allow(person, Action.ADMINISTER)
    now = house.now()
    before, sign_ins_before = house.today() - timedelta(days=observer_days), now - timedelta(days=sign_in_days)
    if dry_run:
        with house.reading() as session:
            return store.due(session, before, sign_ins_before)
    with house.transaction() as session:
        done = store.forget(session, before, sign_ins_before)
        if done != Forgotten():
            details = {"observers": done.observers, "superseded": done.superseded, "sign_ins": done.sign_ins}
            record_act(session, now, person.name, person.role.value, "forget", before.isoformat(), details)
    return done
