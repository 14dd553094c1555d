"""Acts on publications: publish a timetable for dates, withdraw it, roll back to an earlier one, and undo the last of these.

A publication lies above those that it shares dates with and changes none of them: when it ends or is withdrawn, what ran
before runs again. Each act is refused until the planner has accepted by name what it makes worse.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import service_date
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.publishing.consequences import as_rolled_back, as_withdrawn, hiding
from shuttle.domain.timetable.publishing.finding import PublishingFinding, blocking_findings
from shuttle.domain.timetable.publishing.findings import findings, withdrawal_findings
from shuttle.domain.timetable.trips import Publication, TimetableStatus, layer_for
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable import timetables as store
from shuttle.store.timetable import undoable_acts
from shuttle.store.timetable.schedule import raise_version, read_schedule, record_edits


def findings_of_publishing(
    session: Session, timetable_id: str, valid: Validity, today: date
) -> list[PublishingFinding]:
    """What prevents publishing, and what is to be known about it."""
    return findings(read_schedule(session), store.read_timetable(session, timetable_id), valid, today)


def findings_of_withdrawing(session: Session, timetable_id: str, today: date) -> list[PublishingFinding]:
    """What withdrawing from today makes worse, and what runs instead. Raises NotFound (`unknown-timetable`)."""
    store.timetable_row(session, timetable_id)
    schedule = read_schedule(session)
    return withdrawal_findings(schedule, as_withdrawn(schedule, timetable_id, today), [timetable_id], today)


def findings_of_rolling_back(session: Session, timetable_id: str, today: date) -> list[PublishingFinding]:
    """What rolling back to a timetable from today makes worse, and from when it applies again.

    Raises NotFound (`unknown-timetable`), Refused (`nothing-to-roll-back`).
    """
    store.timetable_row(session, timetable_id)
    schedule = read_schedule(session)
    above = hidden_by(schedule, timetable_id, today)
    return withdrawal_findings(schedule, as_rolled_back(schedule, timetable_id, today), above, today)


def publish(
    session: Session,
    person: Person | None,
    timetable_id: str,
    valid: Validity,
    now: datetime,
    today: date,
    accepted: Sequence[str] = (),
) -> list[PublishingFinding]:
    """Put a timetable in force for the dates; returns the findings that were accepted or only inform.

    Publishing an earlier timetable from a date on is how one rolls back. Raises Refused (`publishing-blocked`) with a fault
    for each finding that prevents it.
    """
    person = allow(person, Action.PUBLISH_TIMETABLES)
    for day in (valid.first, valid.last):
        if day is not None:
            service_date(day)
    several = findings_of_publishing(session, timetable_id, valid, today)
    _refuse(several, accepted, f"timetable {timetable_id} cannot be published", timetable_id)
    before = read_schedule(session)
    _keep(session, person, "publish", timetable_id, now)
    layer = layer_for(before.publications, valid)
    store.write_publication(session, Publication(timetable_id, valid, now, layer), person.name)
    store.timetable_row(session, timetable_id).status = TimetableStatus.PUBLISHED.value
    details = {"from": str(valid.first), "to": str(valid.last) if valid.last else None, "accepted": list(accepted)}
    _changed(session, person, now, "publish", timetable_id, details, before, today)
    return several


def withdraw(
    session: Session,
    person: Person | None,
    timetable_id: str,
    now: datetime,
    today: date,
    accepted: Sequence[str] | None = (),
) -> list[PublishingFinding]:
    """Withdraw a timetable from today on: past dates keep it, and what it hid runs again. Returns the findings.

    `accepted` None accepts whatever is found: a program that names nothing has decided, and the act can be undone.
    Raises Refused (`not-in-force`) when it is published for no date from today, `publishing-blocked` as `publish` does.
    """
    person = allow(person, Action.PUBLISH_TIMETABLES)
    several = findings_of_withdrawing(session, timetable_id, today)
    accepted = [each.code for each in several] if accepted is None else accepted
    _refuse(several, accepted, f"timetable {timetable_id} cannot be withdrawn", timetable_id)
    before = read_schedule(session)
    _keep(session, person, "withdraw", timetable_id, now)
    if not store.withdraw_publications(session, timetable_id, person.name, now, today):
        raise Refused("not-in-force", f"timetable {timetable_id} applies on no date from {today}", given=timetable_id)
    store.timetable_row(session, timetable_id).status = TimetableStatus.WITHDRAWN.value
    details = {"from": str(today), "accepted": list(accepted)}
    _changed(session, person, now, "withdraw", timetable_id, details, before, today)
    return several


def roll_back(
    session: Session,
    person: Person | None,
    timetable_id: str,
    now: datetime,
    today: date,
    accepted: Sequence[str] = (),
) -> list[PublishingFinding]:
    """Let an earlier timetable apply again from today: every timetable that hides it is withdrawn, in one act.

    Returns the findings. Raises NotFound (`unknown-timetable`), Refused (`nothing-to-roll-back` where nothing hides it, and
    `publishing-blocked` as `publish` does).
    """
    person = allow(person, Action.PUBLISH_TIMETABLES)
    several = findings_of_rolling_back(session, timetable_id, today)
    _refuse(several, accepted, f"one cannot roll back to timetable {timetable_id}", timetable_id)
    before = read_schedule(session)
    above = hidden_by(before, timetable_id, today)
    state = undoable_acts.state_of_publications(session, above)
    undoable_acts.add_act(session, "roll-back", timetable_id, person.name, now, state)
    for each in above:
        store.withdraw_publications(session, each, person.name, now, today)
        store.timetable_row(session, each).status = TimetableStatus.WITHDRAWN.value
    details = {"from": str(today), "withdrawn": list(above), "accepted": list(accepted)}
    _changed(session, person, now, "roll-back", timetable_id, details, before, today)
    return several


def hidden_by(schedule: Schedule, timetable_id: str, today: date) -> tuple[str, ...]:
    """The timetables that apply in place of one from today on. Raises Refused (`nothing-to-roll-back`) where there are none."""
    several = hiding(schedule, timetable_id, today)
    if not several:
        raise Refused(
            "nothing-to-roll-back",
            f"no other timetable applies in place of {timetable_id} from {today} on",
            given=timetable_id,
            allowed="a timetable that is published beneath another one; else publish it from a date",
        )
    return several


def restore(
    session: Session, person: Person, timetable_id: str, state: dict[str, Any], now: datetime, today: date
) -> None:
    """Undo an act on a timetable's publications: they are again as in `state`."""
    allow(person, Action.PUBLISH_TIMETABLES)
    before = read_schedule(session)
    undoable_acts.restore_publications(session, state, person.name, now)
    _changed(session, person, now, "undo", timetable_id, {}, before, today - timedelta(days=1))


def _keep(session: Session, person: Person, act: str, timetable_id: str, now: datetime) -> None:
    state = undoable_acts.state_of_publications(session, [timetable_id])
    undoable_acts.add_act(session, act, timetable_id, person.name, now, state)


def _refuse(several: list[PublishingFinding], accepted: Sequence[str], what: str, timetable_id: str) -> None:
    blockers = blocking_findings(several, accepted)
    if blockers:
        raise Refused(
            "publishing-blocked",
            f"{what}: " + "; ".join(finding.message for finding in blockers),
            given=timetable_id,
            faults=[Fault(what=f.message, where=f.subject, given=f.code, allowed=_allowed(f)) for f in blockers],
        )


def _allowed(finding: PublishingFinding) -> str:
    return f"accept {finding.code}" if finding.severity == "acceptable" else ""


def _changed(
    session: Session,
    person: Person,
    now: datetime,
    act: str,
    timetable_id: str,
    details: dict[str, Any],
    before: Schedule,
    today: date,
) -> None:
    raise_version(session, now)
    add_entry(session, now, person.name, person.role, act, timetable_id, details)
    record_edits(session, before, now, today)
