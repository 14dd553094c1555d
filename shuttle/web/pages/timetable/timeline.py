"""Timeline of timetables, drawn: a row of the present publications and one of those after a change.

Each timetable has a colour of its own, a span without a timetable is red. A list with the same dates stands beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import LAST_DATE, days_after
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.publishing.consequences import uncovered
from shuttle.domain.timetable.trips import Timetable
from shuttle.language import Words

WIDTH, LEFT = 960, 110
COLOURS = 6
MOST_MONTHS, MOST_TICKS = 36, 9
BEHIND, BEYOND = timedelta(days=20), timedelta(days=75)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A span of a row. `colour` counts from 0, -1 for a span without a timetable; `label`: its name and dates."""

    x: float
    width: float
    colour: int
    name: str
    label: str


@dataclass(frozen=True)
class Timeline:
    """`rows`: (name, bars); `change`: place and width of the dates that change; `ticks`: (place, month)."""

    rows: tuple[tuple[str, tuple[Bar, ...]], ...]
    change: tuple[float, float] | None
    ticks: tuple[tuple[float, str], ...]


def colour_of(timetables: Sequence[Timetable]) -> dict[str, int]:
    """A colour for each timetable, the same on all pages."""
    return {timetable.id: number % COLOURS for number, timetable in enumerate(timetables)}


def timeline(rows: Iterable[tuple[str, Schedule]], changed: Validity | None, today: date, words: Words) -> Timeline:
    """The rows over the dates from a little before today to a little after the last date on which anything changes."""
    named = tuple(rows)
    turns = [turn for _, schedule in named for p in schedule.periods for turn in (p.valid.first, p.valid.last) if turn]
    turns += [turn for turn in (changed.first, changed.last) if turn] if changed else []
    first = (today - BEHIND).replace(day=1)
    last = min(days_after(max([today, *turns]), BEYOND.days), days_after(today, MOST_MONTHS * 30), LAST_DATE)
    axis = _Axis(first, last)
    span = axis.span(changed) if changed and changed.first and changed.first <= last else None
    return Timeline(
        tuple((name, tuple(_bars(schedule, axis, words))) for name, schedule in named), span, axis.ticks(words)
    )


class _Axis:
    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last

    def x(self, day: date) -> float:
        share = (min(max(day, self.first), self.last) - self.first).days / ((self.last - self.first).days or 1)
        return round(LEFT + share * (WIDTH - LEFT), 1)

    def span(self, valid: Validity) -> tuple[float, float]:
        """Place and width; an open end reaches to the edge."""
        begins = self.x(valid.first or self.first)
        ends = self.x(days_after(valid.last, 1)) if valid.last else float(WIDTH)
        return begins, max(round(ends - begins, 1), 2.0)

    def ticks(self, words: Words) -> tuple[tuple[float, str], ...]:
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        step = next(step for step in (1, 2, 3, 4, 6, 12) if months / step <= MOST_TICKS or step == 12)
        several = []
        for number in range(0, months, step):
            years, month = divmod(self.first.month - 1 + number, 12)
            day = date(self.first.year + years, month + 1, 1)
            if self.x(day) < WIDTH - 50:
                several.append((self.x(day), words.month_short(day)))
        return tuple(several)


def _bars(schedule: Schedule, axis: _Axis, words: Words) -> Iterable[Bar]:
    colours = colour_of(sorted(schedule.timetables, key=lambda timetable: timetable.id))
    for period in schedule.periods:
        if _shown(period.valid, axis):
            x, width = axis.span(period.valid)
            name = schedule.timetable_by_id[period.timetable].name
            label = f"{name}: {span_text(period.valid, words)}"
            yield Bar(x=x, width=width, colour=colours[period.timetable], name=name, label=label)
    for hole in uncovered(
        schedule, max(axis.first, min((p.valid.first or axis.first for p in schedule.periods), default=axis.first))
    ):
        if _shown(hole, axis):
            x, width = axis.span(hole)
            name = words.say("publishing.hole")
            yield Bar(x=x, width=width, colour=-1, name=name, label=f"{name}: {span_text(hole, words)}")


def _shown(valid: Validity, axis: _Axis) -> bool:
    return valid.overlaps(Validity(axis.first, axis.last))


def span_text(valid: Validity, words: Words) -> str:
    """Dates in words: `21. juni 2027 – 15. august 2027`, `fra 16. august 2027`."""
    first = words.date_short(valid.first) if valid.first else ""
    if valid.last is None:
        return words.say("publishing.from", date=first)
    return f"{first} – {words.date_short(valid.last)}" if valid.first != valid.last else first
