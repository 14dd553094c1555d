"""Page of estimated demand: the newest nightly estimate from the counts.

A scenario with `source = "recorded"` has its own estimate, from its own dates; this one shows the estimate of last night.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.planning.demand.estimation import WindowEstimate
from shuttle.domain.timetable.departures import Schedule
from shuttle.language import Words
from shuttle.services.ridership.demand_estimates import PairEstimate, newest_estimate
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)


@dataclass(frozen=True)
class DemandTable:
    """The tables of a pair of stops on a day type: caption, number of counted days, a row for each window that the counts identify,
    and a row an hour, over which the windows are spread evenly.
    """

    caption: str
    days: int
    windows: list[list[str]]
    rows: list[list[str]]


@router.api_route("/demand", methods=["GET", "HEAD"])
def demand(request: Request, asking: Asking) -> Response:
    """The newest estimate."""
    person = allow(asking, Action.PLAN)
    context, frame = state_of(request).context, frame_of(request, person)
    estimate = newest_estimate(context, person)
    schedule = context.schedule()
    tables = [demand_table(pair, schedule, frame.words) for pair in estimate.pairs] if estimate else []
    columns = [
        (frame.words.say(f"estimate.{name}"), "number" if name in ("passengers", "interval") else "")
        for name in ("window", "passengers", "interval", "rests_on")
    ]
    hours = [(frame.words.say("estimate.slot"), ""), (frame.words.say("estimate.passengers"), "number")]
    return show(request, frame, "plan/demand.html", estimate=estimate, tables=tables, columns=columns, hours=hours)


def demand_table(pair: PairEstimate, schedule: Schedule, words: Words) -> DemandTable:
    """The estimate of a pair of stops in the reader's language."""
    stops = {stop.id: stop.name for stop in schedule.network.stops}
    day_types = {each.id: each.names.of(words.language) for each in schedule.calendar.day_types}
    caption = words.say(
        "estimate.caption",
        day_type=day_types.get(pair.day_type, pair.day_type),
        origin=stops.get(pair.origin, pair.origin),
        destination=stops.get(pair.destination, pair.destination),
    )
    hours = [[words.clock_text(hour.starts), words.number(hour.passengers, 1)] for hour in pair.hours]
    return DemandTable(caption, pair.days, [_row(window, words) for window in pair.windows], hours)


def _row(estimate: WindowEstimate, words: Words) -> list[str]:
    since, until = estimate.window
    least = words.say("estimate.at_least") if estimate.at_least else words.count("estimate.days", estimate.days)
    interval = f"{words.number(estimate.low, 1)} – {words.number(estimate.high, 1)}"
    return [
        f"{words.clock_text(since)}–{words.clock_text(until)}",
        words.number(estimate.passengers, 1),
        interval,
        least,
    ]
