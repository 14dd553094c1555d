"""What the rules of a release need beside its sums: what each departure had of each part, and counts that came in late."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from shuttle.domain.ridership.boardings import effective_observation
from shuttle.domain.ridership.counted_departures import CountedSpan
from shuttle.domain.ridership.destination_sums import DepartureRiders
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.suppression import TOTAL, Contributions, supplement_is_shown
from shuttle.domain.timetable.departures import Schedule, split_departure_id
from shuttle.services.app_context import AppContext
from shuttle.store.ridership import releases as store
from shuttle.store.ridership.boardings import latest_counts_between
from shuttle.store.ridership.releases import StoredRelease, Supplement

DESTINATION, NOT_TOLD = "destination", "not_told"
"""The breakdown by destination, and its part for boardings whose destination the counts do not tell."""

LATE_FOR = timedelta(days=366)
"""How long after its fortnight a late count is still stated."""


def contributions(
    schedule: Schedule, counted: CountedSpan, departures: Sequence[DepartureRiders]
) -> dict[str, Contributions]:
    """Breakdown -> part -> boardings of each counted departure of it; under TOTAL the total."""
    at_stops: dict[str, dict[str, int]] = defaultdict(dict)
    for counted_stop in (*counted.forgotten, *(stop for each in counted.departures for stop in each.stops)):
        if counted_stop.held is not None:
            at_stops[counted_stop.held.count.departure][counted_stop.stop] = counted_stop.held.count.boardings
    by_stop, by_day_type = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for departure, boardings in at_stops.items():
        day_type = schedule.calendar.service_day(split_departure_id(departure)[0]).day_type
        by_day_type[day_type].append(sum(boardings.values()))
        for name, number in boardings.items():
            by_stop[name].append(number)
    by_destination = defaultdict[str, list[int]](list)
    for each in departures:
        for stop, riders in exact_riders(each).items():
            by_destination[stop].append(riders)
    total = {TOTAL: [sum(boardings.values()) for boardings in at_stops.values()]}
    return {"stop": by_stop, "day_type": by_day_type, DESTINATION: by_destination, TOTAL: total}


def exact_riders(departure: DepartureRiders) -> dict[str, int]:
    """Riders to each destination whose number is exact; none of a departure on which more left than boarded."""
    exact = {stop: riders.exact for stop, riders in departure.riders.items() if riders.exact is not None}
    return exact if sum(exact.values()) <= departure.boardings else {}


def supplement(context: AppContext, released: Sequence[StoredRelease], threshold: int) -> Supplement | None:
    """Boardings of departures of released fortnights that were first counted after their release, and after the last supplement.

    None: there are none, or too few to be stated; those wait.
    """
    earliest = context.today() - LATE_FOR
    recent = [each for each in released if each.fortnight.last >= earliest]
    if not recent:
        return None
    stated = max((each.frozen_at for each in released if each.supplement is not None), default=None)
    span = Span(recent[0].fortnight.first, recent[-1].fortnight.last)
    with context.reading() as session:
        first_received = store.first_received(session, span)
        latest = latest_counts_between(session, span.first, span.last)
    late = {
        departure
        for departure, received in first_received.items()
        if (since := _since(departure, recent, stated)) is not None and received > since
    }
    boardings: dict[str, int] = dict.fromkeys(late, 0)
    for (departure, _stop), observations in latest.items():
        effective = effective_observation(observations)
        if departure in late and effective is not None:
            boardings[departure] += effective.count.boardings
    several = list(boardings.values())
    return Supplement(sum(several), len(several)) if supplement_is_shown(several, threshold) else None


def _since(departure: str, released: Sequence[StoredRelease], stated: datetime | None) -> datetime | None:
    """From when on a count of the departure is late and not stated yet; None where its fortnight is not released."""
    day, _ = split_departure_id(departure)
    own = next((each.frozen_at for each in released if each.fortnight.first <= day <= each.fortnight.last), None)
    return own if own is None or stated is None else max(own, stated)
