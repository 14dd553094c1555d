"""Releasing figures to those outside: each fortnight once, some days after it ended, and never again.

Counts that come later change the house's own figures and not what was released: the difference of two releases of one
fortnight would show exactly the late counts.
"""

from datetime import date, timedelta

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.ridership.boardings import CountState
from shuttle.domain.ridership.fortnights import ANCHOR, check_anchor, fortnight_of, fortnights_within
from shuttle.domain.ridership.gaps import boarding_stops
from shuttle.domain.ridership.summaries import Grouping, RidershipRow, ServiceCounts, Span
from shuttle.domain.ridership.suppression import release
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.ridership import releases as store
from shuttle.store.ridership.releases import StoredRelease

GRACE = timedelta(days=7)
"""How long late counts are waited for: a phone may have been without coverage, a paper slip in a pocket."""


def check_fortnights(context: AppContext, anchor: date) -> None:
    """Raises Refused (`anchor-moved`) where fortnights have been released that the anchor would cut otherwise."""
    with context.reading() as session:
        check_anchor(anchor, store.first_released(session))


def freeze_due(
    context: AppContext, person: Person | None, threshold: int, anchor: date = ANCHOR
) -> list[StoredRelease]:
    """Release every fortnight that is over, waited for, and not released yet; from the first count on.

    Raises Refused (`anchor-moved`).
    """
    person = allow(person, Action.ADMINISTER)
    with context.reading() as session:
        first = store.first_counted(session)
        known = {frozen.fortnight for frozen in store.releases(session)}
    check_fortnights(context, anchor)
    if first is None:
        return []
    begin = fortnight_of(first, anchor).first
    end = max(context.today() - GRACE - timedelta(days=1), begin)
    due = [fortnight for fortnight in fortnights_within(Span(begin, end), anchor) if fortnight not in known]
    made = [frozen_now(context, fortnight, threshold) for fortnight in due]
    with context.transaction() as session:
        by_now = {frozen.fortnight for frozen in store.releases(session)}  # somebody else may have been quicker
        made = [frozen for frozen in made if frozen.fortnight not in by_now]
        for frozen in made:
            store.add(session, frozen)
            subject = frozen.fortnight.first.isoformat()
            add_entry(session, context.now(), person.name, person.role.value, "release-figures", subject)
    return made


def frozen_now(context: AppContext, fortnight: Span, threshold: int) -> StoredRelease:
    """What would be released of a fortnight as the counts stand: boardings by stop, and by day type."""
    by_stop = exact_ridership(context, fortnight, (Grouping.STOP,))
    by_day = exact_ridership(context, fortnight, (Grouping.DAY,))
    schedule = context.schedule()
    leaving = (departure for day in fortnight for departure in schedule.departures_on(day).departures)
    boarded_at = frozenset[str]().union(*map(boarding_stops, leaving))
    at_stops: dict[str, int | None] = {
        str(line.key[0]): line.amounts.boardings if line.amounts.counts else None
        for line in by_stop.lines
        if line.key[0] in boarded_at or line.amounts.boardings
    }
    on_days: dict[str, int | None] = {known.id: None for known in schedule.calendar.day_types}
    for line in by_day.lines:
        if line.run.counted or line.amounts.boardings:
            day_type = _day_type(context, line)
            on_days[day_type] = (on_days[day_type] or 0) + line.amounts.boardings
    parts = {"stop": at_stops, "day_type": on_days}
    total = by_day.total
    shown = release(
        total.amounts.boardings,
        {name: {part: n for part, n in found.items() if n is not None} for name, found in parts.items()},
        threshold,
        {name: [part for part, n in found.items() if n is None] for name, found in parts.items()},
    )
    return StoredRelease(
        fortnight=fortnight,
        release=shown,
        run=ServiceCounts(run=total.run.run, due=total.run.due, counted=total.run.counted),
        threshold=threshold,
        frozen_at=context.now(),
    )


def _day_type(context: AppContext, line: RidershipRow) -> str:
    day = line.key[0]
    assert not isinstance(day, str | int)
    return context.schedule().calendar.service_day(day).day_type


def released(context: AppContext, person: Person | None, span: Span | None = None) -> list[StoredRelease]:
    """The released fortnights that lie in the span."""
    allow(person, Action.READ_RIDERSHIP)
    with context.reading() as session:
        return store.releases(session, span)


def released_state(number: int | None, is_counted: bool = True) -> str:
    """The states of a count, and one more: a number, an explicit 0, not recorded, hidden."""
    if number is None:
        return "hidden"
    return (CountState.NUMBER if number else CountState.ZERO if is_counted else CountState.NOT_RECORDED).value


def release_document(frozen: StoredRelease) -> dict[str, object]:
    """A released fortnight as JSON; null is hidden, and what nobody counted has no number."""
    shown = frozen.release
    return {
        "from": frozen.fortnight.first.isoformat(),
        "to": frozen.fortnight.last.isoformat(),
        "boardings": shown.total if frozen.is_counted else None,
        "state": released_state(shown.total, frozen.is_counted),
        "by_stop": dict(shown.breakdowns.get("stop", {})),
        "by_day_type": dict(shown.breakdowns.get("day_type", {})),
        "not_counted": {
            "by_stop": list(shown.not_counted.get("stop", ())),
            "by_day_type": list(shown.not_counted.get("day_type", ())),
        },
        "departures_run": frozen.run.run,
        "departures_counted": frozen.run.counted,
        "threshold": frozen.threshold,
        "released_at": frozen.frozen_at.isoformat(),
    }
