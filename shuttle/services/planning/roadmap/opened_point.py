"""A point of a roadmap's chart as a plan: its hours as a scenario, and the timetables that the run has solved for them.

Nothing is solved again: the fronts are stored by the hash of their question. The plan can be looked at and accepted like any other.
"""

from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy.orm import Session

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.domain.planning.result import DayTypeResult, PlanResult
from shuttle.domain.planning.roadmap.answer import hours_document
from shuttle.domain.planning.roadmap.definition import DayHours, Roadmap
from shuttle.domain.planning.roadmap.result import NodeResult, RoadmapResult
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.roadmap_files.reader import read_roadmap
from shuttle.feeds.roadmap_files.text_edits import scenario_under
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.services.planning.plans import PlanOptions
from shuttle.services.planning.roadmap.folder import scenario_text
from shuttle.services.planning.roadmap.fronts import todays_hours
from shuttle.store.operation.audit_log import add_entry
from shuttle.store.planning import plans as plan_store
from shuttle.store.planning import solved_fronts
from shuttle.store.tables.planning import PlanRow, RoadmapRunRow
from shuttle.store.timetable.schedule import version

LONGEST_ID, LONGEST_NAME = 60, 120


def open_point(
    session: Session,
    person: Person | None,
    row: RoadmapRunRow,
    answer: RoadmapResult | None,
    point: str,
    schedule: Schedule,
    schedules: Path,
    now: datetime,
) -> PlanRow:
    """Store a point (the id of a node) as a solved plan with the timetable of each day type.

    Raises NotFound (`unknown-point`), Refused (`point-not-stored`) for a run whose fronts are not kept.
    """
    person = allow(person, Action.PLAN)
    node = _node(answer, point)
    roadmap = read_roadmap(row.text, schedule)
    original = scenario_text(schedules, roadmap.scenario)
    scenario = read_scenario(original, schedule, roadmap.steps[0].starts)
    hours = _hours(roadmap, todays_hours(roadmap, scenario, schedule), node["option"])
    scenario_id = f"{row.roadmap_id}-{node['option'].replace('+', '-')}"[:LONGEST_ID].strip("-")
    name = f"{row.name}: {_option_name(roadmap, node['option'])}"[:LONGEST_NAME]
    assert answer is not None
    result = _result(session, answer, node, scenario_id)
    plan = PlanRow(
        id=f"plan-{token_hex(6)}",
        scenario_id=scenario_id,
        name=name,
        scenario=scenario_under(original, scenario_id, name, hours),
        options=vars(PlanOptions()),
        status="solved",
        asked_by=person.name,
        asked_at=now,
        started_at=now,
        ended_at=now,
        cancel_asked=False,
        failure="",
        answer=dict(result),
        schedule_version=version(session),
    )
    plan_store.add_plan(session, plan)
    add_entry(session, now, person.name, person.role, "open-roadmap-point", plan.id, {"roadmap": row.roadmap_id})
    return plan


def _node(answer: RoadmapResult | None, point: str) -> NodeResult:
    nodes = answer["nodes"] if answer else []
    for node in nodes:
        if node["id"] == point:
            return node
    raise NotFound("unknown-point", f"the roadmap has no point {point[:120]!r}", given=point[:120])


def _hours(roadmap: Roadmap, today: DayHours, option: str) -> dict[str, dict[str, list[list[str]]]]:
    state = next((state for state in roadmap.states(today) if state.id == option), None)
    if state is None:
        raise NotFound("unknown-point", f"the roadmap has no longer the hours {option!r}", given=option)
    return hours_document(state)


def _option_name(roadmap: Roadmap, option: str) -> str:
    names = {each.id: each.name for each in roadmap.options}
    return ", ".join(names.get(each, each) for each in option.split("+"))


def _result(session: Session, answer: RoadmapResult, node: NodeResult, scenario_id: str) -> PlanResult:
    """One answer of the fronts of all day types, each with the node's timetable alone."""
    several = [
        (day_type, proposal, solved_fronts.load(session, _key(answer, node["option"], day_type)))
        for day_type, proposal in node["proposal"].items()
    ]
    days: dict[str, DayTypeResult] = {}
    passengers: dict[str, float] = {}
    whole: PlanResult | None = None
    for day_type, proposal, front in several:
        kept = [each for each in front["day_types"][day_type]["proposals"] if each["id"] == proposal] if front else []
        if front is None or not kept:
            raise _not_stored(node["id"])
        days[day_type] = {**front["day_types"][day_type], "proposals": kept, "knee": proposal, "sensitivity": []}
        passengers |= front["demand"]["passengers"]
        whole = whole or front
    assert whole is not None
    return {
        **whole,
        "scenario": scenario_id,
        "status": "solved",
        "seconds": 0.0,
        "demand": {**whole["demand"], "passengers": passengers},
        "day_types": days,
        "assumed": list(answer["assumed"]),
    }


def _key(answer: RoadmapResult, option: str, day_type: str) -> str:
    for front in answer["fronts"]:
        if front["day_type"] == day_type and option in front["options"]:
            return front.get("key", "")
    return ""


def _not_stored(point: str) -> Refused:
    return Refused(
        "point-not-stored",
        "the timetables of this point are no longer kept; make the roadmap again",
        given=point,
        allowed="a roadmap that is made anew",
    )
