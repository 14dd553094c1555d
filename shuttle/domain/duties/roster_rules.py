"""Roster rules: working-time rules over several days (rest, weekly hours, Sundays).

A `Shift` is a duty on a date with its driver. Rest is counted between moments, so a shift past midnight reaches into the
next date. "Sunday" begins on Saturday evening: Sundays and public holidays are protected from 18:00 the day before (15:00
on Christmas, Easter and Whitsun Eve) until 22:00 before the next working day (§ 10-10 (1)).
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import DAY, Minute
from shuttle.domain.duties.duty import Duty, Violation, check_duty, minutes_within
from shuttle.domain.duties.rules import WEEK, RuleProfile
from shuttle.domain.timetable.service_days import Calendar, SpecialKind

PROTECTED_EVES = frozenset({"christmas-eve", "easter-eve", "whitsun-eve"})

Span = tuple[Minute, Minute]


@dataclass(frozen=True)
class Shift:
    """A duty on a service date, and its driver (`person`)."""

    date: date
    person: str
    duty: Duty

    @property
    def span(self) -> Span:
        """Sign-on and sign-off in minutes since a fixed midnight, the same for all shifts.

        Clock changes are ignored: twice a year a night's rest is an hour longer or shorter than computed.
        """
        midnight = self.date.toordinal() * DAY
        return midnight + self.duty.starts, midnight + self.duty.ends


@dataclass(frozen=True)
class RestDays:
    """Sundays and public holidays (with 1 and 17 May), and the eves that the Act protects from the afternoon."""

    holidays: frozenset[date] = frozenset()
    eves: frozenset[date] = frozenset()

    def is_rest_day(self, day: date) -> bool:
        return day.weekday() == 6 or day in self.holidays

    def protected(self, day: date, profile: RuleProfile) -> tuple[Span, ...]:
        """Windows of a date in which work is Sunday or holiday work; empty on an ordinary working day."""
        tomorrow_rests = self.is_rest_day(day + timedelta(days=1))
        if self.is_rest_day(day):
            return ((0, DAY if tomorrow_rests else profile.sunday_ends),)
        starts = [profile.sunday_starts_day_before] if tomorrow_rests else []
        if day in self.eves:
            starts.append(profile.sunday_starts_eves)
        return ((min(starts), DAY),) if starts else ()

    def sunday_minutes(self, day: date, duty: Duty, profile: RuleProfile) -> int:
        """Paid minutes of a duty that are Sunday or holiday work, those after midnight included."""
        after = self.protected(day + timedelta(days=1), profile)
        windows = (*self.protected(day, profile), *((DAY + opens, DAY + closes) for opens, closes in after))
        return minutes_within(duty.paid_pieces(profile), windows)


def rest_days_of(calendar: Calendar) -> RestDays:
    """The rest days of a calendar; an eve counts by its key, not by its day type."""
    specials = calendar.special_days
    return RestDays(
        frozenset(special.date for special in specials if special.kind is not SpecialKind.EVE),
        frozenset(special.date for special in specials if special.key in PROTECTED_EVES),
    )


def check_roster(shifts: Iterable[Shift], profile: RuleProfile, rest_days: RestDays) -> tuple[Violation, ...]:
    """Every rule that a roster breaks: each duty by itself, daily and weekly rest, weekly hours, Sundays.

    A week is any 7 days that begin with one of the person's shifts. Weekly rest is checked only in weeks that lie wholly
    within the roster, because work before and after it is unknown.
    """
    by_person: dict[str, list[Shift]] = defaultdict(list)
    for shift in sorted(shifts, key=lambda shift: (shift.person, shift.span)):
        by_person[shift.person].append(shift)
    return tuple(
        violation
        for worked in by_person.values()
        for violation in (
            *_each_duty(worked, profile),
            *_daily_rest(worked, profile),
            *_weekly_rest(worked, profile),
            *_weekly_hours(worked, profile, rest_days),
            *_sundays(worked, profile, rest_days),
        )
    )


def _each_duty(worked: list[Shift], profile: RuleProfile) -> Iterable[Violation]:
    for shift in worked:
        for violation in check_duty(shift.duty, profile):
            yield Violation(violation.rule, shift.person, f"{shift.date} {violation.when}", violation.by)


def _daily_rest(worked: list[Shift], profile: RuleProfile) -> Iterable[Violation]:
    for before, after in itertools.pairwise(worked):
        if (short := profile.daily_rest_minutes - (after.span[0] - before.span[1])) > 0:
            yield Violation("daily_rest_minutes", after.person, str(after.date), short)


def _weekly_rest(worked: list[Shift], profile: RuleProfile) -> Iterable[Violation]:
    """§ 10-8 (2): the longest rest within the 7 days from each sign-on."""
    last = worked[-1].span[1]
    for shift in worked:
        opens, closes = shift.span[0], shift.span[0] + WEEK
        if closes > last:
            return
        spans = [other.span for other in worked if opens <= other.span[0] < closes]
        edges = [*(edge for span in spans for edge in span), closes][1:]
        longest = max(until - since for since, until in zip(edges[::2], edges[1::2], strict=True))
        if (short := profile.weekly_rest_minutes - longest) > 0:
            yield Violation("weekly_rest_minutes", shift.person, f"7 days from {shift.date}", short)


def _weekly_hours(worked: list[Shift], profile: RuleProfile, rest_days: RestDays) -> Iterable[Violation]:
    """§ 10-4 (1), (4): the shorter week applies to a person who works on at least every third rest day of the roster."""
    first, last = worked[0].date, worked[-1].date
    resting = [day for n in range((last - first).days + 1) if rest_days.is_rest_day(day := first + timedelta(days=n))]
    on_rest_days = {shift.date for shift in worked if rest_days.is_rest_day(shift.date)}
    often = bool(resting) and 3 * len(on_rest_days) >= len(resting)
    rule = "longest_week_minutes_with_sundays" if often else "longest_week_minutes"
    for shift in worked:
        week = [other for other in worked if timedelta(0) <= other.date - shift.date < timedelta(days=7)]
        worked_minutes = sum(other.duty.paid_minutes(profile) for other in week)
        if (over := worked_minutes - int(getattr(profile, rule))) > 0:
            yield Violation(rule, shift.person, f"7 days from {shift.date}", over)


def _sundays(worked: list[Shift], profile: RuleProfile, rest_days: RestDays) -> Iterable[Violation]:
    """§ 10-10 (1), (2): Sunday work is allowed or not. § 10-8 (4): the next rest day is off after one worked."""
    on_sundays = {
        shift.date: minutes
        for shift in worked
        if (minutes := rest_days.sunday_minutes(shift.date, shift.duty, profile))
    }
    if not profile.sunday_work:
        for day, minutes in on_sundays.items():
            yield Violation("sunday_work", worked[0].person, str(day), minutes)
    if not profile.next_sunday_off:
        return
    worked_days = {shift.date for shift in worked if rest_days.is_rest_day(shift.date)}
    for day in sorted(worked_days):
        following = day + timedelta(days=1)
        while not rest_days.is_rest_day(following):
            following += timedelta(days=1)
        if following in worked_days:
            yield Violation("next_sunday_off", worked[0].person, str(following), 1)
