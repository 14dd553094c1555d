"""How many rode, by whatever one asks for: day, weekday, stop, hour or trip.

A sum alone misleads: 40 boardings on five counted departures of fifty are not 40 boardings. So each line carries its
departures beside its amounts: those that run by the timetable and the day's changes, those of them that have left by now,
and those that were counted. What was not counted adds nothing to a sum, and is never taken for 0; and what could not be
counted, because the bus passed by, is not among the uncounted. `ridership_gaps` says which departures those are.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.gaps import Gap
from shuttle.domain.timetable.departures import Departure, Schedule


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


@dataclass(slots=True)  # not frozen: there are hundreds of thousands in a year, and freezing costs more than adding
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


@dataclass(slots=True, kw_only=True)
class ServiceCounts:
    """Departures of a line: those not cancelled, those of them that have left by now, those counted.

    A departure that was counted has run, also where it was cancelled afterwards. It is counted if it was at every stop at
    which people get on; `partly`: only at others, or at some. Their boardings are in the sum and, as `aside`, not in a mean.
    `unserved`: departures that passed by the stop of the line, or where it has none by all at which people get on; they are
    neither run nor due here. So due - counted - partly is what nobody counted.
    """

    run: int = 0
    due: int = 0
    counted: int = 0
    partly: int = 0
    unserved: int = 0
    aside: int = 0

    def __add__(self, other: "ServiceCounts") -> "ServiceCounts":
        return ServiceCounts(
            run=self.run + other.run,
            due=self.due + other.due,
            counted=self.counted + other.counted,
            partly=self.partly + other.partly,
            unserved=self.unserved + other.unserved,
            aside=self.aside + other.aside,
        )

    @property
    def uncounted(self) -> int:
        """Departures that have left and that nobody counted anywhere."""
        return self.due - self.counted - self.partly


@dataclass(slots=True)
class RidershipRow:
    """Amounts and departures of one key."""

    key: Key
    amounts: Amounts
    run: ServiceCounts

    @property
    def mean(self) -> float | None:
        """Boardings per counted departure; None where none was counted."""
        return (self.amounts.boardings - self.run.aside) / self.run.counted if self.run.counted else None


@dataclass(frozen=True)
class Ridership:
    """What was asked for: the span, the groupings in their order, a line for each key, and the whole."""

    span: Span
    by: tuple[Grouping, ...]
    lines: tuple[RidershipRow, ...]
    total: RidershipRow


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


Ran = Collection[tuple[date, str]]
"""Service dates and trips."""

Gaps = Mapping[tuple[date, str], Gap]
"""(service date, trip) -> what was not counted or not served on that departure."""


def departures_by(
    schedule: Schedule,
    span: Span,
    by: tuple[Grouping, ...],
    counted_though_cancelled: Ran,
    now: datetime,
    zone: ZoneInfo,
    gaps: Gaps = MappingProxyType({}),
) -> dict[Key, ServiceCounts]:
    """Departures of each key, none of them counted whole yet. One stands under every stop and hour in which it calls."""
    found: defaultdict[Key, ServiceCounts] = defaultdict(ServiceCounts)
    for day in span:
        for departure in schedule.departures_on(day).departures:
            if departure.runs or (day, departure.trip) in counted_though_cancelled:
                left = instant(day, departure.departs, zone) <= now
                gap = gaps.get((day, departure.trip))
                for key, is_unserved in _keys(departure, by, gap).items():
                    if is_unserved:
                        found[key].unserved += 1
                        continue
                    found[key].run += 1
                    found[key].due += left
                    if gap and gap.partly and Grouping.STOP not in by:
                        found[key].partly += 1
                        found[key].aside += gap.boardings
    return dict(found)


def without_gaps(counted: Mapping[Key, int], by: tuple[Grouping, ...], gaps: Gaps) -> dict[Key, int]:
    """How many departures of each key were counted whole, of how many on which anything was."""
    found = dict(counted)
    for gap in gaps.values():
        if Grouping.STOP in by:
            taken = [key for stop in gap.held & gap.unserved for key in _keys(gap.departure, by, gap, stop)]
        else:
            taken = list(_keys(gap.departure, by, gap)) if gap.held and not gap.is_whole else []
        for key in taken:
            if key in found:
                found[key] -= 1
    return found


def counted_by_hour(
    schedule: Schedule, span: Span, by: tuple[Grouping, ...], counted: Mapping[date, Collection[str]]
) -> dict[Key, int]:
    """Counted departures of each key that has an hour and no stop: those that were counted anywhere, in their hours."""
    found: defaultdict[Key, int] = defaultdict(int)
    for day in span:
        here = counted.get(day, ())
        for departure in schedule.departures_on(day).departures if here else ():
            if departure.trip in here:
                for key in _keys(departure, by):
                    found[key] += 1
    return dict(found)


def cancelled_departures(schedule: Schedule, span: Span) -> list[tuple[date, str]]:
    """Service date and trip of what does not run; somebody may have been counted on it all the same."""
    return [
        (day, departure.trip)
        for day in span
        for departure in schedule.departures_on(day).departures
        if not departure.runs
    ]


def _keys(
    departure: Departure, by: tuple[Grouping, ...], gap: Gap | None = None, only: str | None = None
) -> dict[Key, bool]:
    """Each key that the departure stands under, at the stop `only` where one is named: whether it passed by there."""
    everywhere = gap is not None and gap.passed_by
    if Grouping.STOP not in by and Grouping.HOUR not in by:
        return {_key(departure.date, departure.trip, "", 0, by): everywhere}
    found = {}
    for stop in dict.fromkeys(call.stop for call in departure.calls):
        if only in (None, stop):
            key = _key(departure.date, departure.trip, stop, departure.planned_hour(stop) or 0, by)
            found[key] = gap is not None and stop in gap.unserved if Grouping.STOP in by else everywhere
    return found


def _key(day: date, trip: str, stop: str, hour: int, by: tuple[Grouping, ...]) -> Key:
    values: dict[Grouping, date | str | int] = {
        Grouping.DAY: day,
        Grouping.WEEKDAY: day.isoweekday(),
        Grouping.STOP: stop,
        Grouping.HOUR: hour,
        Grouping.TRIP: trip,
    }
    return tuple(values[grouping] for grouping in by)


def merged(rows: Mapping[Key, Amounts], key_of: Callable[[Key], Key]) -> dict[Key, Amounts]:
    """Rows added up under coarser keys."""
    found: dict[Key, Amounts] = {}
    for key, amounts in rows.items():
        coarse = key_of(key)
        found[coarse] = found[coarse] + amounts if coarse in found else amounts
    return found


def put_together(
    amounts: Mapping[Key, Amounts], runs: Mapping[Key, ServiceCounts], counted: Mapping[Key, int]
) -> tuple[RidershipRow, ...]:
    """One line for each key that has a count or a departure, in order.

    A count of a departure that no timetable knows any more is not lost: it has run, and left.
    """
    lines, nothing, nobody = [], Amounts(), ServiceCounts()
    for key in sorted([*amounts, *(key for key in runs if key not in amounts)]):
        run, number = runs.get(key, nobody), counted.get(key, 0)
        forgotten = max(number + run.partly - run.run, 0)
        line = ServiceCounts(
            run=run.run + forgotten,
            due=run.due + forgotten,
            counted=number,
            partly=run.partly,
            unserved=run.unserved,
            aside=run.aside,
        )
        lines.append(RidershipRow(key, amounts.get(key, nothing), line))
    return tuple(lines)
