"""Past boardings of the base timetable's departures, for a plan that may move or drop them."""

from collections.abc import Mapping
from datetime import timedelta

from shuttle.domain.planning.demand.counts import comparable_dates
from shuttle.domain.planning.demand.past_boardings import PastByMinute, past_boardings
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.recorded_demand import counted_between

LOOK_BACK = timedelta(weeks=12)
"""Age limit of the counts where the scenario names no dates."""


def past_of(context: AppContext, schedule: Schedule, scenario: Scenario) -> Mapping[str, PastByMinute]:
    """Day type -> counts on the base timetable's departures on comparable days; empty without a base timetable."""
    if scenario.base_timetable is None:
        return {}
    first, last = scenario.demand.first, scenario.demand.last
    today = context.today()
    span = Span(first, last) if first and last else Span(today - LOOK_BACK, today)
    counted = counted_between(context, schedule, span)
    base = schedule.timetable_by_id[scenario.base_timetable]
    return {
        day_type: past_boardings(
            counted,
            frozenset(comparable_dates(schedule.calendar, day_type, span.first, span.last)),
            base.trips_on(day_type),
        )
        for day_type in scenario.day_types
    }
