"""Made-up riders of a year for a demonstration: boardings of each departure, and its times of leaving and arriving.

A fixed seed gives the same numbers for the same departures. They follow what such a bus is like (more in the middle of the day
and early in the month, fewer in July, a slow growth); they are no estimate of any real service.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp
from random import Random
from zoneinfo import ZoneInfo

from shuttle.domain.basics.service_time import instant
from shuttle.domain.ridership.boardings import Count
from shuttle.domain.ridership.passings import Passing, PassingKind
from shuttle.domain.timetable.departures import Departure
from shuttle.store.ridership.boardings import Arrival

OBSERVER = "demo"
SEED = 2024
UNCOUNTED = 0.06
"""Share of the departures that nobody counts."""
PUNCTUAL_MINUTES = (-1, 0, 0, 0, 0, 1, 1, 2, 2, 3, 5)
"""Minutes after the planned time at which a bus leaves, each as likely as another."""


@dataclass(frozen=True, kw_only=True)
class DemoDay:
    """Counts and passings of one departure."""

    arrivals: tuple[Arrival, ...]
    passings: tuple[Passing, ...]


def demo_departures(
    departures: Iterable[Departure], seats: int, begin: date, zone: ZoneInfo, now: datetime
) -> Iterator[DemoDay]:
    """Counts and passings of each departure that has arrived by `now`; departures chosen as uncounted have none."""
    random = Random(SEED)
    for departure in departures:
        ends = instant(departure.date, departure.calls[-1].arrives, zone)
        draw = random.random()
        if not departure.runs or ends > now or draw < UNCOUNTED:
            continue
        yield _day(departure, seats, begin, zone, random)


def _day(departure: Departure, seats: int, begin: date, zone: ZoneInfo, random: Random) -> DemoDay:
    wished = _poisson(_mean(departure, begin), random)
    on_board = min(wished, seats)
    calls = departure.calls
    leaving = [0] * len(calls)
    for _ in range(on_board):
        leaving[random.randrange(1, len(calls))] += 1
    late = random.choice(PUNCTUAL_MINUTES)
    arrivals, passings = [], []
    for number, call in enumerate(calls):
        is_first, is_last = number == 0, number == len(calls) - 1
        moment = instant(departure.date, call.arrives if is_last else call.departs, zone) + timedelta(minutes=late)
        left_behind = wished - on_board if is_first else 0
        count = Count(
            departure=departure.id,
            stop=call.stop,
            boardings=on_board if is_first else 0,
            alightings=leaving[number],
            left_behind=left_behind,
            full=is_first and on_board == seats,
            recorded_at=moment,
        )
        key = f"demo-{departure.id}-{call.sequence}"
        arrivals.append(
            Arrival(
                id=key[:40] if len(key) <= 40 else f"{random.getrandbits(128):032x}",
                key=key,
                count=count,
                service_date=departure.date,
                hour=departure.planned_hour(call.stop) or 0,
                source=OBSERVER,
                role="driver",
                received_at=moment,
            )
        )
        if is_first or is_last:
            kind = PassingKind.LEFT if is_first else PassingKind.ARRIVED
            passings.append(
                Passing(
                    key=key,
                    departure=departure.id,
                    stop=call.stop,
                    kind=kind,
                    at=moment,
                    said_by=OBSERVER,
                    said_at=moment,
                )
            )
    return DemoDay(arrivals=tuple(arrivals), passings=tuple(passings))


def _mean(departure: Departure, begin: date) -> float:
    """Mean riders of a departure: highest at two in the afternoon, and 25 percent more a year after the beginning."""
    hour = departure.departs / 60
    time_of_day = 2.2 + 2.6 * exp(-(((hour - 14) / 3.2) ** 2))
    weekend = 0.8 if departure.date.weekday() >= 5 else 1.0
    month = 1.15 if departure.date.day <= 10 else 0.95
    summer = 0.75 if departure.date.month == 7 else 1.0
    growth = 1 + 0.25 * (departure.date - begin).days / 365
    return time_of_day * weekend * month * summer * growth


def _poisson(mean: float, random: Random) -> int:
    """A draw by Knuth's product of uniforms; fit for small means."""
    limit, product, number = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        number += 1
    return number
