"""View of the roster: four weeks of duties with their drivers, duties to choose from, broken rules and lapsed assignments."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from shuttle.domain.basics.service_time import dates
from shuttle.domain.duties.duty import Violation
from shuttle.domain.duties.roster import DutyOnDate, broken_rules, duties_on, has_lapsed
from shuttle.domain.duties.rules import RuleProfile
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.services.app_context import AppContext
from shuttle.services.duties.roster import LOOKED_AROUND
from shuttle.store.access import people
from shuttle.store.duties import roster

SHOWN = timedelta(days=28)


@dataclass(frozen=True)
class Holder:
    """A driver. `gone`: the account is disabled or has another role now."""

    id: str
    name: str
    gone: bool = False


class AssignedDuty(NamedTuple):
    """A duty on a date, and its driver; None: open."""

    duty: DutyOnDate
    holder: Holder | None


@dataclass(frozen=True, kw_only=True)
class DutyDay:
    """A date with its duties. `over`: it has passed, so that nothing on it can be changed."""

    day: date
    why: str
    is_special: bool
    over: bool
    duties: tuple[AssignedDuty, ...]


@dataclass(frozen=True)
class DutyChoice:
    """A duty of a timetable that is or will be in force; `id` is `<timetable>/<duty>`, for the form."""

    id: str
    day_type: str
    timetable: str
    duty: PlannedDuty


@dataclass(frozen=True)
class Broken:
    """A rule of rest or hours that the roster of a driver breaks, in words."""

    name: str
    rule: str
    when: str


@dataclass(frozen=True)
class Lapsed:
    """An assignment of a duty that is not driven on that date any more."""

    day: date
    name: str
    timetable: str
    duty: str


@dataclass(frozen=True, kw_only=True)
class RosterView:
    """Whole weeks, Monday first. `open`: number of coming duties in them without a driver."""

    weeks: tuple[tuple[DutyDay, ...], ...]
    open: int
    choices: tuple[DutyChoice, ...]
    drivers: tuple[Holder, ...]
    broken: tuple[Broken, ...]
    lapsed: tuple[Lapsed, ...]


def first_shown(day: date) -> date:
    """The Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def roster_view(context: AppContext, first: date, profile: RuleProfile, words: Words) -> RosterView:
    """Four weeks from a Monday, checked by the profile. Rules of rest look LOOKED_AROUND beyond both ends."""
    schedule, today, last = context.schedule(), context.today(), first + SHOWN - timedelta(days=1)
    with context.reading() as session:
        around = roster.assignments(session, first - LOOKED_AROUND, last + LOOKED_AROUND)
        active = {account.id for account in roster.drivers(session)}
        holders = {each.id: Holder(each.id, each.name, each.id not in active) for each in people.accounts(session)}
    assigned = {(each.date, each.timetable, each.duty): holders[each.driver] for each in around}
    days = [_day(schedule, day, today, assigned, words) for day in dates(first, last)]
    return RosterView(
        weeks=tuple(tuple(days[start : start + 7]) for start in range(0, len(days), 7)),
        open=sum(each.holder is None for day in days if not day.over for each in day.duties),
        choices=_choices(schedule, today, words),
        drivers=tuple(holder for holder in holders.values() if not holder.gone),
        broken=tuple(broken_in_words(_within(broken_rules(schedule, around, profile), first, last), holders, words)),
        lapsed=tuple(
            Lapsed(each.date, holders[each.driver].name, each.timetable, each.duty)
            for each in around
            if max(first, today) <= each.date <= last and has_lapsed(schedule, each)
        ),
    )


def broken_in_words(violations: Iterable[Violation], holders: Mapping[str, Holder], words: Words) -> Iterable[Broken]:
    """Broken rules with the driver's name; one rule on one date once."""
    for violation in dict.fromkeys(violations):
        name = holders[violation.who].name if violation.who in holders else violation.who
        yield Broken(name, words.say(f"duty.broken.{violation.rule}"), when_text(violation.when, words))


def when_text(when: str, words: Words) -> str:
    """A violation's `2026-11-30 09:45-18:45` or `7 days from 2026-11-30` as a date."""
    day = next((part for part in when.split() if part.count("-") == 2), "")
    return words.date_short(date.fromisoformat(day)) if day else when


def _within(violations: Iterable[Violation], first: date, last: date) -> Iterable[Violation]:
    """The violations of the shown dates, without those of the weeks around them."""
    return (v for v in violations if any(str(day) in v.when for day in dates(first, last)))


def _day(
    schedule: Schedule, day: date, today: date, assigned: Mapping[tuple[date, str, str], Holder], words: Words
) -> DutyDay:
    service_day = schedule.calendar.service_day(day)
    duties = duties_on(schedule, day)
    return DutyDay(
        day=day,
        why=day_reason(service_day, words),
        is_special=any(reason.names for reason in service_day.reasons),
        over=day < today,
        duties=tuple(AssignedDuty(duty, assigned.get((day, duty.timetable, duty.duty.id))) for duty in duties),
    )


def _choices(schedule: Schedule, today: date, words: Words) -> tuple[DutyChoice, ...]:
    """The duties of each timetable in force from today on, in order of publication."""
    choices: dict[str, DutyChoice] = {}
    for publication in schedule.periods:
        if publication.valid.last is not None and publication.valid.last < today:
            continue
        timetable = schedule.timetable_by_id[publication.timetable]
        for day_type in schedule.calendar.day_types:
            for duty in timetable.duties_on(day_type.id):
                choice_id = f"{timetable.id}/{duty.id}"
                choices[choice_id] = DutyChoice(choice_id, day_type.names.of(words.language), timetable.name, duty)
    return tuple(choices.values())
