"""Page of a proposal: its figures and trips beside today's, and accepting it as a draft timetable.

Figures come from the stored result. Only the coverage bands are computed again, from the scenario's text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, ShuttleError
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.planning.passenger_cost import covered_minutes
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.result import (
    ChangesResult,
    PastBoardingsResult,
    PlanResult,
    ProposalResult,
    TodayResult,
    TripResult,
)
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import check_id
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning import plans as plan_service
from shuttle.services.planning.plans import result_of
from shuttle.services.planning.requirement_prices import requirement_prices
from shuttle.store.planning import plans as store
from shuttle.store.tables.planning import PlanRow
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.comparison import Comparison, comparison, past_boardings
from shuttle.web.pages.planning.pictures import Band, DutyBar, Strings, band, duty_bars, stop_names, strings
from shuttle.web.pages.planning.result_view import assumption
from shuttle.web.pages.timetable.changes import Changes, changes_of
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class TripLine:
    """A row of the table of trips. `kind`: `kept`, `moved` (from `was`), `added`, or `dropped` (a trip of today).

    `past`: recorded boardings of a departure that moves or goes, where counts were looked up.
    """

    departs: Minute
    calls: tuple[tuple[str, Minute], ...]
    kind: str
    was: Minute | None = None
    vehicle: int | None = None
    past: PastBoardingsResult | None = None

    def pin(self, day_type: str) -> str:
        """The trip as the query of `/plan/scenario` names one to lock: day type, time, stops."""
        return f"{day_type};{time_of_day_text(self.departs)};{','.join(stop for stop, _ in self.calls)}"


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """`bands` is empty where the scenario can no longer be read, because the schedule has changed. `rules`: rules that the simplest duties
    break, for a proposal without duties. `others`: day type, its name and its proposals, for the form."""

    proposal: ProposalResult
    today: TodayResult | None
    day_type: str
    day_name: str
    changes: Changes
    picture: Strings
    trips: tuple[TripLine, ...]
    bands: tuple[Band, ...]
    duties: tuple[DutyBar, ...]
    comparison: Comparison
    others: tuple[tuple[str, str, tuple[ProposalResult, ...]], ...]
    assumed: tuple[str, ...]
    rules: tuple[str, ...] = ()


@router.api_route("/runs/{plan_id}/{proposal_id}", methods=["GET", "HEAD"])
def proposal(request: Request, asking: Asking, plan_id: str, proposal_id: str) -> Response:
    """A proposal of a plan, also while the plan is being solved."""
    return _page(request, allow(asking, Action.PLAN), plan_id, proposal_id)


@router.post("/runs/{plan_id}/{proposal_id}/accept")
def accept(
    request: Request,
    asking: Asking,
    plan_id: str,
    proposal_id: str,
    timetable: Short = "",
    name: Annotated[str, Form(max_length=120)] = "",
    also: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a draft timetable of it and of the proposals for other day types (`also`)."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    proposals = [f"{plan_id}.{each}" for each in (proposal_id, *(also or ())) if each]
    try:
        check_id(timetable, "timetable")
        if not name.strip():
            raise Invalid("no-name", "a timetable needs a name", allowed="1 to 120 characters")
        with context.transaction() as session:
            plan_service.accept(session, person, proposals, timetable, name.strip(), context.now())
    except ShuttleError as error:
        field = {"no-name": "name", "bad-id": "timetable", "timetable-exists": "timetable"}.get(error.code, "")
        fault = fault_of(error, frame_of(request).words, field)
        return _page(request, person, plan_id, proposal_id, fault, {"timetable": timetable, "name": name})
    return RedirectResponse(f"/plan/timetables/{timetable}?done=accepted", 303)


def _page(
    request: Request,
    person: Person,
    plan_id: str,
    proposal_id: str,
    fault: FieldFault | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    context = state_of(request).context
    frame = frame_of(request, person)
    with context.reading() as session:
        row = store.plan(session, plan_id)
        view = _view(context, row, proposal_id, frame.words)
        prices = requirement_prices(session, plan_id, view.day_type, view.proposal)
    return show(
        request,
        frame,
        "plan/proposal.html",
        status=422 if fault else 200,
        row=row,
        view=view,
        prices=prices,
        names=stop_names(context.schedule()),
        faults=(fault,) if fault else (),
        errors={fault.field: fault.message} if fault else {},
        given={"timetable": f"{row.scenario_id}-{proposal_id}"[:80].rstrip("-"), "name": row.name, **(typed or {})},
    )


def _view(context: AppContext, row: PlanRow, proposal_id: str, words: Words) -> ProposalView:
    """Raises NotFound (`unknown-proposal`)."""
    result = result_of(row)
    for day_type, day in (result["day_types"] if result else {}).items():
        for proposal in day["proposals"]:
            if result and proposal["id"] == proposal_id:
                return _proposal_view(context, row.scenario, result, day_type, proposal, words)
    raise NotFound("unknown-proposal", f"{row.id} has no proposal {proposal_id!r}", given=proposal_id)


def _proposal_view(
    context: AppContext, scenario: str, result: PlanResult, day_type: str, proposal: ProposalResult, words: Words
) -> ProposalView:
    """`scenario`: the text that the plan was asked with."""
    schedule, day = context.schedule(), result["day_types"][day_type]
    before = day["today"]["trips"] if day["today"] else []
    names = stop_names(schedule)
    covered = _covered(context, scenario, day_type, proposal)
    reach = [minute for minutes in covered.values() for minute in minutes]
    picture = strings(
        proposal["trips"], before, proposal["changes"]["added"], schedule.network.base_stop, names, words, reach
    )

    def name(of: str) -> str:
        return schedule.calendar.names_of(of).of(words.language)

    return ProposalView(
        proposal=proposal,
        today=day["today"],
        day_type=day_type,
        day_name=name(day_type),
        changes=changes_of(proposal["changes"]),
        picture=picture,
        trips=trip_lines(proposal["trips"], proposal["changes"], before),
        bands=tuple(band(stop, minutes, picture.axis) for stop, minutes in covered.items()),
        duties=duty_bars(proposal.get("duties", ()), picture.axis),
        comparison=comparison(day, proposal, words),
        others=tuple(
            (other, name(other), tuple(each["proposals"]))
            for other, each in result["day_types"].items()
            if other != day_type and each["proposals"]
        ),
        assumed=tuple(assumption(key, words) for key in result["assumed"]),
        rules=tuple(_rule(key, words) for key in proposal["breaks"]),
    )


def _rule(key: str, words: Words) -> str:
    """A rule of duties in words. A key without a text is the name of a requirement."""
    text = f"duty.broken.{key}"
    return words.say(text) if words.knows(text) else key


def trip_lines(
    trips: Sequence[TripResult], changes: ChangesResult, today: Sequence[TripResult]
) -> tuple[TripLine, ...]:
    """A line for every trip of a proposal and for every dropped trip of today, in order of departure."""
    moved = {move["to"]: move["from"] for move in changes["moved"]}
    past = past_boardings(changes)
    lines = [
        TripLine(
            departs=parse_time_of_day(trip["departs"]),
            calls=_calls(trip),
            kind="added" if trip["departs"] in changes["added"] else "moved" if trip["departs"] in moved else "kept",
            was=parse_time_of_day(moved[trip["departs"]]) if trip["departs"] in moved else None,
            vehicle=trip["vehicle"],
            past=past.get(moved.get(trip["departs"], "")),
        )
        for trip in trips
    ]
    lines += [
        TripLine(
            departs=parse_time_of_day(trip["departs"]),
            calls=_calls(trip),
            kind="dropped",
            past=past.get(trip["departs"]),
        )
        for trip in today
        if trip["departs"] in changes["dropped"]
    ]
    return tuple(sorted(lines, key=lambda line: (line.departs, line.kind)))


def _calls(trip: TripResult) -> tuple[tuple[str, Minute], ...]:
    return tuple((call["stop"], parse_time_of_day(call["arrives_at"])) for call in trip["calls"])


def _covered(context: AppContext, text: str, day_type: str, proposal: ProposalResult) -> dict[str, dict[Minute, bool]]:
    """Each open minute of each open centre, and whether it is covered; empty where the scenario can no longer be read."""
    try:
        scenario = read_scenario(text, context.schedule(), context.today())
    except Invalid:
        return {}
    trips = [_planned(trip, scenario) for trip in proposal["trips"]]
    covered = {stop: covered_minutes(scenario, day_type, trips, stop) for stop in sorted(scenario.hours)}
    return {stop: minutes for stop, minutes in covered.items() if minutes}


def _planned(trip: TripResult, scenario: Scenario) -> PlannedTrip:
    calls = tuple(
        Call(call["stop"], sequence, parse_time_of_day(call["arrives_at"]), parse_time_of_day(call["departs_at"]))
        for sequence, call in enumerate(trip["calls"], start=1)
    )
    return PlannedTrip(
        stops=tuple(trip["stops"]), calls=calls, busy_until=calls[-1].arrives + scenario.fleet.turnaround
    )
