"""The fortnight in figures, as a coordination group reads it: riders in all and by destination, against the fortnight before and a year ago.

Who may see exact figures gets those; a reader gets the released ones, of the same shape. A fortnight that is not over yet is marked,
and never compared with a whole one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.ridership.destination_sums import destination_sums, destinations_of, most_seats
from shuttle.domain.ridership.destinations import Riders
from shuttle.domain.ridership.fortnights import DAYS, fortnight_of
from shuttle.domain.ridership.gaps import boarding_stops
from shuttle.domain.ridership.summaries import Grouping, RidershipRow, ServiceCounts, Span
from shuttle.domain.ridership.trials import Measure
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.releases import released
from shuttle.services.ridership.riders.by_destination import departures_between
from shuttle.services.ridership.riders.release_parts import DESTINATION, NOT_TOLD
from shuttle.services.ridership.ridership import exact_ridership
from shuttle.services.ridership.trials import planned_trials
from shuttle.store.ridership.releases import StoredRelease, first_counted

SHOWN = 26
"""Fortnights of the line: a year."""

YEAR = timedelta(weeks=52)
LEAST_COVERAGE, FARTHEST_COVERAGE = 0.5, 0.15
"""Share counted under which a fortnight is not compared, and the largest difference of two that are compared."""


@dataclass(frozen=True, kw_only=True)
class FortnightRiders:
    """Riders of a fortnight. `riders`: those counted; None: hidden, or nobody counted (`is_counted` False).

    `most`: with every departure that was not counted full; None without seats, or in released figures.
    """

    span: Span
    riders: int | None
    is_counted: bool
    run: ServiceCounts
    most: int | None = None
    is_over: bool = True

    @property
    def coverage(self) -> float:
        return self.run.counted / self.run.due if self.run.due else 0.0

    @property
    def estimate(self) -> float | None:
        """Riders with the departures that were not counted at the mean of the counted ones."""
        if self.riders is None or not self.run.counted:
            return None
        return (self.riders - self.run.aside) / self.run.counted * self.run.due


@dataclass(frozen=True, kw_only=True)
class ToDestination:
    """Riders to a stop; `riders` None: hidden or not counted. `stop` None: boardings whose destination is not told."""

    stop: str | None
    riders: Riders | None
    is_hidden: bool = False
    counted: int | None = None
    due: int | None = None


@dataclass(frozen=True, kw_only=True)
class Coordination:
    """A fortnight with those before it. `line`: up to a year, in order, the running one last; `goal`: riders a fortnight."""

    now: FortnightRiders
    before: FortnightRiders | None
    last_year: FortnightRiders | None
    line: tuple[FortnightRiders, ...]
    destinations: tuple[ToDestination, ...]
    is_exact: bool
    goal: float | None = None


def change_of(now: FortnightRiders, before: FortnightRiders | None) -> float | None:
    """The change as a share; None where the two cannot be compared: not whole, hidden, or counted to different shares."""
    if before is None or not now.is_over or not before.is_over:
        return None
    if min(now.coverage, before.coverage) < LEAST_COVERAGE or abs(now.coverage - before.coverage) > FARTHEST_COVERAGE:
        return None
    first, second = before.estimate, now.estimate
    return None if not first or second is None else second / first - 1


def coordination(
    context: AppContext, person: Person | None, anchor: date, day: date | None = None
) -> Coordination | None:
    """The fortnight that holds `day` (None: the last whole one), for a reader the last released; None without figures."""
    person = allow(person, Action.READ_RIDERSHIP)
    if not may(person, Action.READ_EXACT_RIDERSHIP):
        return released_coordination(context, person, day)
    fortnight = fortnight_of(day or context.today() - timedelta(days=DAYS), anchor)
    return of_fortnight(context, person, fortnight)


def of_fortnight(context: AppContext, person: Person, fortnight: Span) -> Coordination | None:
    """The exact figures of a fortnight (any span of 14 days), the fortnights before it back to the first count, and the next."""
    with context.reading() as session:
        first = first_counted(session)
    if first is None or first > fortnight.last:
        return None
    spans = [_shifted(fortnight, -n) for n in range(SHOWN - 1, -2, -1)]
    spans = [span for span in spans if span.last >= first and span.first <= context.today()]
    line = tuple(_exact(context, spans))
    by_span = {each.span: each for each in line}
    year_ago = Span(fortnight.first - YEAR, fortnight.last - YEAR)
    last_year = next(_exact(context, [year_ago])) if year_ago.last >= first else None
    return Coordination(
        now=by_span[fortnight],
        before=by_span.get(_shifted(fortnight, -1)),
        last_year=last_year,
        line=line,
        destinations=_to_destinations(context, fortnight),
        is_exact=True,
        goal=_goal(context, person),
    )


def _shifted(fortnight: Span, number: int) -> Span:
    shift = timedelta(days=DAYS * number)
    return Span(fortnight.first + shift, fortnight.last + shift)


def _exact(context: AppContext, spans: Sequence[Span]) -> Iterator[FortnightRiders]:
    lines = exact_ridership(context, Span(spans[0].first, spans[-1].last), (Grouping.DAY,)).lines
    for span in spans:
        of_span = [line for line in lines if isinstance(line.key[0], date) and span.first <= line.key[0] <= span.last]
        yield _fortnight(context, span, of_span)


def _fortnight(context: AppContext, span: Span, lines: Sequence[RidershipRow]) -> FortnightRiders:
    run, riders, counts = ServiceCounts(), 0, 0
    for line in lines:
        run += line.run
        riders += line.amounts.boardings
        counts += line.amounts.counts
    schedule = context.schedule()
    seats = most_seats(schedule, span.last)
    boarded = [len(boarding_stops(each)) for day in span for each in schedule.departures_on(day).departures]
    missing = max(run.due - run.counted, 0)
    return FortnightRiders(
        span=span,
        riders=riders if counts else None,
        is_counted=bool(counts),
        run=run,
        most=None if seats is None else riders + missing * seats * max(boarded, default=1),
        is_over=context.today() > span.last,
    )


def _to_destinations(context: AppContext, span: Span) -> tuple[ToDestination, ...]:
    sums = destination_sums(iter(departures_between(context, span)), (Grouping.DESTINATION,))
    rows = [
        ToDestination(
            stop=str(row.key[0]), riders=row.riders if row.counted else None, counted=row.counted, due=row.due
        )
        for row in sums
    ]
    return tuple(_centres_first(context, rows))


def _centres_first(context: AppContext, rows: list[ToDestination]) -> list[ToDestination]:
    order = [stop.id for stop in context.schedule().network.stops]
    base, served = context.schedule().network.base_stop, destinations_of(context.schedule())

    def place(row: ToDestination) -> tuple[int, int]:
        kind = 3 if row.stop is None else 2 if row.stop == base else 0 if row.stop in served else 1
        return kind, order.index(row.stop) if row.stop in order else len(order)

    return sorted(rows, key=place)


def _goal(context: AppContext, person: Person) -> float | None:
    """The goal of a trial that runs now or comes, on riders a week in all, for a fortnight."""
    today = context.today()
    goals = [
        trial.goal * DAYS / 7
        for trial in planned_trials(context, person)
        if trial.measure is Measure.RIDERS_PER_WEEK and trial.stop is None and trial.phase.last >= today
    ]
    return goals[0] if goals else None


def released_coordination(context: AppContext, person: Person, day: date | None) -> Coordination | None:
    """The same from released figures: the fortnight released last, or the last that began by `day`."""
    releases = released(context, person)
    chosen = [stored for stored in releases if day is None or stored.fortnight.first <= day]
    if not chosen:
        return None
    line = tuple(map(_released_riders, chosen))
    by_span = {each.span: each for each in line}
    now = line[-1]
    parts = chosen[-1].release.breakdowns.get(DESTINATION, {})
    rows = [
        ToDestination(
            stop=None if stop == NOT_TOLD else stop,
            riders=None if number is None else Riders(number, number),
            is_hidden=number is None,
        )
        for stop, number in parts.items()
    ]
    rows += [ToDestination(stop=stop, riders=None) for stop in chosen[-1].release.not_counted.get(DESTINATION, ())]
    return Coordination(
        now=now,
        before=by_span.get(_shifted(now.span, -1)),
        last_year=by_span.get(Span(now.span.first - YEAR, now.span.last - YEAR)),
        line=line[-SHOWN:],
        destinations=tuple(_centres_first(context, rows)),
        is_exact=False,
        goal=_goal(context, person),
    )


def _released_riders(stored: StoredRelease) -> FortnightRiders:
    run = ServiceCounts(run=stored.run.run, due=stored.run.run, counted=stored.run.counted)
    riders = stored.release.total if stored.is_counted else None
    return FortnightRiders(span=stored.fortnight, riders=riders, is_counted=stored.is_counted, run=run)
