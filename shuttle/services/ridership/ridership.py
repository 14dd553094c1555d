"""Ridership queries: exact figures of a span by day, weekday, stop, hour or trip, for permitted persons and for jobs."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.ridership.gaps import gaps
from shuttle.domain.ridership.summaries import (
    Amounts,
    Gaps,
    Grouping,
    Key,
    Ridership,
    RidershipRow,
    Span,
    cancelled_departures,
    counted_by_hour,
    departures_by,
    merged,
    ridership_rows,
    without_gaps,
)
from shuttle.domain.timetable.departures import Schedule, split_departure_id
from shuttle.services.app_context import AppContext
from shuttle.store.ridership import sums as store
from shuttle.store.ridership.skipped_stops import skipped_stops_between


def ridership(context: AppContext, person: Person | None, span: Span, by: tuple[Grouping, ...]) -> Ridership:
    """Exact figures of the span. Raises NotSignedIn, NotAllowed."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    return exact_ridership(context, span, by)


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Disables the garbage collector in the block.

    The figures of a year are half a million small objects without cycles. Scanning them doubles the time and stops all
    threads for 0.1 s. So the block must last until they are freed.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@no_garbage_collection()
def exact_ridership(context: AppContext, span: Span, by: tuple[Grouping, ...]) -> Ridership:
    """Exact figures without a check of permission, for permitted callers and for jobs."""
    schedule, now = context.schedule(), context.now()
    cancelled = cancelled_departures(schedule, span)
    with context.reading() as session:
        amounts = _coarse(store.sums(session, span, _stored(by)), by)
        counted = _counted(session, schedule, span, by, amounts)
        total_amounts, total_counted = store.whole(session, span)
        ran = store.counted_among(session, cancelled)
        incomplete = gaps_in(session, schedule, span)

    def lines(
        amounts_by_key: dict[Key, Amounts], keys: tuple[Grouping, ...], numbers: dict[Key, int]
    ) -> tuple[RidershipRow, ...]:
        runs = departures_by(schedule, span, keys, ran, now, context.zone, incomplete)
        return ridership_rows(amounts_by_key, runs, without_gaps(numbers, keys, incomplete))

    (total,) = lines({(): total_amounts}, (), {(): total_counted})
    return Ridership(span, by, lines(amounts, by, counted), total)


def gaps_in(session: Session, schedule: Schedule, span: Span) -> Gaps:
    """Departures of the span that were counted in part, or skipped a stop."""
    skipped = skipped_stops_between(session, span.first, span.last)
    reported = {split_departure_id(departure) for departure, _ in skipped}
    most_stops = max((len(set(pattern.stops)) for pattern in schedule.network.patterns), default=0)
    return gaps(schedule, store.seen(session, span, most_stops, reported), skipped)


def _counted(
    session: Session, schedule: Schedule, span: Span, by: tuple[Grouping, ...], amounts: Mapping[Key, Amounts]
) -> dict[Key, int]:
    """Number of counted departures per key. At a stop each count is a departure; elsewhere a departure may have several."""
    if Grouping.STOP in by:
        return {key: each.counts for key, each in amounts.items()}
    if Grouping.HOUR in by:
        return counted_by_hour(schedule, span, by, store.counted_trips(session, span))
    numbers = store.counted_departures(session, span, _stored(by))
    as_amounts = {key: Amounts(counts=n) for key, n in numbers.items()}
    return {key: each.counts for key, each in _coarse(as_amounts, by).items()}


def _stored(by: tuple[Grouping, ...]) -> tuple[Grouping, ...]:
    """The groupings that the database supports: days in place of weekdays."""
    return tuple(dict.fromkeys(Grouping.DAY if grouping is Grouping.WEEKDAY else grouping for grouping in by))


def _coarse(stored: dict[Key, Amounts], by: tuple[Grouping, ...]) -> dict[Key, Amounts]:
    if Grouping.WEEKDAY not in by:
        return stored
    groupings = _stored(by)

    def key_of(key: Key) -> Key:
        values = dict(zip(groupings, key, strict=True))
        day = values[Grouping.DAY]
        return tuple(
            day.isoweekday() if grouping is Grouping.WEEKDAY and not isinstance(day, str | int) else values[grouping]
            for grouping in by
        )

    return merged(stored, key_of)
