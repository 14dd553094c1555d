"""Fortnights: the shortest span of which figures leave the house, and the rhythm of the operative group's meetings.

They are cut once, from a fixed Monday on, and never overlap: two spans that overlapped could be subtracted from each other.
"""

from datetime import date, timedelta
from enum import StrEnum

from shuttle.domain.ridership import Span

ANCHOR = date(2024, 1, 1)
"""A Monday; every fortnight begins a whole number of fortnights before or after it."""

DAYS = 14


def fortnight_of(day: date) -> Span:
    """The fortnight that holds the date."""
    first = day - timedelta(days=(day - ANCHOR).days % DAYS)
    return Span(first, first + timedelta(days=DAYS - 1))


def fortnights_within(span: Span) -> list[Span]:
    """Those that lie in the span from their first day to their last, in order."""
    found = []
    fortnight = fortnight_of(span.first)
    if fortnight.first < span.first:
        fortnight = following(fortnight)
    while fortnight.last <= span.last:
        found.append(fortnight)
        fortnight = following(fortnight)
    return found


def following(fortnight: Span) -> Span:
    return fortnight_of(fortnight.last + timedelta(days=1))


class Period(StrEnum):
    """The rhythm of those who read a report: the operative group, the coordination group, and everybody."""

    FORTNIGHT = "fortnight"
    SIX_WEEKS = "six-weeks"
    YEAR = "year"


def latest(period: Period, today: date) -> Span:
    """The last whole period that was over before `today`. Six weeks are three fortnights, a year is a calendar year."""
    if period is Period.YEAR:
        return Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    days = DAYS if period is Period.FORTNIGHT else 3 * DAYS
    first = today - timedelta((today - ANCHOR).days % days + days)
    return Span(first, first + timedelta(days - 1))
