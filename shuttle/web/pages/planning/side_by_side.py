"""Page of two timetables side by side: a proposal with another one of its run or of another run, or with today's.

One picture has both, and today's behind them. What differs is named from the first to the second: moved, new and dropped departures.
"How long do I wait" is drawn over the day, for who stands at the base stop at each minute in which a centre is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import Minute, parse_time_of_day
from shuttle.domain.planning.passenger_cost import covered_minutes, waits
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import DayTypeResult, Figures, PlanResult, TripResult
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.planning.timetable_changes import changes_from
from shuttle.domain.timetable.network import Call
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning.plans import result_of
from shuttle.store.planning import plans as store
from shuttle.store.tables.planning import PlanRow
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.pictures import Axis, Band, Drawn, Strings, band, day_axis, stop_names, strings_of
from shuttle.web.pages.timetable.changes import Changes
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

TODAY = "today"
CLOSED = -1
RECENT = 8
"""Other runs whose best-value proposals may be chosen."""

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
    hour, where None is no bus within the longest wait and CLOSED a centre that is closed."""

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


@dataclass(frozen=True, kw_only=True)
class _Source:
    """What a side names: a proposal (or today's timetable) of a run."""

    kind: str
    id: str
    row: PlanRow
    result: PlanResult
    proposal: str
    is_own: bool

    def day(self, day_type: str) -> DayTypeResult | None:
        """The day type, where the run has the proposal in it."""
        day = self.result["day_types"].get(day_type)
        if day is None:
            return None
        there = any(each["id"] == self.proposal for each in day["proposals"])
        return day if there or (self.proposal == TODAY and day["today"] is not None) else None

    def side(self, day_type: str, words: Words) -> Side:
        day = self.day(day_type)
        assert day is not None
        if self.proposal == TODAY and day["today"] is not None:
            return Side(kind=self.kind, id=self.id, name=words.say("planner.today"), figures=day["today"])
        proposal = next(each for each in day["proposals"] if each["id"] == self.proposal)
        name = words.count("planner.trips", proposal["trips_count"])
        name = name if self.is_own else f"{name} ({self.row.name})"
        return Side(kind=self.kind, id=self.id, name=name, figures=proposal)


@router.api_route("/beside", methods=["GET", "HEAD"])
def beside(request: Request, asking: Asking, plan: str = "", one: str = "", other: str = "") -> Response:
    """Two timetables of a run, or of two runs: `<plan>.<proposal>`. Raises NotFound (`unknown-plan`, `unknown-proposal`)."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    with context.reading() as session:
        row = store.plan(session, plan)
        sources = tuple(
            _source(session, kind, row, each) for kind, each in zip(("one", "other"), (one, other), strict=True)
        )
        recent = [each for each in store.plans(session, RECENT) if each.id != row.id and each.answer is not None]
    frame = frame_of(request, person)
    view = _view(context, sources, recent, frame.words)
    return show(request, frame, "plan/side_by_side.html", row=row, view=view, names=stop_names(context.schedule()))


def _source(session: Session, kind: str, own: PlanRow, of: str) -> _Source:
    plan_id, _, proposal = of.rpartition(".")
    row = store.plan(session, plan_id) if plan_id else own
    result = result_of(row)
    if result is None:
        raise NotFound("unknown-proposal", f"{row.id} has no proposal {proposal!r}", given=of)
    is_own = row.id == own.id
    return _Source(kind=kind, id=of, row=row, result=result, proposal=proposal, is_own=is_own)


def _view(context: AppContext, sources: Sequence[_Source], recent: Sequence[PlanRow], words: Words) -> SideBySide:
    schedule = context.schedule()
    day_type = _day_type_of(sources)
    one, other = (source.side(day_type, words) for source in sources)
    first, second = (_planned(side.figures["trips"]) for side in (one, other))
    names, changes = stop_names(schedule), changes_from(first, second)
    scenarios = [_scenario(context, source.row.scenario) for source in sources]
    own = sources[0].result["day_types"][day_type]
    drawn: list[Drawn] = [("today", trip, "") for trip in (own["today"]["trips"] if own["today"] else ())]
    drawn += [(side.kind, trip, "") for side in (one, other) for trip in side.figures["trips"]]
    open_minutes = [minute for scenario in scenarios for minute in _open_minutes(scenario, day_type)]
    picture = strings_of(drawn, schedule.network.base_stop, names, words, open_minutes)
    both = tuple(zip((one.kind, other.kind), (first, second), scenarios, strict=True))
    bands = _bands(day_type, both, picture.axis)
    return SideBySide(
        day_type=day_type,
        day_name=schedule.calendar.names_of(day_type).of(words.language),
        sides=(one, other),
        changes=Changes(len(changes.kept), changes.moved, changes.added, changes.dropped),
        picture=picture,
        bands=bands,
        covered=tuple(dict.fromkeys(band.stop for _, band in bands)),
        waits=_waits(day_type, both, words),
        choices=_choices(sources, recent, day_type, words),
    )


def _day_type_of(sources: Sequence[_Source]) -> str:
    """The first day type that all have. Raises NotFound (`unknown-proposal`), also where both are today's timetable."""
    if any(source.proposal != TODAY for source in sources):
        for day_type in sources[0].result["day_types"]:
            if all(source.day(day_type) for source in sources):
                return day_type
    pair = " ".join(source.id for source in sources)
    raise NotFound("unknown-proposal", f"no day type has both proposals {pair!r}", given=pair)


def _choices(
    sources: Sequence[_Source], recent: Sequence[PlanRow], day_type: str, words: Words
) -> tuple[tuple[str, str], ...]:
    """Today and the proposals of the run, those of the other side's run, and the knees (or the only proposals) of the latest other runs."""
    own = next((source for source in sources if source.is_own), sources[0])
    day = own.result["day_types"][day_type]
    choices = [(TODAY, words.say("planner.today"))] if day["today"] else []
    choices += [(p["id"], words.count("planner.trips", p["trips_count"])) for p in day["proposals"]]
    choices += [(each.id, each.side(day_type, words).name) for each in sources if not each.is_own]
    for row in recent:
        result = result_of(row)
        foreign = result["day_types"].get(day_type) if result else None
        for proposal in foreign["proposals"] if foreign else ():
            if foreign and (proposal["id"] == foreign["knee"] or len(foreign["proposals"]) == 1):
                name = words.count("planner.trips", proposal["trips_count"])
                choices.append((f"{row.id}.{proposal['id']}", f"{name} ({row.name})"))
    return tuple(dict(choices).items())


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


Both = Sequence[tuple[str, Sequence[PlannedTrip], Scenario | None]]
"""Kind of each side, its trips, and the scenario that it was made for."""


def _bands(day_type: str, both: Both, axis: Axis) -> tuple[tuple[str, Band], ...]:
    bands = []
    for stop in _centres(both):
        for kind, trips, scenario in both:
            minutes = covered_minutes(scenario, day_type, trips, stop) if scenario and stop in scenario.hours else {}
            bands += [(kind, band(stop, minutes, axis))] if minutes else []
    return tuple(bands)


def _centres(both: Both) -> list[str]:
    return sorted({stop for _, _, scenario in both if scenario for stop in scenario.hours})


def _waits(day_type: str, both: Both, words: Words) -> tuple[WaitPicture, ...]:
    """A picture for each centre that opens on either side."""
    pictures = []
    for stop in _centres(both):
        by_kind: dict[str, Mapping[Minute, int | None]] = {}
        longest = 0
        for kind, trips, scenario in both:
            if scenario:
                by_kind[kind] = waits(scenario, day_type, trips, stop) if stop in scenario.hours else {}
                longest = max(longest, scenario.demand.max_wait)
        open_minutes = sorted({minute for each in by_kind.values() for minute in each})
        if open_minutes:
            pictures.append(_wait_picture(stop, by_kind, open_minutes, longest, words))
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
        hours=tuple((hour, tuple(waits_of.get(hour, CLOSED) for waits_of in by_kind.values())) for hour in hours),
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
