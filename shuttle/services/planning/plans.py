"""Asking for proposals, following the solver, stopping it, and accepting what it found.

A plan is a row before it is a process: whoever asked can leave the page, and a restart of the service finds what was
interrupted. A proposal that is accepted becomes a draft timetable with its duties and whole history (scenario, options, figures);
publishing it is another act, with its own findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, Refused, TooMany
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.duties.duty import trip_works
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.network import Call, Pattern
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.trips import Timetable, Trip
from shuttle.services.timetable.timetables import add_draft
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.planning import plans as store
from shuttle.store.tables.planning import PlanRow
from shuttle.store.timetable.network import add_pattern
from shuttle.store.timetable.schedule import read_schedule, version


@dataclass(frozen=True)
class PlanOptions:
    """How the solver works: seconds at most, threads, seed."""

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
) -> PlanRow:
    """Queue a scenario (TOML, already read without faults). `most_open`: how many one person may have waiting or running (0: any
    number). Raises TooMany (`too-many-plans`)."""
    person = allow(person, Action.PLAN)
    _check_share(session, person, most_open)
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
    )
    store.add_plan(session, row)
    add_entry(session, now, person.name, person.role, "ask-plan", row.id, {"scenario": scenario_id})
    return row


def _check_share(session: Session, person: Person, most_open: int) -> None:
    """Plans are solved one at a time: who fills the queue keeps the others waiting."""
    open_ones = store.how_many_open_of(session, person.name) if most_open else 0
    if most_open and open_ones >= most_open:
        raise TooMany(
            "too-many-plans",
            f"{person.name} has {open_ones} plans waiting or running; wait until one has ended, or cancel one",
            given=str(open_ones + 1),
            allowed=f"{most_open} at a time",
        )


def cancel(session: Session, person: Person | None, plan_id: str, now: datetime) -> PlanRow:
    """Ask the solver to stop; a plan that nobody works on is cancelled at once. One that has ended stays as it is."""
    person = allow(person, Action.PLAN)
    row = store.plan(session, plan_id)
    if row.status not in store.OPEN:
        return row
    row.cancel_asked = True
    if row.status == "queued":
        row.status, row.ended_at = "cancelled", now
    add_entry(session, now, person.name, person.role, "cancel-plan", plan_id)
    return row


def start_again(session: Session, person: Person | None, plan_id: str, now: datetime, most_open: int = 0) -> PlanRow:
    """Queue a plan anew that has ended; it begins from what it found, which stays until there is something better.

    Raises Refused (`plan-not-ended`), TooMany (`too-many-plans`).
    """
    person = allow(person, Action.PLAN)
    row = store.plan(session, plan_id)
    if row.status in store.OPEN:
        raise Refused(
            "plan-not-ended", f"plan {plan_id} is {row.status}", given=plan_id, allowed="a plan that has ended"
        )
    _check_share(session, person, most_open)
    row.status, row.cancel_asked, row.progress, row.failure = "queued", False, None, ""
    row.started_at = row.ended_at = row.beat_at = None
    add_entry(session, now, person.name, person.role, "restart-plan", plan_id)
    return row


def accept(
    session: Session,
    person: Person | None,
    proposals: Sequence[str],
    timetable_id: str,
    name: str,
    now: datetime,
) -> Timetable:
    """Make a draft of one proposal for each day type (ids as `plan-1a2b.weekday-10`); other day types as the base has them.

    Raises NotFound (`unknown-proposal`), Invalid (`two-for-one-day-type`), Refused (`proposal-not-driven`).
    """
    person = allow(person, Action.PLAN)
    schedule = read_schedule(session)
    trips: list[Trip] = []
    duties: list[PlannedDuty] = []
    origin: dict[str, Any] = {"proposals": []}
    chosen: dict[str, str] = {}
    base: str | None = None
    for proposal_id in proposals:
        row, day_type, proposal = _proposal(session, proposal_id)
        if day_type in chosen:
            both = f"{chosen[day_type]} and {proposal_id}"
            raise Invalid("two-for-one-day-type", f"{both} are both for {day_type}; choose one", given=both)
        chosen[day_type] = proposal_id
        found = _trips(session, schedule, day_type, proposal, now.date())
        trips += found
        duties += _duties(day_type, proposal, found)
        base = base or (row.answer or {}).get("base_timetable")
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
        kept = schedule.timetable_by_id[str(base)]
        trips += [trip for trip in kept.trips if trip.day_type not in chosen]
        duties += [duty for duty in kept.planned_duties if duty.day_type not in chosen]
    add_entry(session, now, person.name, person.role, "accept-proposal", timetable_id, {"proposals": list(proposals)})
    draft = Timetable(id=timetable_id, name=name, trips=tuple(trips), planned_duties=tuple(duties))
    return add_draft(session, person, draft, now, origin)


def _proposal(session: Session, proposal_id: str) -> tuple[PlanRow, str, Mapping[str, Any]]:
    plan_id, _, wanted = proposal_id.partition(".")
    row = store.plan(session, plan_id)
    for day_type, found in ((row.answer or {}).get("day_types") or {}).items():
        for proposal in found["proposals"]:
            if proposal["id"] == wanted:
                if not proposal.get("driven", True):
                    raise Refused(
                        "proposal-not-driven",
                        f"no duties are known that drive proposal {wanted!r} ({', '.join(proposal['breaks'])}); "
                        "it can be looked at, not accepted",
                        given=proposal_id,
                        allowed="a proposal that can be driven",
                    )
                return row, day_type, proposal
    raise NotFound("unknown-proposal", f"plan {plan_id} has no proposal {wanted!r}", given=proposal_id)


def _trips(session: Session, schedule: Schedule, day_type: str, proposal: Mapping[str, Any], on: date) -> list[Trip]:
    """Trips of a proposal; where its times are not those of the network's running times, they are set by hand, visibly."""
    network = schedule.network.on(on)
    found = []
    for trip in proposal["trips"]:
        calls = tuple(
            Call(call["stop"], sequence, parse_time_of_day(call["arrives_at"]), parse_time_of_day(call["departs_at"]))
            for sequence, call in enumerate(trip["calls"], start=1)
        )
        pattern = _pattern(session, schedule, tuple(call.stop for call in calls))
        departs = parse_time_of_day(trip["departs"])
        follows = all(leg in network.running_times for leg in pattern.legs) and network.calls(pattern, departs) == calls
        found.append(Trip(pattern.id, day_type, departs, None if follows else calls))
    return found


def _duties(day_type: str, proposal: Mapping[str, Any], trips: Sequence[Trip]) -> list[PlannedDuty]:
    """Duties of a proposal, where any were asked for; `trips` are the proposal's own, in its order."""
    ends = [
        parse_time_of_day((trip.get("empty_after") or trip["calls"][-1])["arrives_at"]) for trip in proposal["trips"]
    ]
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
