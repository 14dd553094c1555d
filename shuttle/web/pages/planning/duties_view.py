"""Four weeks of duties with who drives them, the duties that can be given, and what the roster breaks."""

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
    """A driver. `gone`: the account is disabled, or its role another by now."""

    id: str
    name: str
    gone: bool = False


class GivenDuty(NamedTuple):
    """A duty on a date and who has it."""

    duty: DutyOnDate
    holder: Holder | None


@dataclass(frozen=True, kw_only=True)
class DutyDay:
    """A date with its duties; `over`: it has passed, and nothing on it can be changed."""

    day: date
    why: str
    is_special: bool
    over: bool
    duties: tuple[GivenDuty, ...]


@dataclass(frozen=True)
class DutyChoice:
    """A duty of a version that is or will be in force; `id` is both, for a form."""

    id: str
    day_type: str
    timetable: str
    duty: PlannedDuty


@dataclass(frozen=True)
class Broken:
    """A rule of rest or hours that somebody's roster breaks, in words."""

    name: str
    rule: str
    when: str


@dataclass(frozen=True)
class Lapsed:
    """Somebody has a duty that is not driven on that date any more."""

    day: date
    name: str
    timetable: str
    duty: str


@dataclass(frozen=True, kw_only=True)
class RosterView:
    """Whole weeks, Monday first. `open`: how many duties to come in them nobody has."""

    weeks: tuple[tuple[DutyDay, ...], ...]
    open: int
    choices: tuple[DutyChoice, ...]
    drivers: tuple[Holder, ...]
    broken: tuple[Broken, ...]
    lapsed: tuple[Lapsed, ...]


def first_shown(day: date) -> date:
    """The Monday that four weeks begin with."""
    return day - timedelta(days=day.weekday())


def roster_view(context: AppContext, first: date, profile: RuleProfile, words: Words) -> RosterView:
    """The four weeks from a Monday, checked by the profile."""
    schedule, today, last = context.schedule(), context.today(), first + SHOWN - timedelta(days=1)
    with context.reading() as session:
        around = roster.assignments(session, first - LOOKED_AROUND, last + LOOKED_AROUND)
        free = {account.id for account in roster.drivers(session)}
        known = {each.id: Holder(each.id, each.name, each.id not in free) for each in people.accounts(session)}
    held = {(each.date, each.timetable, each.duty): known[each.driver] for each in around}
    days = [_day(schedule, day, today, held, words) for day in dates(first, last)]
    return RosterView(
        weeks=tuple(tuple(days[start : start + 7]) for start in range(0, len(days), 7)),
        open=sum(given.holder is None for day in days if not day.over for given in day.duties),
        choices=_choices(schedule, today, words),
        drivers=tuple(holder for holder in known.values() if not holder.gone),
        broken=tuple(broken_in_words(_within(broken_rules(schedule, around, profile), first, last), known, words)),
        lapsed=tuple(
            Lapsed(each.date, known[each.driver].name, each.timetable, each.duty)
            for each in around
            if max(first, today) <= each.date <= last and has_lapsed(schedule, each)
        ),
    )


def broken_in_words(found: Iterable[Violation], known: Mapping[str, Holder], words: Words) -> Iterable[Broken]:
    """Broken rules with the driver's name; one rule on one date once."""
    for violation in dict.fromkeys(found):
        name = known[violation.who].name if violation.who in known else violation.who
        yield Broken(name, words.say(f"duty.broken.{violation.rule}"), when_text(violation.when, words))


def when_text(when: str, words: Words) -> str:
    """A violation's `2026-11-30 09:45-18:45` or `7 days from 2026-11-30` as a date."""
    day = next((part for part in when.split() if part.count("-") == 2), "")
    return words.date_short(date.fromisoformat(day)) if day else when


def _within(found: Iterable[Violation], first: date, last: date) -> Iterable[Violation]:
    """Those that are about the shown dates: the weeks around are only looked at for their sake."""
    return (v for v in found if any(str(day) in v.when for day in dates(first, last)))


def _day(
    schedule: Schedule, day: date, today: date, held: Mapping[tuple[date, str, str], Holder], words: Words
) -> DutyDay:
    service_day = schedule.calendar.service_day(day)
    duties = duties_on(schedule, day)
    return DutyDay(
        day=day,
        why=day_reason(service_day, words),
        is_special=any(reason.names for reason in service_day.reasons),
        over=day < today,
        duties=tuple(GivenDuty(duty, held.get((day, duty.timetable, duty.duty.id))) for duty in duties),
    )


def _choices(schedule: Schedule, today: date, words: Words) -> tuple[DutyChoice, ...]:
    """By version, in the order in which they are in force."""
    found: dict[str, DutyChoice] = {}
    for publication in schedule.publications:
        if publication.valid.last is not None and publication.valid.last < today:
            continue
        timetable = schedule.timetable_by_id[publication.timetable]
        for day_type in schedule.calendar.day_types:
            for duty in timetable.duties_on(day_type.id):
                choice_id = f"{timetable.id}/{duty.id}"
                found[choice_id] = DutyChoice(choice_id, day_type.names.of(words.language), timetable.name, duty)
    return tuple(found.values())
