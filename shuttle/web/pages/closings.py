"""Early closings of centres on a date, with the departures that arrive too late, as passengers, drivers and planners read them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.opening_hours import arrives_too_late


@dataclass(frozen=True, kw_only=True)
class ClosingNote:
    """`late`: (departure from its first stop, arrival at the centre) of what arrives after `closes`, in order."""

    day: date
    stop: str
    name: str
    closes: Minute
    late: tuple[tuple[Minute, Minute], ...]


def closing_notes(schedule: Schedule, days: Iterable[date]) -> tuple[ClosingNote, ...]:
    """One for each centre and date that closes early."""
    wanted = set(days)
    return tuple(
        ClosingNote(
            day=closing.date,
            stop=closing.stop,
            name=schedule.network.stop_name(closing.stop, closing.date),
            closes=closing.closes,
            late=tuple(
                (departure.departs, call.arrives)
                for departure in schedule.departures_on(closing.date).departures
                for call in departure.calls[1:]
                if departure.runs and call.stop == closing.stop and arrives_too_late(closing, call.arrives)
            ),
        )
        for closing in schedule.opening_times.closings
        if closing.date in wanted
    )
