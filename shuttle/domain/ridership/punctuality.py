"""Punctuality of past departures, and their running times, from passings.

A departure that nobody reported is `not reported`: it is neither late nor on time, and enters no share. Minutes are whole and rounded
down, since a passing keeps its minute only: on time to +5 lasts until 5 min 59 s. Percentiles are by nearest rank: the 85th is the
shortest running time within which at least 85 % of the observed trips drove.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import Minute, minute_at
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import Call, NetworkOnDay, RunningTime

Leg = tuple[str, str]
"""A stop and the next one."""

LEAST = 10
"""Fewest observations of a leg in a band from which a running time is proposed; fewer say little of the 85th percentile."""

MOST_SHARE = 3
MOST_MORE = 15
"""An observed running time above MOST_SHARE times the planned one and MOST_MORE minutes is a late tap, not a drive."""


@dataclass(frozen=True)
class OnTime:
    """On time: from `before` minutes before the planned time to `after` minutes after it. Raises Invalid (`bad-limits`)."""

    before: int = 1
    after: int = 5

    def __post_init__(self) -> None:
        if self.before < 0 or self.after < 0:
            raise Invalid("bad-limits", "on time has two limits from 0 on", given=f"{self.before}, {self.after}")

    def of(self, minutes: int | None) -> "Punctual":
        """The class of a deviation; None: nobody reported."""
        if minutes is None:
            return Punctual.NOT_REPORTED
        if minutes < -self.before:
            return Punctual.EARLY
        return Punctual.LATE if minutes > self.after else Punctual.ON_TIME


class Punctual(StrEnum):
    ON_TIME = "on_time"
    EARLY = "early"
    LATE = "late"
    NOT_REPORTED = "not_reported"


@dataclass
class Shares:
    """Numbers of departures (or of arrivals at the end of a leg) by what they were."""

    counts: dict[Punctual, int] = field(default_factory=lambda: dict.fromkeys(Punctual, 0))

    def add(self, punctual: Punctual) -> None:
        self.counts[punctual] += 1

    @property
    def run(self) -> int:
        return sum(self.counts.values())

    @property
    def reported(self) -> int:
        return self.run - self.counts[Punctual.NOT_REPORTED]

    @property
    def on_time(self) -> float | None:
        """The share of 1 that was on time, of those reported; None where none was."""
        return self.counts[Punctual.ON_TIME] / self.reported if self.reported else None


@dataclass(frozen=True, kw_only=True)
class LegTime:
    """An observed running time. `starts`: planned minute at which the trip starts, which decides the band.

    `stood`: only the leaving of the leg's end was reported, so the time contains the stay there.
    """

    leg: Leg
    starts: Minute
    minutes: int
    planned: int
    stood: bool


@dataclass(frozen=True, kw_only=True)
class PunctualityOfSpan:
    """Shares by departure (planned minute, stops), by weekday (0 Monday) and by leg at its end; and the observed running times.

    `left_out`: running times that cannot have been driven.
    """

    whole: Shares
    by_departure: Mapping[tuple[Minute, tuple[str, ...]], Shares]
    by_weekday: Mapping[int, Shares]
    by_leg: Mapping[Leg, Shares]
    times: tuple[LegTime, ...]
    left_out: int


def punctuality(
    departures: Iterable[Departure], passings: Mapping[str, Sequence[Passing]], limits: OnTime, zone: tzinfo
) -> PunctualityOfSpan:
    """The punctuality of departures that ran; `passings`: those in force, by departure id."""
    whole = Shares()
    by_departure: defaultdict[tuple[Minute, tuple[str, ...]], Shares] = defaultdict(Shares)
    by_weekday: defaultdict[int, Shares] = defaultdict(Shares)
    by_leg: defaultdict[Leg, Shares] = defaultdict(Shares)
    times: list[LegTime] = []
    left_out = 0
    for departure in (each for each in departures if each.runs):
        calls = actual_calls(departure, passings.get(departure.id, ()), zone)
        start = calls[0].left
        left = limits.of(None if start is None else start - departure.departs)
        planned = departure.departs if departure.planned is None else departure.planned
        stops = tuple(call.stop for call in departure.calls)
        for shares in (whole, by_departure[planned, stops], by_weekday[departure.date.weekday()]):
            shares.add(left)
        for here, there in itertools.pairwise(calls):
            by_leg[here.call.stop, there.call.stop].add(limits.of(there.deviation))
        observed = list(_leg_times(departure, calls))
        kept = [time for time in observed if 1 <= time.minutes <= MOST_SHARE * time.planned + MOST_MORE]
        times += kept
        left_out += len(observed) - len(kept)
    return PunctualityOfSpan(
        whole=whole,
        by_departure=dict(sorted(by_departure.items())),
        by_weekday=dict(sorted(by_weekday.items())),
        by_leg=dict(by_leg),
        times=tuple(times),
        left_out=left_out,
    )


@dataclass(frozen=True)
class ActualCall:
    """A call with its reported minutes; None: not reported."""

    call: Call
    arrived: Minute | None
    left: Minute | None

    @property
    def deviation(self) -> int | None:
        """Minutes behind the plan at the arrival, else at the leaving."""
        if self.arrived is not None:
            return self.arrived - self.call.arrives
        return None if self.left is None else self.left - self.call.departs


def actual_calls(departure: Departure, passings: Iterable[Passing], zone: tzinfo) -> list[ActualCall]:
    """The calls of a departure with what was reported: leaving is of a stop's first call, arriving of its last."""
    reported = {
        (each.stop, each.kind): minute_at(each.at, departure.date, zone) for each in passings if each.at is not None
    }
    calls = []
    for call in departure.calls:
        arrived = reported.get((call.stop, PassingKind.ARRIVED)) if call == departure.last_call(call.stop) else None
        left = reported.get((call.stop, PassingKind.LEFT)) if call == departure.first_call(call.stop) else None
        calls.append(ActualCall(call, arrived, left))
    return calls


def _leg_times(departure: Departure, calls: Sequence[ActualCall]) -> Iterator[LegTime]:
    starts = departure.departs if departure.planned is None else departure.planned
    for here, there in itertools.pairwise(calls):
        ends = there.left if there.arrived is None else there.arrived
        if here.left is not None and ends is not None:
            yield LegTime(
                leg=(here.call.stop, there.call.stop),
                starts=starts,
                minutes=ends - here.left,
                planned=there.call.arrives - here.call.departs,
                stood=there.arrived is None,
            )


def percentile(minutes: Sequence[int], percent: int) -> int:
    """The percentile by nearest rank, of at least one value: (2, 4, 9) at 50 -> 4."""
    rank = max(1, -(-len(minutes) * percent // 100))
    return sorted(minutes)[rank - 1]


@dataclass(frozen=True, kw_only=True)
class BandTimes:
    """A leg in a time band of the network: the observed running times beside the one that is planned with."""

    leg: Leg
    begins: Minute
    planned: int
    provenance: Provenance
    minutes: tuple[int, ...]
    stood: bool

    @property
    def is_enough(self) -> bool:
        return len(self.minutes) >= LEAST

    def at(self, percent: int) -> int | None:
        """The percentile; None without observations."""
        return percentile(self.minutes, percent) if self.minutes else None


def times_by_band(times: Iterable[LegTime], network: NetworkOnDay) -> tuple[BandTimes, ...]:
    """Every band of every leg that was observed, by the bands of the network; a leg that it has no longer is left out."""
    by_band: defaultdict[tuple[Leg, Minute], list[LegTime]] = defaultdict(list)
    for time in times:
        running = network.running_times.get(time.leg)
        if running is not None:
            begins = max(start for start, _ in running.bands if start <= max(time.starts, 0))
            by_band[time.leg, begins].append(time)
    return tuple(
        BandTimes(
            leg=leg,
            begins=begins,
            planned=minutes,
            provenance=running.provenance,
            minutes=tuple(time.minutes for time in by_band.get((leg, begins), ())),
            stood=any(time.stood for time in by_band.get((leg, begins), ())),
        )
        for leg, running in network.running_times.items()
        if any(leg == observed for observed, _ in by_band)
        for begins, minutes in running.bands
    )


def proposed(running: RunningTime, bands: Iterable[BandTimes], percent: int, provenance: Provenance) -> RunningTime:
    """The link with the percentile in each band that was observed often enough; the others keep their minutes.

    Raises Invalid (`too-few-observations`) where no band was.
    """
    bands = tuple(bands)
    minutes = measured_bands(running, bands, percent)
    if not minutes:
        mine = [band for band in bands if band.leg == (running.origin, running.destination)]
        raise Invalid(
            "too-few-observations",
            f"{running.origin} to {running.destination} was observed in no time band {LEAST} times",
            given=str(max((len(band.minutes) for band in mine), default=0)),
            allowed=str(LEAST),
        )
    return RunningTime(
        origin=running.origin, destination=running.destination, bands=minutes, km=running.km, provenance=provenance
    )


def measured_bands(
    running: RunningTime, bands: Iterable[BandTimes], percent: int
) -> tuple[tuple[Minute, int], ...] | None:
    """The bands of a link with the percentile in each that was observed often enough; None where none was."""
    mine = {band.begins: band for band in bands if band.leg == (running.origin, running.destination)}
    measured = {begins: band.at(percent) for begins, band in mine.items() if band.is_enough}
    return tuple((begins, measured.get(begins) or old) for begins, old in running.bands) if measured else None
