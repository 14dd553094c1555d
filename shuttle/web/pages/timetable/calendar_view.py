"""View of the calendar: each coming day with its day type, the reason for it, its departures, and the undecided days.

Weeks begin on Monday. Departures come from `Schedule.departures_on`; remarks from `domain/timetable/quality_checks.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.service_time import Minute, dates
from shuttle.domain.timetable import quality_checks
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.service_days import ReasonKind
from shuttle.feeds.printed.typesetting import coverage, without_glyph
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.findings import finding_text
from shuttle.settings import PRINT_FONTS

AHEAD = 60
"""Days shown."""


@dataclass(frozen=True, kw_only=True)
class CalendarDay:
    """A date. `times`: departures that run, in minutes; `cancelled`, `extra`: numbers of such departures."""

    day: date
    day_type: str
    name: str
    why: str
    is_special: bool
    undecided: bool
    overridden: bool
    times: tuple[Minute, ...]
    cancelled: int
    extra: int


@dataclass(frozen=True)
class CalendarFinding:
    """A finding of the quality checks in words."""

    severity: str
    text: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class CalendarView:
    """Whole weeks; None before the first and after the last day shown."""

    weeks: tuple[tuple[CalendarDay | None, ...], ...]
    undecided: tuple[CalendarDay, ...]
    remarks: tuple[CalendarFinding, ...]


def calendar_view(schedule: Schedule, first: date, words: Words) -> CalendarView:
    """AHEAD days from `first`."""
    days = [_day(schedule, day, words) for day in dates(first, first + timedelta(days=AHEAD - 1))]
    padded: list[CalendarDay | None] = [*([None] * first.weekday()), *days]
    padded += [None] * (-len(padded) % 7)
    findings = quality_checks.check(schedule, first, days[-1].day)
    printed = tuple(_missing_glyphs(schedule, first, days[-1].day, words))
    return CalendarView(
        tuple(tuple(padded[start : start + 7]) for start in range(0, len(padded), 7)),
        tuple(day for day in days if day.undecided),
        tuple(
            CalendarFinding(finding.severity.value, finding_text(finding, words, schedule), finding.dates)
            for finding in findings
            if finding.control != "undecided"
        )
        + printed,
    )


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
    return CalendarDay(
        day=day,
        day_type=service_day.day_type,
        name=schedule.calendar.names_of(service_day.day_type).of(words.language),
        why=day_reason(service_day, words),
        is_special=any(reason.names for reason in service_day.reasons),
        undecided=service_day.undecided,
        overridden=ReasonKind.OVERRIDE in reasons,
        times=tuple(departure.departs for departure in resolved.departures if departure.runs),
        cancelled=sum(not departure.runs for departure in resolved.departures),
        extra=sum(departure.status.value == "extra" for departure in resolved.departures),
    )
