"""Plans: queueing a scenario, cancelling, starting again, and accepting a proposal.

A plan is a row in the database before it is a process, so that it outlives the page that asked for it and a restart of the service.
Accepting makes a draft timetable with the proposal's duties and its origin (scenario, options, figures). It publishes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, Refused, TooMany
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.duties.duty import trip_works
from shuttle.domain.planning.result import PlanResult, ProposalResult, TripResult
from shuttle.domain.planning.stored_result import read_result
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call, Pattern
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.services.timetable.timetables import add_draft
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.planning import plans as store
from shuttle.store.planning.queues import OPEN, how_many_open_of
from shuttle.store.tables.planning import PlanRow
from shuttle.store.timetable.network import add_pattern
from shuttle.store.timetable.schedule import read_schedule, version


@dataclass(frozen=True)
class PlanOptions:
    """Options of the solver: `time_limit` in seconds, `workers` (threads), `seed`. Raises Invalid (`bad-options`)."""

    time_limit: float = 120.0
    workers: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.time_limit <= 3600 or not 1 <= self.workers <= 8 or not 0 <= self.seed < 2**31:
            raise Invalid(
                "bad-options",
                f"time_limit {self.time_limit}, workers {self.workers} and seed {self.seed} cannot be used together",
                given=str(vars(self)),
                allowed="time_limit 1 to 3600 seconds, workers 1 to 8, seed 0 to 2147483647",
            )


def ask(
    session: Session,
    person: Person | None,
    scenario: str,
    scenario_id: str,
    name: str,
    options: PlanOptions,
    now: datetime,
    most_open: int = 0,
    origin: dict[str, str] | None = None,
) -> PlanRow:
    """Queue a scenario (TOML, already read without faults). `most_open`: how many plans of one person may be queued or running (0: any
    number). `origin`: see PlanRow. Raises TooMany (`too-many-plans`)."""
    person = allow(person, Action.PLAN)
    _check_quota(session, person, most_open)
    row = PlanRow(
        id=f"plan-{token_hex(6)}",
        scenario_id=scenario_id,
        name=name,
        scenario=scenario,
        options=vars(options),
        status="queued",
        asked_by=person.name,
        asked_at=now,
        cancel_asked=False,
        failure="",
        schedule_version=version(session),
        origin=origin,
    )
    store.add_plan(session, row)
    add_entry(session, now, person.name, person.role, "ask-plan", row.id, {"scenario": scenario_id})
    return row


def _check_quota(session: Session, person: Person, most_open: int) -> None:
    """Plans are solved one at a time: without a quota one person could fill the queue of all."""
    open_ones = how_many_open_of(session, PlanRow, person.name) if most_open else 0
    if most_open and open_ones >= most_open:
        raise TooMany(
            "too-many-plans",
            f"{person.name} has {open_ones} plans waiting or running; wait until one has ended, or cancel one",
            given=str(open_ones + 1),
            allowed=f"{most_open} at a time",
        )


def cancel(session: Session, person: Person | None, plan_id: str, now: datetime) -> PlanRow:
    """Request cancellation of a running plan; a queued one is cancelled at once, an ended one stays as it is.

    Raises NotFound (`unknown-plan`).
    """
    person = allow(person, Action.PLAN)
    row = store.plan(session, plan_id)
    if row.status not in OPEN:
        return row
    row.cancel_asked = True
    if row.status == "queued":
        row.status, row.ended_at = "cancelled", now
    add_entry(session, now, person.name, person.role, "cancel-plan", plan_id)
    return row


def start_again(session: Session, person: Person | None, plan_id: str, now: datetime, most_open: int = 0) -> PlanRow:
    """Queue an ended plan anew. It starts from the timetables of its result, which stays until there is a better one.

    Raises NotFound (`unknown-plan`), Refused (`plan-not-ended`), TooMany (`too-many-plans`).
    """
    person = allow(person, Action.PLAN)
    row = store.plan(session, plan_id)
    if row.status in OPEN:
        raise Refused(
            "plan-not-ended", f"plan {plan_id} is {row.status}", given=plan_id, allowed="a plan that has ended"
        )
    _check_quota(session, person, most_open)
    row.status, row.cancel_asked, row.progress, row.failure = "queued", False, None, ""
    row.started_at = row.ended_at = row.beat_at = None
    add_entry(session, now, person.name, person.role, "restart-plan", plan_id)
    return row


def result_of(row: PlanRow) -> PlanResult | None:
    """The plan's result in the newest shape, whichever version of the program stored it; None while there is none.

    Raises Refused (`newer-result`).
    """
    return None if row.answer is None else read_result(row.answer)


def accept(
    session: Session,
    person: Person | None,
    proposals: Sequence[str],
    timetable_id: str,
    name: str,
    now: datetime,
) -> Timetable:
    """Make a draft timetable of at most one proposal a day type (ids as `plan-1a2b.weekday-10`); other day types as in the base.

    Raises NotFound (`unknown-plan`, `unknown-proposal`), Invalid (`two-for-one-day-type`), Refused (`proposal-not-driven`).
    """
    person = allow(person, Action.PLAN)
    schedule = read_schedule(session)
    trips: list[Trip] = []
    duties: list[PlannedDuty] = []
    origin: dict[str, Any] = {"proposals": []}
    chosen: dict[str, str] = {}
    base: str | None = None
    for proposal_id in proposals:
        row, result, day_type, proposal = _proposal(session, proposal_id)
        if day_type in chosen:
            both = f"{chosen[day_type]} and {proposal_id}"
            raise Invalid("two-for-one-day-type", f"{both} are both for {day_type}; choose one", given=both)
        chosen[day_type] = proposal_id
        own_trips = _trips(session, schedule, day_type, proposal, now.date())
        trips += own_trips
        duties += _duties(day_type, proposal, own_trips)
        base = base or result["base_timetable"]
        origin["proposals"].append(
            {
                "id": proposal_id,
                "scenario": row.scenario,
                "options": row.options,
                "schedule_version": row.schedule_version,
                "asked_by": row.asked_by,
                "proposal": proposal,
            }
        )
    if base in schedule.timetable_by_id:
        kept = schedule.timetable_by_id[base]
        trips += [trip for trip in kept.trips if trip.day_type not in chosen]
        duties += [duty for duty in kept.planned_duties if duty.day_type not in chosen]
    add_entry(session, now, person.name, person.role, "accept-proposal", timetable_id, {"proposals": list(proposals)})
    draft = Timetable(id=timetable_id, name=name, trips=tuple(trips), planned_duties=tuple(duties))
    return add_draft(session, person, draft, now, origin)


def _proposal(session: Session, proposal_id: str) -> tuple[PlanRow, PlanResult, str, ProposalResult]:
    """The proposal with its plan, the plan's result and its day type."""
    plan_id, _, name = proposal_id.partition(".")
    row = store.plan(session, plan_id)
    result = result_of(row)
    for day_type, day in (result["day_types"] if result else {}).items():
        for proposal in day["proposals"]:
            if proposal["id"] == name:
                assert result is not None
                _check_driven(proposal, proposal_id)
                return row, result, day_type, proposal
    raise NotFound("unknown-proposal", f"plan {plan_id} has no proposal {name!r}", given=proposal_id)


def _check_driven(proposal: ProposalResult, proposal_id: str) -> None:
    if not proposal["driven"]:
        raise Refused(
            "proposal-not-driven",
            f"no duties are known that drive proposal {proposal['id']!r} ({', '.join(proposal['breaks'])}); "
            "it can be looked at, not accepted",
            given=proposal_id,
            allowed="a proposal that can be driven",
        )


def _trips(session: Session, schedule: Schedule, day_type: str, proposal: ProposalResult, on: date) -> list[Trip]:
    """Trips of a proposal. Times that do not follow from the network's running times are kept as times set by hand."""
    network = schedule.network.on(on)
    trips = []
    for trip in proposal["trips"]:
        calls = tuple(
            Call(call["stop"], sequence, parse_time_of_day(call["arrives_at"]), parse_time_of_day(call["departs_at"]))
            for sequence, call in enumerate(trip["calls"], start=1)
        )
        pattern = _pattern(session, schedule, tuple(call.stop for call in calls))
        departs = parse_time_of_day(trip["departs"])
        follows = all(leg in network.running_times for leg in pattern.legs) and network.calls(pattern, departs) == calls
        trips.append(Trip(pattern.id, day_type, departs, None if follows else calls))
    return trips


def _duties(day_type: str, proposal: ProposalResult, trips: Sequence[Trip]) -> list[PlannedDuty]:
    """Duties of a proposal, if it has any; `trips` are the proposal's own, in its order."""
    ends = [parse_time_of_day(_back_at(trip)) for trip in proposal["trips"]]
    in_order = sorted(zip((trip.departs for trip in trips), ends, (trip.id for trip in trips), strict=True))
    works = trip_works((departs, arrives, arrives) for departs, arrives, _ in in_order)
    named = {work.name: trip for work, (_, _, trip) in zip(works, in_order, strict=True)}
    return [
        PlannedDuty(
            day_type=day_type,
            number=number,
            starts=parse_time_of_day(duty["starts"]),
            ends=parse_time_of_day(duty["ends"]),
            trips=tuple(named[name] for name in duty.get("trips", ())),
            breaks=tuple((parse_time_of_day(starts), parse_time_of_day(ends)) for starts, ends in duty["breaks"]),
        )
        for number, duty in enumerate(proposal.get("duties", ()), start=1)
    ]


def _back_at(trip: TripResult) -> str:
    """Minute at which the vehicle is back at the base stop: after the empty run where there is one, else at the last arrival."""
    return trip["empty_after"]["arrives_at"] if "empty_after" in trip else trip["calls"][-1]["arrives_at"]


def _pattern(session: Session, schedule: Schedule, stops: tuple[str, ...]) -> Pattern:
    """The network's pattern with these stops, or a new one named after them."""
    for pattern in schedule.network.patterns:
        if pattern.stops == stops:
            return pattern
    names = {stop.id: stop.name for stop in schedule.network.stops}
    base = schedule.network.base_stop
    headsign = " – ".join(names[stop] for stop in dict.fromkeys(stops) if stop != base)
    pattern = Pattern(id="-".join(stops)[:80].rstrip("-"), stops=stops, headsign=headsign)
    add_pattern(session, pattern)
    return pattern
