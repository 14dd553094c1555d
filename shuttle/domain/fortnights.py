"""Fortnights: the shortest span of which figures leave the house, and the rhythm of the operative group's meetings.

They are cut once, from a fixed Monday on, and never overlap: two spans that overlapped could be subtracted from each other.
"""

from datetime import date, timedelta

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
