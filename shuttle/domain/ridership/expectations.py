"""Expected times of today's departures at their stops, from drivers' reports and the bus's earlier departures.

A passing is a recorded time; an expectation is derived from passings. A bus that left late arrives late at each later call, as far as no
slack absorbs it, and the next departure of the same bus leaves late too. A departure that nobody reported says nothing about the next:
whether it is late or only not reported cannot be known. A driver who says how late it is, or that the bus stands, is believed until it
moves. Times are minutes of the service day; no position is recorded.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.ridership.incidents import STANDING, Incident, IncidentKind
from shuttle.domain.ridership.passings import PassingKind
from shuttle.domain.timetable.departures import Departure
from shuttle.domain.timetable.network import Call

LATE_FROM = 3
"""Minutes after its time from which a departure is called late; less is within what a driver's tap is exact to."""

GIVEN_UP_AFTER = 30
"""Minutes after its time for which a departure that nobody reported may still come."""


class Progress(StrEnum):
    """Progress of a departure, as far as it is known."""

    PLANNED = "planned"
    """Its time has not come, or only just."""
    UNREPORTED = "unreported"
    """Its time has passed, and nobody has reported that it left."""
    LEFT = "left"
    ARRIVED = "arrived"


@dataclass(frozen=True)
class Reported:
    """A passing in minutes of the service day."""

    stop: str
    kind: PassingKind
    at: Minute


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """A departure as expected. `calls`: its calls with expected times, the reported ones where they are known; `delay`: minutes at the
    next call (0: on time, or not known); `left`: when it was reported as left from its first stop; `stands`: the bus stands, and the calls
    after the last report have their planned times, since nobody knows others; `due`: when one that was not reported leaves by what is known of
    it and of the bus, however late it is by now."""

    progress: Progress
    calls: tuple[Call, ...]
    delay: int
    left: Minute | None
    stands: bool = False
    due: Minute | None = None

    @property
    def is_late(self) -> bool:
        return self.delay >= LATE_FROM

    def call(self, sequence: int) -> Call:
        """The expected call of that place along the trip. Raises StopIteration for none."""
        return next(call for call in self.calls if call.sequence == sequence)


@dataclass(frozen=True, kw_only=True)
class CallToday:
    """A call of a departure as readers are told of it. `left`: when the bus was reported as left here or as at a later stop, `reached`: as
    arrived here; `late_leaving`, `late_arriving`: minutes after its time, 0 where it is not late or nobody knows; `is_unreported`: it would
    be late by now, may still come, and nobody has said that it left."""

    left: Minute | None
    reached: Minute | None
    late_leaving: int
    late_arriving: int
    is_unreported: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a departure beside its plan. `calls`: in their order; `incident`: what the driver said of it, where that holds;
    `renewed_at`: when any of it last became another; `renewals`: a number that has risen each time."""

    calls: tuple[CallToday, ...]
    incident: IncidentKind | None
    renewed_at: datetime
    renewals: int


def calls_today(
    departure: Departure, expectation: Expectation, reported: Sequence[Reported], now: Minute
) -> tuple[CallToday, ...]:
    """Each call of a departure that runs."""
    return tuple(_call_today(departure, call, expectation, reported, now) for call in departure.calls)


def _call_today(
    departure: Departure, call: Call, expectation: Expectation, reported: Sequence[Reported], now: Minute
) -> CallToday:
    left = left_at(departure, call, reported)
    arrivals = (each.at for each in reported if each.kind is PassingKind.ARRIVED and each.stop == call.stop)
    reached = next(arrivals, None) if departure.last_call(call.stop) == call else None
    expected = call if expectation.progress is Progress.UNREPORTED else expectation.call(call.sequence)
    leaving, arriving = expected.departs - call.departs, expected.arrives - call.arrives
    leaves = call.departs + (leaving if leaving >= LATE_FROM else 0)
    may_come = call != departure.calls[-1] and left is None and call.departs > now - GIVEN_UP_AFTER
    return CallToday(
        left=left,
        reached=reached,
        late_leaving=leaving if left is None and leaving >= LATE_FROM else 0,
        late_arriving=arriving if reached is None and arriving >= LATE_FROM else 0,
        is_unreported=may_come and now - leaves >= LATE_FROM and not expectation.stands,
    )


def left_at(departure: Departure, call: Call, reported: Sequence[Reported]) -> Minute | None:
    """When the bus was reported as left at a call, or as at a later stop; None: nobody has said so."""
    for report in reported:
        has_left = report.kind is PassingKind.LEFT
        where = departure.first_call(report.stop) if has_left else departure.last_call(report.stop)
        if where is not None and (where.sequence > call.sequence or (has_left and where.sequence == call.sequence)):
            return report.at
    return None


def expectations(
    departures: Sequence[Departure],
    reported: Mapping[str, Sequence[Reported]],
    now: Minute,
    back: Callable[[str, str], int | None],
    vehicles: int,
    incidents: Mapping[str, Incident] | None = None,
) -> dict[str, Expectation]:
    """Departure -> its expectation, for those of a service day that run.

    `back`: minutes of an empty run from one stop to another, None where unknown; `vehicles`: with one, each departure waits for the one
    before it; with more, nobody has said which bus drives what, and each stands for itself. `incidents`: those that hold of what
    passengers are told.
    """
    told = incidents or {}
    several: dict[str, Expectation] = {}
    ready, stop = None, ""
    for departure in sorted((each for each in departures if each.runs), key=lambda each: (each.departs, each.id)):
        free = _free_at(ready, stop, departure.calls[0].stop, back) if vehicles == 1 else None
        several[departure.id] = one = _expectation(
            departure, reported.get(departure.id, ()), now, free, told.get(departure.id)
        )
        if one.stands:
            ready = None
        elif one.progress is not Progress.UNREPORTED:
            ready, stop = one.calls[-1].arrives, one.calls[-1].stop
    return several


def _free_at(ready: Minute | None, stop: str, start: str, back: Callable[[str, str], int | None]) -> Minute | None:
    """Earliest minute at which the bus can be at the first stop of its next departure; None where unknown."""
    if ready is None or stop == start:
        return ready
    minutes = back(stop, start)
    return None if minutes is None else ready + minutes


def _expectation(
    departure: Departure, reported: Sequence[Reported], now: Minute, free: Minute | None, incident: Incident | None
) -> Expectation:
    calls, last = _with_reports(departure, reported)
    stands = incident is not None and incident.kind in STANDING
    told = incident.minutes or 0 if incident is not None else 0
    if last is None:
        return _standing(departure, now) if stands else _not_left(departure, now, free, told)
    index, kind = last
    arrived = index == len(calls) - 1
    left = next((each.at for each in reported if _is_start(departure, each)), None)
    if stands and not arrived:
        return Expectation(progress=Progress.LEFT, calls=tuple(calls), delay=0, left=left, stands=True)
    expected = list(calls)
    if kind is PassingKind.ARRIVED and not arrived:
        expected[index] = replace(calls[index], departs=max(departure.calls[index].departs, calls[index].arrives))
    for place in range(index + 1, len(calls)):
        expected[place] = _after(departure.calls[place - 1], departure.calls[place], expected[place - 1].departs)
        if told and place == index + 1:
            expected[place] = _at_least(expected[place], departure.calls[place].arrives + told)
    following = min(index + 1, len(calls) - 1)
    delay = 0 if arrived else max(0, expected[following].arrives - departure.calls[following].arrives)
    progress = Progress.ARRIVED if arrived else Progress.LEFT
    return Expectation(progress=progress, calls=tuple(expected), delay=delay, left=left)


def _is_start(departure: Departure, report: Reported) -> bool:
    return report.kind is PassingKind.LEFT and report.stop == departure.calls[0].stop


def _with_reports(
    departure: Departure, reported: Sequence[Reported]
) -> tuple[list[Call], tuple[int, PassingKind] | None]:
    """The calls with reported times, and the place and kind of the report that is farthest along the trip."""
    calls, last = list(departure.calls), None
    for report in reported:
        is_left = report.kind is PassingKind.LEFT
        call = departure.first_call(report.stop) if is_left else departure.last_call(report.stop)
        if call is None:
            continue
        place = departure.calls.index(call)
        changed = calls[place]
        calls[place] = replace(changed, departs=report.at) if is_left else replace(changed, arrives=report.at)
        if last is None or (place, is_left) > (last[0], last[1] is PassingKind.LEFT):
            last = (place, report.kind)
    return calls, last


def _not_left(departure: Departure, now: Minute, free: Minute | None, told: int) -> Expectation:
    """`told`: minutes of delay that were reported, 0 for none. A bus that was said to be late is waited for and later each minute, until it
    is given up."""
    planned = departure.departs
    leaves = planned + told if free is None else max(planned + told, free)
    progress, is_known, due = Progress.PLANNED, True, leaves
    if now > leaves:
        is_near = now - leaves <= GIVEN_UP_AFTER
        is_known = told > 0 and is_near
        progress = Progress.PLANNED if is_known else Progress.UNREPORTED
        leaves = now if is_near else leaves
    calls = [replace(departure.calls[0], departs=leaves)]
    for before, call in zip(departure.calls, departure.calls[1:], strict=False):
        calls.append(_after(before, call, calls[-1].departs))
    delay = leaves - planned if is_known else 0
    return Expectation(progress=progress, calls=tuple(calls), delay=delay, left=None, due=due)


def _standing(departure: Departure, now: Minute) -> Expectation:
    progress = Progress.UNREPORTED if now > departure.departs else Progress.PLANNED
    return Expectation(progress=progress, calls=departure.calls, delay=0, left=None, stands=True)


def _at_least(call: Call, arrives: Minute) -> Call:
    """The call at that minute at the earliest."""
    later = max(call.arrives, arrives)
    return replace(call, arrives=later, departs=max(call.departs, later))


def _after(before: Call, call: Call, departed: Minute) -> Call:
    """A call after another that was left at `departed`: the running time stays, a stop absorbs what it has of slack."""
    arrives = departed + call.arrives - before.departs
    return replace(call, arrives=arrives, departs=max(call.departs, arrives))
