"""Changes of departures on dates (cancel, retime, add, withdraw), and overrides of a date's day type.

Cancelling or retiming a departure with counts needs confirmation (`despite_counts`). The counts stay in any case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow, allow_at
from shuttle.domain.basics.errors import Invalid, NotFound, Refused
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute, dates, service_date, time_of_day_text
from shuttle.domain.timetable.changes import LONGEST_SPAN, Change, ChangeKind, ReasonCode
from shuttle.domain.timetable.departures import Schedule, split_departure_id
from shuttle.domain.timetable.service_days import Override
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import boardings
from shuttle.store.timetable import calendar as calendar_store
from shuttle.store.timetable import changes as change_store
from shuttle.store.timetable import undoable_acts
from shuttle.store.timetable.schedule import raise_version, read_schedule, record_edits


@dataclass(frozen=True, kw_only=True)
class ChangeRequest:
    """A requested change, not yet validated. `despite_counts`: confirmed although the departure has counts."""

    kind: ChangeKind
    first: date
    last: date
    reason: ReasonCode
    trip: str | None = None
    pattern: str | None = None
    departs: Minute | None = None
    despite_counts: bool = False


def change_departures(session: Session, person: Person | None, request: ChangeRequest, now: datetime) -> Change:
    """Add a change.

    Raises NotFound (`unknown-departure`) where it affects no departure, Refused (`departure-has-counts`,
    `departure-exists`), Invalid (`bad-change`), NotAllowed (`other-centre`).
    """
    person = allow(person, Action.CHANGE_DEPARTURES)
    for day in (request.first, request.last):
        service_date(day)
    schedule = read_schedule(session)
    change = Change(
        id=f"change-{token_hex(6)}",
        kind=request.kind,
        dates=Validity(request.first, request.last),
        reason=request.reason,
        trip=request.trip,
        pattern=request.pattern,
        departs=request.departs,
        made_by=person.name,
        made_at=now,
    )
    if change.kind is ChangeKind.EXTRA:
        _check_extra(schedule, change)
    else:
        _check_affected(session, schedule, change, request.despite_counts)
    _check_centre(schedule, person, change)
    change_store.add_change(session, change)
    _changed(session, person, now, f"{change.kind}-departure", change)
    return change


def change_kind(text: str) -> ChangeKind:
    """The kind with this code. Raises Invalid (`bad-change`)."""
    try:
        return ChangeKind(text)
    except ValueError:
        raise Invalid(
            "bad-change", f"{text!r} is no kind of change", given=text, allowed=", ".join(ChangeKind)
        ) from None


def cancel_all(
    session: Session,
    person: Person | None,
    first: date,
    last: date,
    reason: ReasonCode,
    now: datetime,
    despite_counts: bool = False,
) -> tuple[Change, ...]:
    """Cancel every departure of the dates that runs, one change for each trip; a tablet those of its centre.

    Raises NotFound (`unknown-departure`) where none runs, and as `change_departures`.
    """
    person = allow(person, Action.CHANGE_DEPARTURES)
    Validity(first, last)
    if (last - first).days >= LONGEST_SPAN:
        raise Invalid("long-change", f"{first} to {last}", given=str(last), allowed=f"at most {LONGEST_SPAN} days")
    schedule = read_schedule(session)
    running = [
        departure
        for day in dates(first, last)
        for departure in schedule.departures_on(day).departures
        if departure.runs and (not person.centre or departure.first_call(person.centre))
    ]
    if not running:
        raise NotFound("unknown-departure", f"no departure runs from {first} to {last}", given=str(first))
    return tuple(
        change_departures(
            session,
            person,
            ChangeRequest(
                kind=ChangeKind.CANCEL, first=first, last=last, reason=reason, trip=trip, despite_counts=despite_counts
            ),
            now,
        )
        for trip in dict.fromkeys(departure.trip for departure in running)
    )


def change_departure(
    session: Session,
    person: Person | None,
    departure_id: str,
    kind: ChangeKind,
    reason: ReasonCode,
    departs: Minute | None,
    now: datetime,
    despite_counts: bool = False,
) -> Change:
    """Cancel or retime one departure. Raises as `change_departures`."""
    day, trip = split_departure_id(departure_id)
    request = ChangeRequest(
        kind=kind, first=day, last=day, reason=reason, trip=trip, departs=departs, despite_counts=despite_counts
    )
    return change_departures(session, person, request, now)


def withdraw_change(session: Session, person: Person | None, change_id: str, now: datetime) -> Change:
    """Withdraw a change; it stays in the history. Raises NotFound (`unknown-change`), NotAllowed (`other-centre`)."""
    person = allow(person, Action.CHANGE_DEPARTURES)
    change = change_store.withdraw(session, change_id, person.name, now)
    if person.centre:
        _check_centre(read_schedule(session), person, change)
    _changed(session, person, now, "withdraw-change", change)
    return change


def override_day(
    session: Session, person: Person | None, day: date, day_type: str, reason: str, now: datetime
) -> Override:
    """Decide one date. Raises as `override_days`."""
    return override_days(session, person, {day: day_type}, reason, now)[0]


def override_days(
    session: Session, person: Person | None, decided: Mapping[date, str], reason: str, now: datetime
) -> tuple[Override, ...]:
    """Set the day type of dates (`NO_SERVICE`: no departures); earlier overrides of the dates are withdrawn.

    One act, which can be undone for ten minutes. Raises Invalid (`unknown-day-type`, `long-change`, `bad-date`).
    """
    person = allow(person, Action.OVERRIDE_CALENDAR)
    before = read_schedule(session)
    for day, day_type in decided.items():
        before.calendar.names_of(day_type)
        service_date(day)
    if not 0 < len(decided) <= LONGEST_SPAN:
        raise Invalid(
            "long-change",
            f"{len(decided)} dates in one decision",
            allowed=f"1 to {LONGEST_SPAN} days, first before last",
        )
    overrides = tuple(
        Override(date=day, day_type=day_type, reason=reason.strip(), made_by=person.name, made_at=now)
        for day, day_type in sorted(decided.items())
    )
    first = overrides[0].date
    _keep_decisions(session, person, "override-day", before, [override.date for override in overrides], now)
    for override in overrides:
        calendar_store.withdraw_override(session, override.date, person.name, now)
        calendar_store.add_override(session, override)
    _day_changed(session, before, first, now)
    details = {"day_type": ", ".join(sorted(set(decided.values()))), "reason": overrides[0].reason}
    if len(overrides) > 1:
        details["to"] = overrides[-1].date.isoformat()
    add_entry(session, now, person.name, person.role, "override-day", first.isoformat(), details)
    return overrides


def withdraw_override(session: Session, person: Person | None, day: date, now: datetime) -> None:
    """Withdraw a date's override. Raises NotFound (`no-override`)."""
    person = allow(person, Action.OVERRIDE_CALENDAR)
    before = read_schedule(session)
    _keep_decisions(session, person, "withdraw-override", before, [day], now)
    if not calendar_store.withdraw_override(session, day, person.name, now):
        raise NotFound("no-override", f"{day} has no override", given=day.isoformat())
    _day_changed(session, before, day, now)
    add_entry(session, now, person.name, person.role, "withdraw-override", day.isoformat())


def restore_decisions(session: Session, person: Person, state: Mapping[str, Any], now: datetime) -> None:
    """Undo an act on overrides: each date of `state` again has the override that it had, or none."""
    allow(person, Action.OVERRIDE_CALENDAR)
    before = read_schedule(session)
    for text, decided in state["overrides"].items():
        day = date.fromisoformat(text)
        calendar_store.withdraw_override(session, day, person.name, now)
        if decided is not None:
            day_type, reason = decided
            restored = Override(date=day, day_type=day_type, reason=reason, made_by=person.name, made_at=now)
            calendar_store.add_override(session, restored)
    first = min(state["overrides"])
    _day_changed(session, before, date.fromisoformat(first), now)
    add_entry(session, now, person.name, person.role, "undo", first)


def _keep_decisions(
    session: Session, person: Person, act: str, before: Schedule, days: Sequence[date], now: datetime
) -> None:
    decided = {override.date: [override.day_type, override.reason] for override in before.calendar.overrides}
    state = {"overrides": {day.isoformat(): decided.get(day) for day in days}}
    undoable_acts.add_act(session, act, days[0].isoformat(), person.name, now, state)


def _day_changed(session: Session, before: Schedule, day: date, now: datetime) -> None:
    raise_version(session, now)
    record_edits(session, before, now, day)


def _changed(session: Session, person: Person, now: datetime, act: str, change: Change) -> None:
    raise_version(session, now)
    details = {"trip": change.touches, "from": str(change.dates.first), "to": str(change.dates.last)}
    add_entry(session, now, person.name, person.role, act, change.id, {**details, "reason": change.reason.value})


def _check_centre(schedule: Schedule, person: Person, change: Change) -> None:
    """A centre's tablet changes only departures that call at its stop. Raises NotAllowed (`other-centre`)."""
    if not person.centre:
        return
    if change.pattern is not None:
        allow_at(person, schedule.network.pattern(change.pattern).stops)
        return
    assert change.dates.first and change.dates.last
    days = dates(change.dates.first, change.dates.last)
    for day in days:
        for departure in schedule.departures_on(day).departures:
            if departure.trip == change.trip:
                allow_at(person, [call.stop for call in departure.calls])


def _check_extra(schedule: Schedule, change: Change) -> None:
    assert change.pattern and change.departs is not None and change.dates.first and change.dates.last
    pattern = schedule.network.pattern(change.pattern)
    for day in dates(change.dates.first, change.dates.last):
        schedule.network.on(day).calls(pattern, change.departs)
        for departure in schedule.departures_on(day).departures:
            if departure.runs and departure.pattern == pattern.id and departure.departs == change.departs:
                raise Refused(
                    "departure-exists",
                    f"{departure.id} already leaves at {time_of_day_text(change.departs)}",
                    given=time_of_day_text(change.departs),
                    allowed="a time at which none leaves on this pattern",
                )


def _check_affected(session: Session, schedule: Schedule, change: Change, despite_counts: bool) -> None:
    assert change.dates.first and change.dates.last
    affected = [
        departure.id
        for day in dates(change.dates.first, change.dates.last)
        for departure in schedule.departures_on(day).departures
        if departure.trip == change.trip
    ]
    if not affected:
        raise NotFound(
            "unknown-departure",
            f"no departure of {change.trip!r} runs from {change.dates.first} to {change.dates.last}",
            given=change.trip,
        )
    if change.kind is ChangeKind.RETIME and change.departs is None:
        raise Invalid("bad-change", "a retimed departure needs its new time", allowed="departs_at")
    counted = boardings.departures_with_counts(session, affected)
    if counted and not despite_counts:
        raise Refused(
            "departure-has-counts",
            f"people have already been counted on {', '.join(sorted(counted))}; say despite_counts to change it all the same",
            given=change.trip,
            allowed="despite_counts",
        )
