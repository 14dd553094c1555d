"""Releases of ridership figures: each fortnight is published once, a grace period after its end, and never again.

Later counts change the exact figures but not the release: the difference of two releases of a fortnight would reveal
the late counts. A later release states their sum as a supplement (`domain/ridership/suppression.py`).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.ridership.boardings import CountState
from shuttle.domain.ridership.destination_sums import DepartureRiders, departures_with_riders
from shuttle.domain.ridership.fortnights import ANCHOR, check_anchor, fortnight_of, fortnights_within
from shuttle.domain.ridership.gaps import boarding_stops
from shuttle.domain.ridership.summaries import Grouping, RidershipRow, ServiceCounts, Span
from shuttle.domain.ridership.suppression import release
from shuttle.services.app_context import AppContext
from shuttle.services.operation.wall_clock import check_clock
from shuttle.services.ridership.recorded_demand import counted_between
from shuttle.services.ridership.riders.release_parts import (
    DESTINATION,
    NOT_TOLD,
    contributions,
    exact_riders,
    supplement,
)
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import releases as store
from shuttle.store.ridership.releases import StoredRelease

GRACE = timedelta(days=7)
"""Grace period for late counts, from phones without coverage or on paper."""


def check_fortnights(context: AppContext, anchor: date) -> None:
    """Raises Refused (`anchor-moved`) where released fortnights do not match the anchor."""
    with context.reading() as session:
        check_anchor(anchor, store.first_released(session))


def freeze_due(
    context: AppContext, person: Person | None, threshold: int, anchor: date = ANCHOR
) -> list[StoredRelease]:
    """Release every fortnight that is past its grace period and not yet released, from the first count on. Raises
    Refused (`anchor-moved`, `clock-leapt`).
    """
    person = allow(person, Action.ADMINISTER)
    check_clock(context)
    with context.reading() as session:
        first = store.first_counted(session)
        before = store.releases(session)
    released_spans = {stored.fortnight for stored in before}
    check_fortnights(context, anchor)
    if first is None:
        return []
    start = fortnight_of(first, anchor).first
    end = max(context.today() - GRACE - timedelta(days=1), start)
    due = [fortnight for fortnight in fortnights_within(Span(start, end), anchor) if fortnight not in released_spans]
    new = [release_of(context, fortnight, threshold) for fortnight in due]
    if new:
        new[-1] = replace(new[-1], supplement=supplement(context, before, threshold))
    with context.transaction() as session:
        released_now = {
            stored.fortnight for stored in store.releases(session)
        }  # a concurrent run may have released some
        new = [stored for stored in new if stored.fortnight not in released_now]
        for stored in new:
            store.add(session, stored)
            subject = stored.fortnight.first.isoformat()
            add_entry(session, context.now(), person.name, person.role.value, "release-figures", subject)
    return new


def release_of(context: AppContext, fortnight: Span, threshold: int) -> StoredRelease:
    """The release of a fortnight from the present counts: boardings by stop and by day type, riders by destination, suppressed."""
    by_stop = exact_ridership(context, fortnight, (Grouping.STOP,))
    by_day = exact_ridership(context, fortnight, (Grouping.DAY,))
    schedule = context.schedule()
    planned = (departure for day in fortnight for departure in schedule.departures_on(day).departures)
    boarded_at = frozenset[str]().union(*map(boarding_stops, planned))
    at_stops: dict[str, int | None] = {
        str(line.key[0]): line.amounts.boardings if line.amounts.counts else None
        for line in by_stop.lines
        if line.key[0] in boarded_at or line.amounts.boardings
    }
    on_days: dict[str, int | None] = {each.id: None for each in schedule.calendar.day_types}
    for line in by_day.lines:
        if line.run.counted or line.amounts.boardings:
            day_type = _day_type(context, line)
            on_days[day_type] = (on_days[day_type] or 0) + line.amounts.boardings
    total = by_day.total
    counted = counted_between(context, schedule, fortnight)
    departures = list(departures_with_riders(schedule, counted, context.now(), context.zone))
    parts = {
        "stop": at_stops,
        "day_type": on_days,
        DESTINATION: by_destination(departures, total.amounts.boardings),
    }
    shown = release(
        total.amounts.boardings,
        {name: {part: n for part, n in amounts.items() if n is not None} for name, amounts in parts.items()},
        threshold,
        {name: [part for part, n in amounts.items() if n is None] for name, amounts in parts.items()},
        dependent=(DESTINATION,),
        contributions=contributions(schedule, counted, departures),
    )
    return StoredRelease(
        fortnight=fortnight,
        release=shown,
        run=ServiceCounts(run=total.run.run, due=total.run.due, counted=total.run.counted),
        threshold=threshold,
        frozen_at=context.now(),
    )


def by_destination(departures: Iterable[DepartureRiders], total: int) -> dict[str, int | None]:
    """Riders to each destination; NOT_TOLD: boardings of departures whose counts leave the destination open. None: not counted.

    The parts add up to the total, as every breakdown of a release does. A departure on which more left than boarded is wholly
    among those not told.
    """
    riders: dict[str, int | None] = {}
    for each in departures:
        for stop in each.destinations:
            riders.setdefault(stop, None)
        for stop, number in exact_riders(each).items():
            riders[stop] = (riders[stop] or 0) + number
    rest = total - sum(number or 0 for number in riders.values())
    return {**riders, NOT_TOLD: rest} if rest else riders


def _day_type(context: AppContext, line: RidershipRow) -> str:
    day = line.key[0]
    assert not isinstance(day, str | int)
    return context.schedule().calendar.service_day(day).day_type


def released(context: AppContext, person: Person | None, span: Span | None = None) -> list[StoredRelease]:
    """The released fortnights within the span."""
    allow(person, Action.READ_RIDERSHIP)
    with context.reading() as session:
        return store.releases(session, span)


def released_state(number: int | None, is_counted: bool = True) -> str:
    """State of a released number: a count's states (`number`, `zero`, `not_recorded`), or `hidden` for None."""
    if number is None:
        return "hidden"
    return (CountState.NUMBER if number else CountState.ZERO if is_counted else CountState.NOT_RECORDED).value


def release_document(stored: StoredRelease) -> dict[str, object]:
    """A release as JSON. Null in a total or part: hidden; a part without counts is listed in `not_counted`.

    `late_supplement`: boardings of earlier fortnights that were counted after their release; null: none, or too few to state.
    """
    shown = stored.release
    return {
        "from": stored.fortnight.first.isoformat(),
        "to": stored.fortnight.last.isoformat(),
        "boardings": shown.total if stored.is_counted else None,
        "state": released_state(shown.total, stored.is_counted),
        "by_stop": dict(shown.breakdowns.get("stop", {})),
        "by_day_type": dict(shown.breakdowns.get("day_type", {})),
        "by_destination": dict(shown.breakdowns.get(DESTINATION, {})),
        "not_counted": {
            "by_stop": list(shown.not_counted.get("stop", ())),
            "by_day_type": list(shown.not_counted.get("day_type", ())),
            "by_destination": list(shown.not_counted.get(DESTINATION, ())),
        },
        "departures_run": stored.run.run,
        "departures_counted": stored.run.counted,
        "late_supplement": None
        if stored.supplement is None
        else {"boardings": stored.supplement.boardings, "departures": stored.supplement.departures},
        "threshold": stored.threshold,
        "released_at": stored.frozen_at.isoformat(),
    }
