"""Fortnights: the shortest span for which figures are released, and the interval of the operative group's meetings.

Fortnights are counted from a fixed Monday, the anchor, and never overlap: the figures of two overlapping spans could be
subtracted from each other. So the anchor is chosen before the first release and then stays.
"""

from datetime import date, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.summaries import Span

ANCHOR = date(2024, 1, 1)
"""The default anchor: every fortnight begins a whole number of fortnights before or after it."""

DAYS = 14


def fortnight_of(day: date, anchor: date = ANCHOR) -> Span:
    """The fortnight that contains the date."""
    first = day - timedelta(days=(day - anchor).days % DAYS)
    return Span(first, first + timedelta(days=DAYS - 1))


def fortnights_within(span: Span, anchor: date = ANCHOR) -> list[Span]:
    """The fortnights that lie wholly within the span, in order."""
    several = []
    fortnight = fortnight_of(span.first, anchor)
    if fortnight.first < span.first:
        fortnight = following(fortnight)
    while fortnight.last <= span.last:
        several.append(fortnight)
        fortnight = following(fortnight)
    return several


def following(fortnight: Span) -> Span:
    """The next fortnight."""
    first = fortnight.last + timedelta(days=1)
    return Span(first, first + timedelta(days=DAYS - 1))


def check_anchor(anchor: date, released: Span | None) -> None:
    """Checks an anchor against a released fortnight. Raises Refused (`anchor-moved`) if it would cut that in two."""
    if released is not None and fortnight_of(released.first, anchor) != released:
        raise Refused(
            "anchor-moved",
            f"fortnights are released since {released.first}; counted from {anchor} they would overlap those, and figures that "
            "overlap can be subtracted from each other",
            given=anchor.isoformat(),
            allowed=f"{released.first} or a whole number of fortnights from it",
        )


class Period(StrEnum):
    """Reporting periods: of the operative group, the coordination group, and the public."""

    FORTNIGHT = "fortnight"
    SIX_WEEKS = "six-weeks"
    YEAR = "year"


def latest(period: Period, today: date, anchor: date = ANCHOR) -> Span:
    """The last whole period that ended before `today`. Six weeks are three fortnights; a year is a calendar year."""
    if period is Period.YEAR:
        return Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    days = DAYS if period is Period.FORTNIGHT else 3 * DAYS
    first = today - timedelta((today - anchor).days % days + days)
    return Span(first, first + timedelta(days - 1))
