"""How many rode, by whatever one asks for: day, weekday, stop, hour or trip.

A sum alone misleads: 40 boardings on five counted departures of fifty are not 40 boardings. So each line carries its
departures beside its amounts: those that run by the timetable and the day's changes, those of them that have left by now,
and those on which somebody counted. What was not counted adds nothing to a sum, and is never taken for 0.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from shuttle.domain.clock import instant
from shuttle.domain.departures import Departure, Schedule
from shuttle.domain.errors import Invalid


class Grouping(StrEnum):
    """What a line may be about; several together make finer lines."""

    DAY = "day"
    WEEKDAY = "weekday"
    STOP = "stop"
    HOUR = "hour"
    TRIP = "trip"


Key = tuple[date | str | int, ...]
"""The values of a line, in the order of the groupings asked for: a date, a weekday 1 to 7, a stop, an hour, a trip."""

LONGEST_SPAN = 3660
"""Days: ten years of a report; more is a slip in a year."""


@dataclass(frozen=True)
class Span:
    """Service dates from `first` to `last`, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Invalid(
                "bad-span",
                f"from {self.first} to {self.last} runs backwards",
                given=f"{self.first} to {self.last}",
                allowed="from <= to",
            )
        if self.days > LONGEST_SPAN:
            raise Invalid(
                "span-too-long",
                f"{self.first} to {self.last} is {self.days} days",
                given=f"{self.days} days",
                allowed=f"at most {LONGEST_SPAN} days",
            )

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days) for days in range(self.days))


@dataclass(frozen=True, slots=True)
class Amounts:
    """Sums of the counts that hold. `left_behind` is a lower bound; `full`: counts that said so; `counts`: how many."""

    boardings: int = 0
    alightings: int = 0
    left_behind: int = 0
    full: int = 0
    counts: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.boardings + other.boardings,
            self.alightings + other.alightings,
            self.left_behind + other.left_behind,
            self.full + other.full,
            self.counts + other.counts,
        )


@dataclass(slots=True)
class Run:
    """Departures of a line: those not cancelled, those of them that have left by now, those counted.

    A departure that was counted has run, also where it was cancelled afterwards.
    """

    run: int = 0
    due: int = 0
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Amounts and departures of one key."""

    key: Key
    amounts: Amounts
    run: Run


@dataclass(frozen=True)
class Ridership:
    """What was asked for: the span, the groupings in their order, a line for each key, and the whole."""

    span: Span
    by: tuple[Grouping, ...]
    lines: tuple[Line, ...]
    total: Line


def counts_per_departure(by_day_and_trip: Ridership) -> list[int]:
    """Boardings of each counted departure, from lines by day and trip: what means and their intervals are made of."""
    return [line.amounts.boardings for line in by_day_and_trip.lines if line.run.counted]


def groupings(given: str) -> tuple[Grouping, ...]:
    """`day,stop` -> the groupings. Raises Invalid (`unknown-grouping`) with what may be asked for."""
    allowed = ", ".join(Grouping)
    found = []
    for word in (part.strip() for part in given.split(",") if part.strip()):
        if word not in list(Grouping):
            raise Invalid(
                "unknown-grouping", f"ridership cannot be given by {word[:40]!r}", given=word[:40], allowed=allowed
            )
        found.append(Grouping(word))
    return tuple(dict.fromkeys(found))


Counted = Mapping[date, Mapping[str, frozenset[str]]]
"""Service date -> trip -> the stops at which somebody counted."""


def departures_by(
    schedule: Schedule, span: Span, by: tuple[Grouping, ...], counted: Counted, now: datetime, zone: ZoneInfo
) -> dict[Key, Run]:
    """Departures of each key. A departure stands under every stop it calls at and every hour in which it does.

    A count of a departure that no timetable knows any more is not lost
    from the sums; its departure is added to those run, under its day, trip and counted stops.
    """
    found: defaultdict[Key, Run] = defaultdict(Run)
    per_stop = Grouping.STOP in by
    for day in span:
        counted_here = dict(counted.get(day, {}))
        for departure in schedule.departures_on(day).departures:
            stops = counted_here.pop(departure.trip, frozenset())
            left = instant(day, departure.departs, zone) <= now
            for key, stop in _keys(departure, by):
                was_counted = stop in stops if per_stop else bool(stops)
                if departure.runs or was_counted:
                    run = found[key]
                    run.run += 1
                    run.due += left
                    run.counted += was_counted
        for trip, stops in counted_here.items():
            for key in _keys_of_the_forgotten(day, trip, stops, by):
                found[key].run += 1
                found[key].due += 1
                found[key].counted += 1
    return dict(found)


def _keys(departure: Departure, by: tuple[Grouping, ...]) -> set[tuple[Key, str]]:
    """Each key that the departure stands under, with the stop that it stands there for ('' when stops are not asked for)."""
    if Grouping.STOP not in by and Grouping.HOUR not in by:
        return {(_key(departure.date, departure.trip, "", 0, by), "")}
    found = set()
    for stop in dict.fromkeys(call.stop for call in departure.calls):
        key = _key(departure.date, departure.trip, stop, departure.planned_hour(stop) or 0, by)
        found.add((key, stop if Grouping.STOP in by else ""))
    return found


def _keys_of_the_forgotten(day: date, trip: str, stops: frozenset[str], by: tuple[Grouping, ...]) -> list[Key]:
    if Grouping.HOUR in by:
        return []  # the hour of a trip that is not known any more stands in its sums alone
    if Grouping.STOP in by:
        return [_key(day, trip, stop, 0, by) for stop in sorted(stops)]
    return [_key(day, trip, "", 0, by)]


def _key(day: date, trip: str, stop: str, hour: int, by: tuple[Grouping, ...]) -> Key:
    values: dict[Grouping, date | str | int] = {
        Grouping.DAY: day,
        Grouping.WEEKDAY: day.isoweekday(),
        Grouping.STOP: stop,
        Grouping.HOUR: hour,
        Grouping.TRIP: trip,
    }
    return tuple(values[grouping] for grouping in by)


def merged(rows: Iterable[tuple[Key, Amounts]], key_of: Callable[[Key], Key]) -> dict[Key, Amounts]:
    """Rows added up under coarser keys."""
    found: dict[Key, Amounts] = {}
    for key, amounts in rows:
        coarse = key_of(key)
        found[coarse] = found[coarse] + amounts if coarse in found else amounts
    return found


def put_together(
    span: Span, by: tuple[Grouping, ...], amounts: Mapping[Key, Amounts], runs: Mapping[Key, Run], total: Line
) -> Ridership:
    """One line for each key that has a count or a departure, in order."""
    keys = sorted(amounts.keys() | runs.keys())
    lines = tuple(Line(key, amounts.get(key, Amounts()), runs.get(key, Run())) for key in keys)
    return Ridership(span, by, lines, total)
