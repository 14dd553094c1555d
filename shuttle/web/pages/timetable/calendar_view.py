"""View of the calendar: the days of some months with their day type, the reason for it, departures, and opening hours of the date.

Weeks begin on Monday. Departures come from `Schedule.departures_on`; remarks from `domain/timetable/quality_checks.py`.
Undecided days are listed for a year ahead, for any months shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE, Minute, dates
from shuttle.domain.timetable import quality_checks
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.service_days import NO_SERVICE, Calendar, ReasonKind
from shuttle.feeds.printed.typesetting import coverage, without_glyph
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.findings import finding_text
from shuttle.settings import PRINT_FONTS
from shuttle.web.pages.timetable.timeline import colour_of

MONTHS = 2
"""Months shown on a page."""

AHEAD = timedelta(days=366)
"""How far ahead undecided days are listed."""

FIRST_BAR, LAST_BAR = 6 * 60, 24 * 60
"""The hours of a cell's picture; departures outside stand at its edges."""


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """A date. `times`: departures that run, in minutes; `cancelled`, `extra`: numbers of such departures.

    `timetable`: its name, empty where none applies; `colour` as in the timeline; `bars`: places of the departures, 0 to 100;
    `hours`: special opening hours as (stop, windows, reason).
    """

    day: date
    day_type: str
    name: str
    why: str
    is_special: bool
    undecided: bool
    overridden: bool
    runs: bool
    times: tuple[Minute, ...]
    cancelled: int
    extra: int
    timetable: str
    colour: int
    bars: tuple[float, ...]
    hours: tuple[tuple[str, tuple[tuple[Minute, Minute], ...], str], ...]


@dataclass(frozen=True)
class UndecidedDay:
    """An undecided date. `last_year`: the day type of the same day a year before, where it was decided, and its name."""

    day: date
    why: str
    name: str
    last_year: tuple[str, str] | None


@dataclass(frozen=True)
class CalendarFinding:
    """A finding of the quality checks in words."""

    severity: str
    text: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class CalendarMonth:
    """Whole weeks; None before the first and after the last day of the month."""

    first: date
    weeks: tuple[tuple[CalendarDay | None, ...], ...]


@dataclass(frozen=True)
class CalendarView:
    """`legend`: (name, colour) of the timetables that apply in the months."""

    months: tuple[CalendarMonth, ...]
    undecided: tuple[UndecidedDay, ...]
    remarks: tuple[CalendarFinding, ...]
    legend: tuple[tuple[str, int], ...]


def month_after(first: date, months: int) -> date:
    """The first day of the month that lies so many months later (negative: earlier), within the dates of service."""
    years, month = divmod(first.month - 1 + months, 12)
    return min(max(date(first.year + years, month + 1, 1), FIRST_DATE), LAST_DATE.replace(day=1))


def calendar_view(schedule: Schedule, first: date, today: date, words: Words) -> CalendarView:
    """MONTHS months from that of `first` on."""
    starts = [month_after(first.replace(day=1), number) for number in range(MONTHS)]
    months = tuple(_month(schedule, start, words) for start in dict.fromkeys(starts))
    days = [day for month in months for week in month.weeks for day in week if day]
    last = days[-1].day
    findings = quality_checks.check(schedule, max(today, days[0].day), last) if last >= today else ()
    printed = tuple(_missing_glyphs(schedule, days[0].day, last, words))
    return CalendarView(
        months,
        tuple(undecided_days(schedule.calendar, today, words)),
        tuple(
            CalendarFinding(finding.severity.value, finding_text(finding, words, schedule), finding.dates)
            for finding in findings
            if finding.control != "undecided"
        )
        + printed,
        tuple(dict.fromkeys((day.timetable, day.colour) for day in days if day.timetable)),
    )


def undecided_days(calendar: Calendar, today: date, words: Words) -> Iterator[UndecidedDay]:
    """The undecided days of a year from today on, each with the decision of a year before."""
    for day in dates(today, today + AHEAD):
        service_day = calendar.service_day(day)
        if service_day.undecided:
            name = next((reason.names.of(words.language) for reason in service_day.reasons if reason.names), "")
            yield UndecidedDay(day, day_reason(service_day, words), name, _last_year(calendar, day, words))


def _last_year(calendar: Calendar, day: date, words: Words) -> tuple[str, str] | None:
    """Decision on the day of the same key in the year before; an eve may fall on another date."""
    keys = {special.key for special in calendar.special_days if special.date == day}
    for special in calendar.special_days:
        if special.key in keys and special.date.year == day.year - 1:
            for override in calendar.overrides:
                if override.date == special.date:
                    return override.day_type, calendar.names_of(override.day_type).of(words.language)
    return None


def _month(schedule: Schedule, first: date, words: Words) -> CalendarMonth:
    last = month_after(first, 1) - timedelta(days=1) if first < LAST_DATE.replace(day=1) else LAST_DATE
    padded: list[CalendarDay | None] = [None] * first.weekday()
    padded += [_day(schedule, day, words) for day in dates(first, last)]
    padded += [None] * (-len(padded) % 7)
    return CalendarMonth(first, tuple(tuple(padded[start : start + 7]) for start in range(0, len(padded), 7)))


def _missing_glyphs(schedule: Schedule, first: date, last: date, words: Words) -> Iterator[CalendarFinding]:
    """A finding for each reason of an override with characters that the poster's fonts cannot print."""
    covered = coverage(PRINT_FONTS)
    for override in schedule.calendar.overrides:
        if first <= override.date <= last and (characters := without_glyph(override.reason, covered)):
            text = words.say("calendar.without_glyph", characters=characters, reason=override.reason)
            yield CalendarFinding("warning", text, (override.date,))


def _day(schedule: Schedule, day: date, words: Words) -> CalendarDay:
    resolved = schedule.departures_on(day)
    service_day = resolved.service_day
    reasons = {reason.why for reason in service_day.reasons}
    times = tuple(departure.departs for departure in resolved.departures if departure.runs)
    colours = colour_of(sorted(schedule.timetables, key=lambda timetable: timetable.id))
    day_type = service_day.day_type if service_day.runs else NO_SERVICE
    return CalendarDay(
        day=day,
        day_type=day_type,
        name=schedule.calendar.names_of(day_type).of(words.language),
        why=day_reason(service_day, words),
        is_special=any(reason.names for reason in service_day.reasons),
        undecided=service_day.undecided,
        overridden=bool(reasons & {ReasonKind.OVERRIDE, ReasonKind.NO_SERVICE}),
        runs=service_day.runs,
        times=times,
        cancelled=sum(not departure.runs for departure in resolved.departures),
        extra=sum(departure.status.value == "extra" for departure in resolved.departures),
        timetable=schedule.timetable_by_id[resolved.timetable].name if resolved.timetable else "",
        colour=colours.get(resolved.timetable or "", -1),
        bars=tuple(_bar(minute) for minute in times),
        hours=tuple(
            (schedule.network.stop_name(hours.stop, day), hours.windows, hours.reason)
            for hours in schedule.opening_times.special
            if hours.date == day
        ),
    )


def _bar(minute: Minute) -> float:
    within = min(max(minute, FIRST_BAR), LAST_BAR)
    return round(98 * (within - FIRST_BAR) / (LAST_BAR - FIRST_BAR), 1)
