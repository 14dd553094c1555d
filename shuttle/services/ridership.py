"""Asking how many rode. Who sees exact figures, and who the released ones only."""

from shuttle.domain.access import Action, Person, allow
from shuttle.domain.ridership import (
    Amounts,
    Grouping,
    Key,
    Line,
    Ridership,
    Run,
    Span,
    departures_by,
    merged,
    put_together,
)
from shuttle.services.house import House
from shuttle.store import ridership as store


def ridership(house: House, person: Person | None, span: Span, by: tuple[Grouping, ...]) -> Ridership:
    """Exact figures of the span. Raises NotSignedIn, NotAllowed."""
    allow(person, Action.READ_EXACT_RIDERSHIP)
    return exact_ridership(house, span, by)


def exact_ridership(house: House, span: Span, by: tuple[Grouping, ...]) -> Ridership:
    """Exact figures for whoever has been allowed them, and for jobs."""
    schedule = house.schedule()
    with house.reading() as session:
        amounts = _amounts(store.sums(session, span, _stored(by)), by)
        in_all = store.sums(session, span, ()).get((), Amounts())
        trips = store.counted_trips(session, span)
        counted = store.counted_stops(session, span) if Grouping.STOP in by else trips
    now = house.now()
    runs = departures_by(schedule, span, by, counted, now, house.zone)
    whole = departures_by(schedule, span, (), trips, now, house.zone).get((), Run())
    return put_together(span, by, amounts, runs, Line((), in_all, whole))


def _stored(by: tuple[Grouping, ...]) -> tuple[Grouping, ...]:
    """The groupings that the database can answer: days where weekdays are asked for."""
    return tuple(dict.fromkeys(Grouping.DAY if grouping is Grouping.WEEKDAY else grouping for grouping in by))


def _amounts(stored: dict[Key, Amounts], by: tuple[Grouping, ...]) -> dict[Key, Amounts]:
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

    return merged(stored.items(), key_of)
