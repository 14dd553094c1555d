"""Giving duties to drivers, and taking them back: a span of dates is one act, and all of it is done or nothing.

What the law forbids under the chosen profile is refused by the rule's name, and only where this act breaks it: a roster that
was bent before can still be mended. Less than two weeks' notice (§ 10-3) is told, and stops nothing.
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
from shuttle.domain.timetable.publishing import NOTICE
from shuttle.feeds.schedule_files.duty_rules import read_duty_rules
from shuttle.feeds.schedule_files.folder import DUTY_RULES
from shuttle.store.duties import roster as store
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.timetable.schedule import read_schedule

LOOKED_AROUND = timedelta(days=28)
"""How far before and after the given dates a driver's other duties are looked at: four weeks, for every third Sunday."""


@dataclass(frozen=True)
class RosterChange:
    """On how many dates something was given or taken back, and on how many of them with too short notice."""

    dates: int
    at_short_notice: int


def rule_profiles(schedules: Path) -> dict[str, RuleProfile]:
    """The profiles that a roster can be checked by, the first one unless another is chosen."""
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
    """Give a duty to a driver (the id of an account) on the wished dates on which it is driven.

    Raises NotFound (`unknown-driver`), Refused (`past-date`, `duty-on-no-date`, `duty-taken`, `driver-has-duty`,
    `rota-broken`, `roster-changed`), with a fault for each date.
    """
    person = allow(person, Action.ROSTER)
    store.take_turns(session)
    name = _driver_name(session, driver)
    _check_not_past(wish, today)
    schedule = read_schedule(session)
    days = wish.dates(schedule)
    if not days:
        raise Refused("duty-on-no-date", f"{wish.duty} of {wish.timetable} is driven on none of these dates")
    around = store.assignments(session, wish.first - LOOKED_AROUND, wish.last + LOOKED_AROUND)
    lapsed = {each for each in around if has_lapsed(schedule, each)}
    held = [each for each in around if each not in lapsed]
    wanted = _not_yet(wish, days, driver, held, now)
    _check_free(schedule, wanted, held)
    mine = [each for each in held if each.driver == driver]
    if broken := newly_broken(schedule, mine, wanted, profile):
        faults = [Fault(what=v.rule, where=v.when, given=str(v.by), code=v.rule) for v in broken]
        said = "; ".join(f"{v.rule} ({v.when})" for v in broken[:5])
        raise Refused("rota-broken", f"the duties break rules for {name}: {said}", given=profile.id, faults=faults)
    freed = {each.date for each in wanted}
    store.withdraw_assignments(
        session, [each for each in lapsed if each.driver == driver and each.date in freed], person.name, now
    )
    store.add_assignments(session, wanted, person.name)
    _record(session, person, "give-duty", wish, now, {"driver": name, "dates": len(wanted), "profile": profile.id})
    return _given(wanted, today)


def take_back_duty(
    session: Session, person: Person | None, wish: DutyAssignmentWish, now: datetime, today: date
) -> RosterChange:
    """Free a duty on the wished dates, whoever has it. Raises Refused (`past-date`), NotFound (`duty-not-given`)."""
    person = allow(person, Action.ROSTER)
    _check_not_past(wish, today)
    around = store.assignments(session, wish.first, wish.last)
    held = [
        each
        for each in around
        if (each.timetable, each.duty) == (wish.timetable, wish.duty) and each.date.weekday() in wish.weekdays
    ]
    if not held:
        raise NotFound("duty-not-given", f"nobody has {wish.duty} of {wish.timetable} on these dates", given=wish.duty)
    store.withdraw_assignments(session, held, person.name, now)
    _record(session, person, "take-back-duty", wish, now, {"dates": len(held)})
    return _given(held, today)


def _driver_name(session: Session, driver: str) -> str:
    known = {account.id: account.name for account in store.drivers(session)}
    if driver not in known:
        allowed = ", ".join(known.values()) or "none: an administrator adds them"
        raise NotFound("unknown-driver", "no driver of that id can be given duties", given=driver[:80], allowed=allowed)
    return known[driver]


def _check_not_past(wish: DutyAssignmentWish, today: date) -> None:
    if wish.first < today:
        raise Refused("past-date", f"{wish.first} has passed; today is {today}", given=str(wish.first))


def _not_yet(
    wish: DutyAssignmentWish, days: Iterable[date], driver: str, held: Sequence[Assignment], now: datetime
) -> list[Assignment]:
    """The assignments that are missing for the wish to be so."""
    wished = (wish.timetable, wish.duty, driver)
    already = {each.date for each in held if (each.timetable, each.duty, each.driver) == wished}
    return [
        Assignment(date=day, timetable=wish.timetable, duty=wish.duty, driver=driver, made_at=now)
        for day in days
        if day not in already
    ]


def _check_free(schedule: Schedule, wanted: Sequence[Assignment], held: Sequence[Assignment]) -> None:
    """A duty on a date is one driver's, and a driver has one duty on a date."""
    taken = {(each.date, each.timetable, each.duty) for each in held}
    busy = {(each.date, each.driver) for each in held}
    for code, what, dates in (
        ("duty-taken", "another driver has the duty", [w for w in wanted if (w.date, w.timetable, w.duty) in taken]),
        ("driver-has-duty", "the driver has another duty", [w for w in wanted if (w.date, w.driver) in busy]),
    ):
        if dates:
            faults = [Fault(what=what, where=str(each.date), code=code) for each in dates]
            said = ", ".join(str(each.date) for each in dates[:5])
            raise Refused(code, f"{what} on {said}", given=said, allowed="take it back first", faults=faults)


def _given(changed: Sequence[Assignment], today: date) -> RosterChange:
    return RosterChange(len(changed), sum(each.date - today < NOTICE for each in changed))


def _record(
    session: Session, person: Person, act: str, wish: DutyAssignmentWish, now: datetime, details: dict[str, object]
) -> None:
    said = {**details, "from": str(wish.first), "to": str(wish.last)}
    add_entry(session, now, person.name, person.role, act, f"{wish.timetable}/{wish.duty}", said)
