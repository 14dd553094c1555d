"""One proposal: its figures beside today's, its trips drawn upon today's, and making a draft of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, ShuttleError
from shuttle.domain.basics.service_time import Minute, parse_time_of_day, time_of_day_text
from shuttle.domain.planning.passenger_cost import covered_minutes
from shuttle.domain.planning.planned_trips import PlannedTrip
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import check_id
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning import plans as acts
from shuttle.store.planning import plans as store
from shuttle.store.tables.planning import PlanRow
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.planning.answer import assumption
from shuttle.web.pages.planning.comparison import Comparison, comparison, past_boardings
from shuttle.web.pages.planning.pictures import Band, DutyBar, Strings, band, duty_bars, stop_names, strings
from shuttle.web.pages.timetable.changes import Changes, changes_of
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, kw_only=True)
class TripLine:
    """A row of the table of trips. `kind`: kept, moved (with `was`), added, or dropped (today's, gone in the proposal).

    `past`: what was counted so far on a departure that moves or goes, where counts were looked for.
    """

    departs: Minute
    calls: tuple[tuple[str, Minute], ...]
    kind: str
    was: Minute | None = None
    vehicle: int | None = None
    past: Mapping[str, Any] | None = None

    def pin(self, day_type: str) -> str:
        """The trip as an address has it that locks it."""
        return f"{day_type};{time_of_day_text(self.departs)};{','.join(stop for stop, _ in self.calls)}"


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """`bands` is empty where the scenario can no longer be read (the schedule has changed under it). `rules`: those in the way of
    a timetable that nobody can drive yet."""

    proposal: Mapping[str, Any]
    today: Mapping[str, Any] | None
    day_type: str
    day_name: str
    changes: Changes
    picture: Strings
    trips: tuple[TripLine, ...]
    bands: tuple[Band, ...]
    duties: tuple[DutyBar, ...]
    comparison: Comparison
    others: tuple[tuple[str, str, tuple[Mapping[str, Any], ...]], ...]
    assumed: tuple[str, ...]
    rules: tuple[str, ...] = ()


@router.api_route("/runs/{plan_id}/{proposal_id}", methods=["GET", "HEAD"])
def proposal(request: Request, asking: Asking, plan_id: str, proposal_id: str) -> Response:
    """A proposal of a run that has ended."""
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
    """Make a draft of it, together with proposals for other day types."""
    person = allow(asking, Action.PLAN)
    context = state_of(request).context
    wanted = [f"{plan_id}.{each}" for each in (proposal_id, *(also or ())) if each]
    try:
        check_id(timetable, "timetable")
        if not name.strip():
            raise Invalid("no-name", "a timetable needs a name", allowed="1 to 120 characters")
        with context.transaction() as session:
            acts.accept(session, person, wanted, timetable, name.strip(), context.now())
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
    given: Mapping[str, str] | None = None,
) -> Response:
    context = state_of(request).context
    with context.reading() as session:
        row = store.plan(session, plan_id)
    frame = frame_of(request, person)
    return show(
        request,
        frame,
        "plan/proposal.html",
        status=422 if fault else 200,
        row=row,
        view=_view(context, row, proposal_id, frame.words),
        names=stop_names(context.schedule()),
        faults=(fault,) if fault else (),
        errors={fault.field: fault.message} if fault else {},
        given={"timetable": f"{row.scenario_id}-{proposal_id}"[:80].rstrip("-"), "name": row.name, **(given or {})},
    )


def _view(context: AppContext, row: PlanRow, proposal_id: str, words: Words) -> ProposalView:
    """Raises NotFound (`unknown-proposal`)."""
    answer: Mapping[str, Any] = row.answer or {"day_types": {}}
    for day_type, found in answer["day_types"].items():
        for each in found["proposals"]:
            if each["id"] == proposal_id:
                return _proposal_view(context, row, day_type, each, words)
    raise NotFound("unknown-proposal", f"{row.id} has no proposal {proposal_id!r}", given=proposal_id)


def _proposal_view(
    context: AppContext, row: PlanRow, day_type: str, proposal: Mapping[str, Any], words: Words
) -> ProposalView:
    schedule, answer = context.schedule(), row.answer or {}
    today = answer["day_types"][day_type]["today"]
    before = today["trips"] if today else []
    names = stop_names(schedule)
    covered = _covered(context, row, day_type, proposal)
    reach = [minute for minutes in covered.values() for minute in minutes]
    picture = strings(
        proposal["trips"], before, proposal["changes"]["added"], schedule.network.base_stop, names, words, reach
    )

    def name(of: str) -> str:
        return schedule.calendar.names_of(of).of(words.language)

    return ProposalView(
        proposal=proposal,
        today=today,
        day_type=day_type,
        day_name=name(day_type),
        changes=changes_of(proposal["changes"]),
        picture=picture,
        trips=trip_lines(proposal, before),
        bands=tuple(band(stop, minutes, picture.axis) for stop, minutes in covered.items()),
        duties=duty_bars(proposal.get("duties", ()), picture.axis),
        comparison=comparison(answer["day_types"][day_type], proposal, words),
        others=tuple(
            (other, name(other), tuple(found["proposals"]))
            for other, found in answer["day_types"].items()
            if other != day_type and found["proposals"]
        ),
        assumed=tuple(assumption(key, words) for key in answer["assumed"]),
        rules=tuple(_rule(key, words) for key in proposal.get("breaks", ())),
    )


def _rule(key: str, words: Words) -> str:
    """A rule for duties in words; the name of a requirement as it is."""
    known = f"duty.broken.{key}"
    return words.say(known) if words.knows(known) else key


def trip_lines(proposal: Mapping[str, Any], today: list[Mapping[str, Any]]) -> tuple[TripLine, ...]:
    """Every trip of the proposal, and today's that it drops, in order of departure."""
    changes = proposal["changes"]
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
        for trip in proposal["trips"]
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


def _calls(trip: Mapping[str, Any]) -> tuple[tuple[str, Minute], ...]:
    return tuple((call["stop"], parse_time_of_day(call["arrives_at"])) for call in trip["calls"])


def _covered(
    context: AppContext, row: PlanRow, day_type: str, proposal: Mapping[str, Any]
) -> dict[str, dict[Minute, bool]]:
    """The open minutes of each centre that is open, and whether they are covered; nothing where the scenario is unreadable."""
    try:
        scenario = read_scenario(row.scenario, context.schedule(), context.today())
    except Invalid:
        return {}
    trips = [_planned(trip, scenario) for trip in proposal["trips"]]
    found = {stop: covered_minutes(scenario, day_type, trips, stop) for stop in sorted(scenario.hours)}
    return {stop: minutes for stop, minutes in found.items() if minutes}


def _planned(trip: Mapping[str, Any], scenario: Scenario) -> PlannedTrip:
    calls = tuple(
        Call(call["stop"], sequence, parse_time_of_day(call["arrives_at"]), parse_time_of_day(call["departs_at"]))
        for sequence, call in enumerate(trip["calls"], start=1)
    )
    return PlannedTrip(
        stops=tuple(trip["stops"]), calls=calls, busy_until=calls[-1].arrives + scenario.fleet.turnaround
    )
