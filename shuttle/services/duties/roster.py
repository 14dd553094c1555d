"""Roster: assigning duties to drivers and withdrawing them, for a span of dates in one transaction.

An assignment that breaks a working-time rule of the chosen profile is refused with the rule's name, unless the roster
broke it before: existing breaches do not prevent corrections. Less than two weeks' notice (Working Environment Act §
10-3) is reported only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Fault, NotFound, Refused
from shuttle.domain.duties.roster import Assignment, DutyAssignmentWish, has_lapsed, newly_broken
from shuttle.domain.duties.rules import THE_ACT, RuleProfile
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.publishing.findings import NOTICE
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.feeds.schedule_files.folder import DUTY_RULES
from shuttle.store.duties import roster as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable.schedule import read_schedule

LOOKED_AROUND = timedelta(days=28)
"""Span before and after the dates within which a driver's other duties are checked: four weeks, for every third Sunday."""


@dataclass(frozen=True)
class RosterChange:
    """Numbers of dates changed, and of those with too short notice."""

    dates: int
    at_short_notice: int


def rule_profiles(schedules: Path) -> dict[str, RuleProfile]:
    """The working-time profiles of the schedule files, the first one being the default; the Act's without a file."""
    path = schedules / DUTY_RULES
    return read_duty_rules(path) if path.exists() else {THE_ACT.id: THE_ACT}


def give_duty(
    session: Session,
    person: Person | None,
    wish: DutyAssignmentWish,
    driver: str,
    profile: RuleProfile,
    now: datetime,
    today: date,
) -> RosterChange:
    """Assign a duty to a driver (an account's id) on the requested dates on which the duty exists.

    Raises NotFound (`unknown-driver`), Refused (`past-date`, `duty-on-no-date`, `duty-taken`, `driver-has-duty`,
    `rota-broken`, `roster-changed`), with a fault for each date.
    """
    person = allow(person, Action.ROSTER)
    store.lock_roster(session)
    name = _driver_name(session, driver)
    _check_not_past(wish, today)
    schedule = read_schedule(session)
    days = wish.dates(schedule)
    if not days:
        raise Refused("duty-on-no-date", f"{wish.duty} of {wish.timetable} is driven on none of these dates")
    around = store.assignments(session, wish.first - LOOKED_AROUND, wish.last + LOOKED_AROUND)
    lapsed = {each for each in around if has_lapsed(schedule, each)}
    in_force = [each for each in around if each not in lapsed]
    new = _missing(wish, days, driver, in_force, now)
    _check_free(schedule, new, in_force)
    own = [each for each in in_force if each.driver == driver]
    if broken := newly_broken(schedule, own, new, profile):
        faults = [Fault(what=v.rule, where=v.when, given=str(v.by), code=v.rule) for v in broken]
        detail = "; ".join(f"{v.rule} ({v.when})" for v in broken[:5])
        raise Refused("rota-broken", f"the duties break rules for {name}: {detail}", given=profile.id, faults=faults)
    new_dates = {each.date for each in new}
    store.withdraw_assignments(
        session, [each for each in lapsed if each.driver == driver and each.date in new_dates], person.name, now
    )
    store.add_assignments(session, new, person.name)
    _record(session, person, "give-duty", wish, now, {"driver": name, "dates": len(new), "profile": profile.id})
    return _roster_change(new, today)


def take_back_duty(
    session: Session, person: Person | None, wish: DutyAssignmentWish, now: datetime, today: date
) -> RosterChange:
    """Withdraw a duty on the requested dates from any driver. Raises Refused (`past-date`), NotFound (`duty-not-given`)."""
    person = allow(person, Action.ROSTER)
    _check_not_past(wish, today)
    around = store.assignments(session, wish.first, wish.last)
    withdrawn = [
        each
        for each in around
        if (each.timetable, each.duty) == (wish.timetable, wish.duty) and each.date.weekday() in wish.weekdays
    ]
    if not withdrawn:
        raise NotFound(
            "duty-not-given", f"{wish.duty} of {wish.timetable} is assigned on none of these dates", given=wish.duty
        )
    store.withdraw_assignments(session, withdrawn, person.name, now)
    _record(session, person, "take-back-duty", wish, now, {"dates": len(withdrawn)})
    return _roster_change(withdrawn, today)


def _driver_name(session: Session, driver: str) -> str:
    names = {account.id: account.name for account in store.drivers(session)}
    if driver not in names:
        allowed = ", ".join(names.values()) or "none: an administrator adds them"
        raise NotFound("unknown-driver", "no driver of that id can be given duties", given=driver[:80], allowed=allowed)
    return names[driver]


def _check_not_past(wish: DutyAssignmentWish, today: date) -> None:
    if wish.first < today:
        raise Refused("past-date", f"{wish.first} has passed; today is {today}", given=str(wish.first))


def _missing(
    wish: DutyAssignmentWish, days: Iterable[date], driver: str, in_force: Sequence[Assignment], now: datetime
) -> list[Assignment]:
    """The assignments still missing for the request."""
    request = (wish.timetable, wish.duty, driver)
    assigned = {each.date for each in in_force if (each.timetable, each.duty, each.driver) == request}
    return [
        Assignment(date=day, timetable=wish.timetable, duty=wish.duty, driver=driver, made_at=now)
        for day in days
        if day not in assigned
    ]


def _check_free(schedule: Schedule, new: Sequence[Assignment], in_force: Sequence[Assignment]) -> None:
    """Raises Refused where another driver has the duty on a date, or the driver another duty."""
    taken = {(each.date, each.timetable, each.duty) for each in in_force}
    busy = {(each.date, each.driver) for each in in_force}
    for code, what, dates in (
        (
            "duty-taken",
            "another driver has the duty",
            [each for each in new if (each.date, each.timetable, each.duty) in taken],
        ),
        ("driver-has-duty", "the driver has another duty", [each for each in new if (each.date, each.driver) in busy]),
    ):
        if dates:
            faults = [Fault(what=what, where=str(each.date), code=code) for each in dates]
            listed = ", ".join(str(each.date) for each in dates[:5])
            raise Refused(code, f"{what} on {listed}", given=listed, allowed="take it back first", faults=faults)


def _roster_change(changed: Sequence[Assignment], today: date) -> RosterChange:
    return RosterChange(len(changed), sum(each.date - today < NOTICE for each in changed))


def _record(
    session: Session, person: Person, act: str, wish: DutyAssignmentWish, now: datetime, details: dict[str, object]
) -> None:
    entry = {**details, "from": str(wish.first), "to": str(wish.last)}
    add_entry(session, now, person.name, person.role, act, f"{wish.timetable}/{wish.duty}", entry)
