"""Asking how many rode. Who sees exact figures, and who the released ones only."""

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
    put_together,
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
    """A year makes half a million small objects without cycles; looking through them for some doubles the time.

    And it stops everybody for a tenth of a second: so the collector rests until they are gone again, not only until they are made.
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
    """Exact figures for whoever has been allowed them, and for jobs."""
    schedule, now = context.schedule(), context.now()
    cancelled = cancelled_departures(schedule, span)
    with context.reading() as session:
        amounts = _coarse(store.sums(session, span, _stored(by)), by)
        counted = _counted(session, schedule, span, by, amounts)
        in_all, counted_in_all = store.whole(session, span)
        ran = store.counted_among(session, cancelled)
        not_whole = gaps_in(session, schedule, span)

    def lines(
        some: dict[Key, Amounts], keys: tuple[Grouping, ...], numbers: dict[Key, int]
    ) -> tuple[RidershipRow, ...]:
        runs = departures_by(schedule, span, keys, ran, now, context.zone, not_whole)
        return put_together(some, runs, without_gaps(numbers, keys, not_whole))

    (total,) = lines({(): in_all}, (), {(): counted_in_all})
    return Ridership(span, by, lines(amounts, by, counted), total)


def gaps_in(session: Session, schedule: Schedule, span: Span) -> Gaps:
    """Departures of the span that were not counted whole, or passed by a stop."""
    unserved = skipped_stops_between(session, span.first, span.last)
    told = {split_departure_id(departure) for departure, _ in unserved}
    most = max((len(set(pattern.stops)) for pattern in schedule.network.patterns), default=0)
    return gaps(schedule, store.seen(session, span, most, told), unserved)


def _counted(
    session: Session, schedule: Schedule, span: Span, by: tuple[Grouping, ...], amounts: Mapping[Key, Amounts]
) -> dict[Key, int]:
    """Counted departures of each key. At a stop each count is a departure; elsewhere a departure may have several."""
    if Grouping.STOP in by:
        return {key: each.counts for key, each in amounts.items()}
    if Grouping.HOUR in by:
        return counted_by_hour(schedule, span, by, store.counted_trips(session, span))
    found = store.counted_departures(session, span, _stored(by))
    as_amounts = {key: Amounts(counts=number) for key, number in found.items()}
    return {key: each.counts for key, each in _coarse(as_amounts, by).items()}


def _stored(by: tuple[Grouping, ...]) -> tuple[Grouping, ...]:
    """The groupings that the database can answer: days where weekdays are asked for."""
    return tuple(dict.fromkeys(Grouping.DAY if grouping is Grouping.WEEKDAY else grouping for grouping in by))


def _coarse(stored: dict[Key, Amounts], by: tuple[Grouping, ...]) -> dict[Key, Amounts]:
    if Grouping.WEEKDAY not in by:
        return stored
    asked = _stored(by)

    def key_of(key: Key) -> Key:
        values = dict(zip(asked, key, strict=True))
        day = values[Grouping.DAY]
        return tuple(
            day.isoweekday() if grouping is Grouping.WEEKDAY and not isinstance(day, str | int) else values[grouping]
            for grouping in by
        )

    return merged(stored, key_of)
