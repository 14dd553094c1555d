"""Measured running times for the cases of a road: percentiles of what drivers reported on each link, where there is enough of it.

A link counts as measured where a time band of the network has enough trips (`LEAST`), and the scenario drives with the network's
times: a scenario with running times of its own asks about another road. What is not measured stays assumed.
"""

from datetime import timedelta

from shuttle.domain.planning.roadmap.robustness import MEASURED_PERCENTILES, MeasuredTimes
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.ridership.punctuality import OnTime, measured_bands, punctuality, times_by_band
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Schedule
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.live.punctuality import reported_passings

WEEKS = timedelta(weeks=12)
"""How far back passings are looked at."""


def measured_times(context: AppContext, schedule: Schedule, scenario: Scenario) -> MeasuredTimes:
    """Percentile -> link -> time bands; empty where nothing is measured often enough."""
    today = context.today()
    span = Span(today - WEEKS, today - timedelta(days=1))
    passings = reported_passings(context, span)
    if not passings:
        return {}
    departures = (each for day in span for each in schedule.departures_on(day).departures if each.id in passings)
    times = punctuality(departures, passings, OnTime(), context.zone).times
    network = schedule.network.on(today)
    bands = times_by_band(times, network)
    measured: MeasuredTimes = {percent: {} for percent in MEASURED_PERCENTILES}
    for link, running in scenario.running_times.items():
        planned = network.running_times.get(link)
        if planned is None or planned.bands != running.bands:
            continue
        for percent in MEASURED_PERCENTILES:
            if own := measured_bands(running, bands, percent):
                measured[percent][link] = own
    return measured if any(measured.values()) else {}
