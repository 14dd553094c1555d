"""Page of two timetables of one run side by side: a proposal with another, or with today's.

One picture has both, and today's behind them. What differs is named from the first to the second: moved, new and dropped departures.
"How long do I wait" is drawn over the day, for who stands at the base stop at each minute in which a centre is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.planning.passenger_cost import covered_minutes, waits
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import DayTypeResult, Figures, PlanResult, TripResult
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.timetable_changes import changes_from
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plans import result_of
from shuttle.store.planning import plans as store
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.pictures import Axis, Band, Drawn, Strings, band, day_axis, stop_names, strings_of
from shuttle.web.pages.timetable.changes import Changes
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

TODAY = "today"
HEIGHT = 120.0
"""Of the picture of waits of one centre."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """A timetable of the two. `kind`: `one` or `other`; `id`: of the proposal, or `today`."""

    kind: str
    id: str
    name: str
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class WaitPicture:
    """Waits for the bus to a centre over the day: a line for each side by kind, a mark for each minute without a bus, and a table by the
    hour, where None is no bus within the longest wait."""

    stop: str
    axis: Axis
    minutes: Axis
    lines: tuple[tuple[str, tuple[str, ...]], ...]
    hours: tuple[tuple[Minute, tuple[int | None, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class SideBySide:
    """`covered`: the centres that open; `bands`: for each its coverage on both sides; empty, as `waits`, where the scenario can no longer be read."""

    day_type: str
    day_name: str
    sides: tuple[Side, Side]
    changes: Changes
    picture: Strings
    bands: tuple[tuple[str, Band], ...]
    covered: tuple[str, ...]
    waits: tuple[WaitPicture, ...]
    choices: tuple[tuple[str, str], ...]


@router.api_route("/beside", methods=["GET", "HEAD"])
def beside(request: Request, asking: Asking, plan: str = "", one: str = "", other: str = "") -> Response:
    """Two timetables of a run. Raises NotFound (`unknown-plan`, `unknown-proposal`)."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    with context.reading() as session:
        row = store.plan(session, plan)
    frame, result = frame_of(request, person), result_of(row)
    if result is None:
        raise NotFound("unknown-proposal", f"{row.id} has no proposal {one!r}", given=one)
    view = _view(context, row.scenario, result, (one, other), frame.words)
    return show(request, frame, "plan/side_by_side.html", row=row, view=view, names=stop_names(context.schedule()))


def _view(context: AppContext, text: str, result: PlanResult, ids: tuple[str, str], words: Words) -> SideBySide:
    schedule = context.schedule()
    day_type, day = _day_of(result, ids)
    one, other = (_side(kind, each, day, words) for kind, each in zip(("one", "other"), ids, strict=True))
    first, second = (_planned(side.figures["trips"]) for side in (one, other))
    names, changes = stop_names(schedule), changes_from(first, second)
    scenario = _scenario(context, text)
    open_minutes = _open_minutes(scenario, day_type)
    drawn: list[Drawn] = [("today", trip, "") for trip in (day["today"]["trips"] if day["today"] else ())]
    drawn += [(side.kind, trip, "") for side in (one, other) for trip in side.figures["trips"]]
    picture = strings_of(drawn, schedule.network.base_stop, names, words, open_minutes)
    both = ((one.kind, first), (other.kind, second))
    bands = _bands(scenario, day_type, both, picture.axis)
    return SideBySide(
        day_type=day_type,
        day_name=schedule.calendar.names_of(day_type).of(words.language),
        sides=(one, other),
        changes=Changes(len(changes.kept), changes.moved, changes.added, changes.dropped),
        picture=picture,
        bands=bands,
        covered=tuple(dict.fromkeys(band.stop for _, band in bands)),
        waits=_waits(scenario, day_type, both, words),
        choices=_choices(day, schedule, words),
    )


def _day_of(result: PlanResult, ids: tuple[str, str]) -> tuple[str, DayTypeResult]:
    """The day type that has both. Raises NotFound (`unknown-proposal`)."""
    for day_type, day in result["day_types"].items():
        its = {proposal["id"] for proposal in day["proposals"]}
        if any(each in its for each in ids) and all(each in its or (each == TODAY and day["today"]) for each in ids):
            return day_type, day
    pair = " ".join(ids)
    raise NotFound("unknown-proposal", f"no day type of the run has both proposals {pair!r}", given=pair)


def _side(kind: str, of: str, day: DayTypeResult, words: Words) -> Side:
    if of == TODAY and day["today"] is not None:
        return Side(kind=kind, id=of, name=words.say("planner.today"), figures=day["today"])
    proposal = next(each for each in day["proposals"] if each["id"] == of)
    return Side(kind=kind, id=of, name=words.count("planner.trips", proposal["trips_count"]), figures=proposal)


def _choices(day: DayTypeResult, schedule: Schedule, words: Words) -> tuple[tuple[str, str], ...]:
    today = ((TODAY, words.say("planner.today")),) if day["today"] else ()
    return (*today, *((p["id"], words.count("planner.trips", p["trips_count"])) for p in day["proposals"]))


def _planned(trips: Sequence[TripResult]) -> list[PlannedTrip]:
    """The trips with their calls; turnarounds are not looked at here."""
    planned = []
    for trip in trips:
        calls = tuple(
            Call(call["stop"], n, parse_time_of_day(call["arrives_at"]), parse_time_of_day(call["departs_at"]))
            for n, call in enumerate(trip["calls"], start=1)
        )
        planned.append(PlannedTrip(stops=tuple(trip["stops"]), calls=calls, busy_until=calls[-1].arrives))
    return planned


def _scenario(context: AppContext, text: str) -> Scenario | None:
    """None for a text that can no longer be read, because the schedule has changed."""
    try:
        return read_scenario(text, context.schedule(), context.today())
    except Invalid:
        return None


def _open_minutes(scenario: Scenario | None, day_type: str) -> list[Minute]:
    if scenario is None:
        return []
    return [edge for stop in scenario.hours for window in scenario.inner_windows(stop, day_type) for edge in window]


Both = Sequence[tuple[str, Sequence[PlannedTrip]]]


def _bands(scenario: Scenario | None, day_type: str, both: Both, axis: Axis) -> tuple[tuple[str, Band], ...]:
    bands = []
    for stop in sorted(scenario.hours) if scenario else ():
        for kind, trips in both:
            assert scenario is not None
            minutes = covered_minutes(scenario, day_type, trips, stop)
            bands += [(kind, band(stop, minutes, axis))] if minutes else []
    return tuple(bands)


def _waits(scenario: Scenario | None, day_type: str, both: Both, words: Words) -> tuple[WaitPicture, ...]:
    """A picture for each centre that opens."""
    pictures = []
    for stop in sorted(scenario.hours) if scenario else ():
        assert scenario is not None
        by_kind = {kind: waits(scenario, day_type, trips, stop) for kind, trips in both}
        open_minutes = list(next(iter(by_kind.values())))
        if open_minutes:
            pictures.append(_wait_picture(stop, by_kind, open_minutes, scenario.demand.max_wait, words))
    return tuple(pictures)


def _wait_picture(
    stop: str,
    by_kind: Mapping[str, Mapping[Minute, int | None]],
    open_minutes: Sequence[Minute],
    longest: int,
    words: Words,
) -> WaitPicture:
    axis = day_axis(open_minutes[0], open_minutes[-1], words)
    ticks = tuple(
        (round(HEIGHT - HEIGHT * n / longest, 1), words.number(n)) for n in range(0, longest + 1, max(longest // 4, 1))
    )
    minutes = Axis(first=0, last=longest, start=HEIGHT, end=0.0, ticks=ticks)
    hours = [minute for minute in open_minutes if minute % 60 == 0]
    return WaitPicture(
        stop=stop,
        axis=axis,
        minutes=minutes,
        lines=tuple((kind, _lines(waits_of, axis, minutes)) for kind, waits_of in by_kind.items()),
        hours=tuple((hour, tuple(waits_of[hour] for waits_of in by_kind.values())) for hour in hours),
    )


def _lines(waits_of: Mapping[Minute, int | None], axis: Axis, minutes: Axis) -> tuple[str, ...]:
    """Polylines over the minutes with a bus, one for each span between minutes without."""
    lines: list[list[str]] = [[]]
    for minute, wait in waits_of.items():
        if wait is None:
            lines.append([])
        else:
            lines[-1].append(f"{axis.x(minute)},{minutes.x(wait)}")
    return tuple(" ".join(points) for points in lines if len(points) > 1)
