"""The measure of a trial, week by week: blocks of seven days from the first day of the baseline or the phase."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shuttle.domain.ridership.boardings import most_left_behind
from shuttle.domain.ridership.counted_departures import CountedDeparture
from shuttle.domain.ridership.destination_sums import DepartureRiders, departures_with_riders, most_seats
from shuttle.domain.ridership.destinations import Riders
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.ridership.trials import Control, Measure, MeasuredWeek, Trial, TrialPeriod
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.recorded_demand import counted_between

YEAR = timedelta(weeks=52)
"""From a day to the same weekday of the same season a year earlier."""

Figure = tuple[date, bool, Riders | None]
"""Service date of a departure, whether it has left, and its figure; None: not counted."""


def trial_period(context: AppContext, trial: Trial, span: Span) -> TrialPeriod:
    """The trial's measure in the weeks of the span until today."""
    return _period(context, trial, span, inside=True)


def controls(context: AppContext, trial: Trial) -> list[tuple[Control, TrialPeriod, TrialPeriod]]:
    """The same weeks a year earlier, and for a trial at a stop the riders of the departures that do not serve it."""
    made = []
    spans = trial.baseline, trial.phase
    last_year = [Span(span.first - YEAR, span.last - YEAR) for span in spans]
    if last_year[1].last < trial.baseline.first:  # otherwise the control would be the baseline itself
        before, after = (_period(context, trial, span, inside=True) for span in last_year)
        made.append((Control.LAST_YEAR, before, after))
    if trial.stop is not None and trial.stop != context.schedule().network.base_stop:
        before, after = (_period(context, trial, span, inside=False) for span in spans)
        made.append((Control.OTHER_DEPARTURES, before, after))
    return made


def _period(context: AppContext, trial: Trial, span: Span, inside: bool) -> TrialPeriod:
    last = min(span.last, context.today())
    if last < span.first:
        return TrialPeriod()
    span, schedule = Span(span.first, last), context.schedule()
    figures = _figures(context, schedule, trial, span, inside)
    whole_weeks = trial.measure is Measure.RIDERS_PER_WEEK
    weeks = []
    for at in range(0, span.days, 7):
        first = span.first + timedelta(days=at)
        if whole_weeks and first + timedelta(days=6) > span.last:
            break
        of_week = [each for each in figures if first <= each[0] <= first + timedelta(days=6)]
        weeks.append(_week(of_week, most_seats(schedule, first), whole_weeks))
    return TrialPeriod(weeks=tuple(weeks))


def _week(figures: Sequence[Figure], seats: int | None, whole: bool) -> MeasuredWeek:
    counted = [riders for _, _, riders in figures if riders is not None]
    total = sum(counted, Riders(0, 0))
    due = max(sum(has_left for _, has_left, _ in figures), len(counted))
    missing = due - len(counted)
    if not whole:
        return MeasuredWeek(
            least=total.least, most=total.most, estimate=total.least, base=len(counted), counted=len(counted), due=due
        )
    most = total.most
    if missing:
        most = None if most is None or seats is None else most + missing * seats
    return MeasuredWeek(
        least=total.least,
        most=most,
        estimate=total.least / len(counted) * due if counted else 0.0,
        base=1.0,
        counted=len(counted),
        due=due,
    )


def _figures(context: AppContext, schedule: Schedule, trial: Trial, span: Span, inside: bool) -> list[Figure]:
    """The figure of each departure of the span; `inside` False: of those that do not serve the trial's stop."""
    counted = counted_between(context, schedule, span)
    departures = list(departures_with_riders(schedule, counted, context.now(), context.zone))
    if not inside:
        others = (each for each in departures if trial.stop not in each.destinations)
        return [(each.departure.date, each.has_left, _boardings(each)) for each in others]
    if trial.measure is Measure.LEFT_BEHIND_PER_DEPARTURE:
        return [_left_behind(each, trial.stop) for each in counted.departures if each.was_run]
    if trial.stop is None:
        return [(each.departure.date, each.has_left, _boardings(each)) for each in departures]
    if trial.measure is Measure.BOARDINGS_PER_DEPARTURE and trial.stop == schedule.network.base_stop:
        return list(_boardings_at(counted.departures, trial.stop))
    return [
        (each.departure.date, each.has_left, each.riders.get(trial.stop))
        for each in departures
        if trial.stop in each.destinations
    ]


def _boardings(departure: DepartureRiders) -> Riders | None:
    """Boardings of a week; a departure that was counted in part has no figure."""
    return Riders(departure.boardings, departure.boardings) if departure.is_counted else None


def _boardings_at(departures: Iterable[CountedDeparture], stop: str) -> Iterable[Figure]:
    for each in departures:
        here = next((at for at in each.stops if at.stop == stop and not at.unserved), None)
        if each.was_run and here:
            number = here.held.count.boardings if here.held else None
            yield each.departure.date, True, None if number is None else Riders(number, number)


def _left_behind(departure: CountedDeparture, stop: str | None) -> Figure:
    """Passengers left behind, of the stops where somebody was asked; "not answered" is missing, not 0."""
    asked = [
        at.held.count.left_behind
        for at in departure.stops
        if stop in (None, at.stop) and at.held and at.held.count.left_behind is not None
    ]
    bands = [Riders(number, most_left_behind(number)) for number in asked]
    return departure.departure.date, True, sum(bands, Riders(0, 0)) if bands else None
