"""Fortnights: the shortest span of which figures leave the house, and the rhythm of the operative group's meetings.

They are cut from a fixed Monday on, the anchor, so that they follow the weeks in which that group meets, and never overlap:
two spans that overlapped could be subtracted from each other. So the anchor is chosen before the first release, and stays.
"""

from datetime import date, timedelta
from enum import StrEnum

from shuttle.domain.basics.errors import Refused
from shuttle.domain.ridership.summaries import Span

ANCHOR = date(2024, 1, 1)
"""Unless another Monday is chosen: every fortnight begins a whole number of fortnights before or after it."""

DAYS = 14


def fortnight_of(day: date, anchor: date = ANCHOR) -> Span:
    """The fortnight that holds the date."""
    first = day - timedelta(days=(day - anchor).days % DAYS)
    return Span(first, first + timedelta(days=DAYS - 1))


def fortnights_within(span: Span, anchor: date = ANCHOR) -> list[Span]:
    """Those that lie in the span from their first day to their last, in order."""
    found = []
    fortnight = fortnight_of(span.first, anchor)
    if fortnight.first < span.first:
        fortnight = following(fortnight)
    while fortnight.last <= span.last:
        found.append(fortnight)
        fortnight = following(fortnight)
    return found


def following(fortnight: Span) -> Span:
    first = fortnight.last + timedelta(days=1)
    return Span(first, first + timedelta(days=DAYS - 1))


def check_anchor(anchor: date, released: Span | None) -> None:
    """Raises Refused (`anchor-moved`) where a fortnight was released that the anchor would cut in two."""
    if released is not None and fortnight_of(released.first, anchor) != released:
        raise Refused(
            "anchor-moved",
            f"fortnights are released since {released.first}; counted from {anchor} they would overlap those, and figures that "
            "overlap can be subtracted from each other",
            given=anchor.isoformat(),
            allowed=f"{released.first} or a whole number of fortnights from it",
        )


class Period(StrEnum):
    """The rhythm of those who read a report: the operative group, the coordination group, and everybody."""

    FORTNIGHT = "fortnight"
    SIX_WEEKS = "six-weeks"
    YEAR = "year"


def latest(period: Period, today: date, anchor: date = ANCHOR) -> Span:
    """The last whole period that was over before `today`. Six weeks are three fortnights, a year is a calendar year."""
    if period is Period.YEAR:
        return Span(date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
    days = DAYS if period is Period.FORTNIGHT else 3 * DAYS
    first = today - timedelta((today - anchor).days % days + days)
    return Span(first, first + timedelta(days - 1))
