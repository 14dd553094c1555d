"""GTFS services: a set of dates as a weekly pattern (calendar.txt) with exceptions (calendar_dates.txt).

The pattern is computed from the resolved dates of the trips, so that every exception is kept.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from shuttle.domain.basics.service_time import dates

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Service:
    """Dates that trips share. `week` is the usual pattern, `added` and `removed` are the exceptions."""

    id: str
    dates: frozenset[date]

    @cached_property
    def week(self) -> tuple[bool, ...]:
        """Monday first: whether more than half of these weekdays, from the first date to the last, are in `dates`."""
        span = self._span
        return tuple(
            2 * sum(day.weekday() == weekday for day in self.dates) > sum(day.weekday() == weekday for day in span)
            for weekday in range(7)
        )

    @property
    def added(self) -> list[date]:
        """Dates outside the weekly pattern, in order."""
        return sorted(day for day in self.dates if not self.week[day.weekday()])

    @property
    def removed(self) -> list[date]:
        """Dates of the weekly pattern on which the service does not run, in order."""
        return [day for day in self._span if self.week[day.weekday()] and day not in self.dates]

    def bounds(self, first: date, last: date) -> tuple[date, date]:
        """Start and end date: the span from `first` to `last` as far as the weekly pattern adds no date in it."""
        if not self.dates:
            return first, last
        begins, ends = min(self.dates), max(self.dates)
        while begins > first and not self.week[(begins - _DAY).weekday()]:
            begins -= _DAY
        while ends < last and not self.week[(ends + _DAY).weekday()]:
            ends += _DAY
        return begins, ends

    @cached_property
    def _span(self) -> list[date]:
        return dates(min(self.dates), max(self.dates)) if self.dates else []
