"""Ridership sums by day, weekday, stop, hour or trip, with the number of departures behind each sum.

A sum alone misleads: 40 boardings on five counted departures of fifty are not 40 boardings. So each row has the departures
that ran, that have left, and that were counted. An uncounted departure adds nothing and is not 0. A skipped stop is not
uncounted either (see `gaps`).
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
    """Dimensions of a row; several can be combined."""

    DAY = "day"
    WEEKDAY = "weekday"
    STOP = "stop"
    HOUR = "hour"
    TRIP = "trip"
    DESTINATION = "destination"
    """Where passengers left; see `destination_sums`, which makes these rows."""


Key = tuple[date | str | int, ...]
"""The values of a row in the order of its groupings: a date, a weekday 1 to 7, a stop, an hour, a trip."""

LONGEST_SPAN = 3660
"""Largest span of a report in days: ten years; a longer one is a typing error."""


@dataclass(frozen=True)
class Span:
    """Service dates from `first` to `last`, both included. Raises Invalid (`bad-span`, `span-too-long`)."""

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
    """Sums over counts. `left_behind`: a lower bound. `full`: counts with a full bus. `counts`: number of counts."""

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
    """Numbers of departures in a row. `run`: not cancelled, or counted although cancelled. `due`: run and have left.

    `counted`: counted at every boarding stop. `partly`: counted at other stops only, or at some boarding stops; their
    boardings (`aside`) are in the sum and not in the mean. `unserved`: skipped the row's stop, or every boarding stop when
    the row has none; these are neither run nor due. So due - counted - partly departures were not counted at all.
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
        """Departures that have left and were counted at no stop."""
        return self.due - self.counted - self.partly


@dataclass(slots=True)
class RidershipRow:
    """Amounts and departures of one key."""

    key: Key
    amounts: Amounts
    run: ServiceCounts

    @property
    def mean(self) -> float | None:
        """Boardings per counted departure; None when none was counted."""
        return (self.amounts.boardings - self.run.aside) / self.run.counted if self.run.counted else None


@dataclass(frozen=True)
class Ridership:
    """The sums of a span: its groupings in order, a row for each key (`lines`), and the total."""

    span: Span
    by: tuple[Grouping, ...]
    lines: tuple[RidershipRow, ...]
    total: RidershipRow


def groupings(text: str) -> tuple[Grouping, ...]:
    """`day,stop` -> the groupings, each once. Raises Invalid (`unknown-grouping`) with the allowed ones."""
    allowed = ", ".join(Grouping)
    by = []
    for word in (part.strip() for part in text.split(",") if part.strip()):
        if word not in list(Grouping):
            raise Invalid(
                "unknown-grouping", f"ridership cannot be given by {word[:40]!r}", given=word[:40], allowed=allowed
            )
        by.append(Grouping(word))
    return tuple(dict.fromkeys(by))


CancelledDepartures = Collection[tuple[date, str]]
"""Service dates and trips."""

Gaps = Mapping[tuple[date, str], Gap]
"""(service date, trip) -> the gap in that departure's counts."""


def departures_by(
    schedule: Schedule,
    span: Span,
    by: tuple[Grouping, ...],
    counted_though_cancelled: CancelledDepartures,
    now: datetime,
    zone: ZoneInfo,
    gaps: Gaps = MappingProxyType({}),
) -> dict[Key, ServiceCounts]:
    """Departures by key, with `counted` still 0. A departure belongs to each stop and hour at which it calls."""
    by_key: defaultdict[Key, ServiceCounts] = defaultdict(ServiceCounts)
    for day in span:
        for departure in schedule.departures_on(day).departures:
            if departure.runs or (day, departure.trip) in counted_though_cancelled:
                left = instant(day, departure.departs, zone) <= now
                gap = gaps.get((day, departure.trip))
                for key, is_unserved in _keys(departure, by, gap).items():
                    if is_unserved:
                        by_key[key].unserved += 1
                        continue
                    by_key[key].run += 1
                    by_key[key].due += left
                    if gap and gap.partly and Grouping.STOP not in by:
                        by_key[key].partly += 1
                        by_key[key].aside += gap.boardings
    return dict(by_key)


def without_gaps(counted: Mapping[Key, int], by: tuple[Grouping, ...], gaps: Gaps) -> dict[Key, int]:
    """Departures by key counted at every boarding stop, from `counted`: those counted at any stop."""
    whole = dict(counted)
    for gap in gaps.values():
        if Grouping.STOP in by:
            taken = [key for stop in gap.held & gap.unserved for key in _keys(gap.departure, by, gap, stop)]
        else:
            taken = list(_keys(gap.departure, by, gap)) if gap.held and not gap.is_whole else []
        for key in taken:
            if key in whole:
                whole[key] -= 1
    return whole


def counted_by_hour(
    schedule: Schedule, span: Span, by: tuple[Grouping, ...], counted: Mapping[date, Collection[str]]
) -> dict[Key, int]:
    """Departures counted at any stop, by key, for groupings with an hour and without a stop."""
    by_key: defaultdict[Key, int] = defaultdict(int)
    for day in span:
        here = counted.get(day, ())
        for departure in schedule.departures_on(day).departures if here else ():
            if departure.trip in here:
                for key in _keys(departure, by):
                    by_key[key] += 1
    return dict(by_key)


def cancelled_departures(schedule: Schedule, span: Span) -> list[tuple[date, str]]:
    """Service date and trip of each cancelled departure; it may have counts all the same."""
    return [
        (day, departure.trip)
        for day in span
        for departure in schedule.departures_on(day).departures
        if not departure.runs
    ]


def _keys(
    departure: Departure, by: tuple[Grouping, ...], gap: Gap | None = None, only: str | None = None
) -> dict[Key, bool]:
    """The keys of a departure (at the stop `only`, when given) -> True when it skipped the stop of the key."""
    everywhere = gap is not None and gap.passed_by
    if Grouping.STOP not in by and Grouping.HOUR not in by:
        return {_key(departure.date, departure.trip, "", 0, by): everywhere}
    skipped = {}
    for stop in dict.fromkeys(call.stop for call in departure.calls):
        if only in (None, stop):
            key = _key(departure.date, departure.trip, stop, departure.planned_hour(stop) or 0, by)
            skipped[key] = gap is not None and stop in gap.unserved if Grouping.STOP in by else everywhere
    return skipped


def _key(day: date, trip: str, stop: str, hour: int, by: tuple[Grouping, ...]) -> Key:
    values: dict[Grouping, date | str | int] = {
        Grouping.DAY: day,
        Grouping.WEEKDAY: day.isoweekday(),
        Grouping.STOP: stop,
        Grouping.HOUR: hour,
        Grouping.TRIP: trip,
    }  # boardings have no destination
    return tuple(values[grouping] for grouping in by)


def merged(rows: Mapping[Key, Amounts], key_of: Callable[[Key], Key]) -> dict[Key, Amounts]:
    """Sums of the rows under coarser keys; `key_of`: fine key -> coarse key."""
    sums: dict[Key, Amounts] = {}
    for key, amounts in rows.items():
        coarse = key_of(key)
        sums[coarse] = sums[coarse] + amounts if coarse in sums else amounts
    return sums


def ridership_rows(
    amounts: Mapping[Key, Amounts], runs: Mapping[Key, ServiceCounts], counted: Mapping[Key, int]
) -> tuple[RidershipRow, ...]:
    """One row for each key with a count or a departure, in order.

    A counted departure that is no longer in any timetable is included: it ran, and has left.
    """
    rows, nothing, no_departures = [], Amounts(), ServiceCounts()
    for key in sorted([*amounts, *(key for key in runs if key not in amounts)]):
        run, number = runs.get(key, no_departures), counted.get(key, 0)
        forgotten = max(number + run.partly - run.run, 0)
        departures = ServiceCounts(
            run=run.run + forgotten,
            due=run.due + forgotten,
            counted=number,
            partly=run.partly,
            unserved=run.unserved,
            aside=run.aside,
        )
        rows.append(RidershipRow(key, amounts.get(key, nothing), departures))
    return tuple(rows)
