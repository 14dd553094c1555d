"""What the page of a timetable shows: its departures, what they come to under a scenario, and what stands against publishing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.publishing import NOTICE, PublishingFinding, findings
from shuttle.domain.timetable.trips import Publication, Timetable, Trip
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning.requests import evaluate
from shuttle.services.planning.scenario_folder import ScenarioFile, scenario_files
from shuttle.services.ridership.past_boardings import past_of
from shuttle.services.ridership.recorded_demand import with_recorded_demand
from shuttle.store.planning import scenarios
from shuttle.store.timetable import timetables as store
from shuttle.store.timetable.draft_edits import edits
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.planning.pictures import stop_names
from shuttle.web.pages.timetable.changes import DraftChanges, draft_changes, step_text


@dataclass(frozen=True)
class DraftTrip:
    """A departure of the page. `calls` is empty where its times cannot be worked out; `by_hand`: they were set by a planner."""

    trip: Trip
    calls: tuple[tuple[str, Minute], ...]
    by_hand: bool


@dataclass(frozen=True, kw_only=True)
class DraftDay:
    """A day type: its departures and the duties that drive them, the figures under the scenario (with today's) where the scenario has it, and what it changes."""

    id: str
    name: str
    trips: tuple[DraftTrip, ...]
    duties: tuple[PlannedDuty, ...]
    figures: Mapping[str, Any] | None
    before: Mapping[str, Any] | None
    against: DraftChanges | None


@dataclass(frozen=True)
class Remark:
    """A finding in words; `code` accepts it where it can be accepted."""

    code: str
    severity: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DraftView:
    """`measured_by`: name of the scenario that the figures are for, or empty; `trouble` says why there are none.

    `undo`, `redo`: the step that would be taken back or done again, in words; empty where there is none.
    """

    timetable: Timetable
    days: tuple[DraftDay, ...]
    publications: tuple[Publication, ...]
    in_force: bool
    patterns: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]
    valid: Validity
    measured_by: str
    trouble: str
    files: tuple[ScenarioFile, ...]
    names: Mapping[str, str]
    undo: str
    redo: str


def draft_view(
    context: AppContext, schedules: Path, timetable_id: str, valid: Validity | None, scenario: str, words: Words
) -> DraftView:
    """Raises NotFound (`unknown-timetable`).

    `valid`: dates to publish for. None: from the first day with due notice; what stands against those is not told of a
    timetable that is in force, for nobody has asked to publish it once more.
    """
    with context.reading() as session:
        origin = store.timetable_row(session, timetable_id).origin
        done, undone = edits(session, timetable_id)
        saved = [ScenarioFile(f"saved.{row.scenario}", row.name, row.text) for row in scenarios.latest(session)]
    schedule, today = context.schedule(), context.today()
    timetable = schedule.timetable_by_id[timetable_id]
    files = (*saved, *scenario_files(schedules))
    question = _question(origin, files, scenario)
    name, figures, before, trouble = _measured(context, schedules, timetable, question, words)
    own = tuple(p for p in schedule.publications if p.timetable == timetable_id)
    in_force = any(p.valid.last is None or p.valid.last >= today for p in own)
    asked = valid or Validity(today + NOTICE + timedelta(days=1), None)
    found = [] if in_force and valid is None else findings(schedule, timetable, asked, today)
    known = schedule.network.patterns
    return DraftView(
        timetable=timetable,
        days=tuple(
            DraftDay(
                id=day_type.id,
                name=day_type.names.of(words.language),
                trips=tuple(_trip(schedule, context, trip) for trip in timetable.trips_on(day_type.id)),
                duties=timetable.duties_on(day_type.id),
                figures=figures.get(day_type.id),
                before=before.get(day_type.id),
                against=draft_changes(schedule, timetable, today, day_type.id, words),
            )
            for day_type in schedule.calendar.day_types
        ),
        publications=own,
        in_force=in_force,
        patterns=tuple((p.id, " – ".join(stop_names(schedule).get(stop, stop) for stop in p.stops)) for p in known),
        remarks=tuple(_remarks(schedule, found, timetable, words)),
        valid=asked,
        measured_by=name,
        trouble=trouble,
        files=files,
        names=stop_names(schedule),
        undo=step_text(done[-1], words) if done else "",
        redo=step_text(undone[0], words) if undone else "",
    )


def _question(origin: Mapping[str, Any] | None, files: tuple[ScenarioFile, ...], wanted: str) -> str:
    """The scenario's text: the one chosen, else the one that the timetable was proposed for."""
    for file in files:
        if file.id == wanted:
            return file.text
    return str(origin["proposals"][0]["scenario"]) if origin and origin.get("proposals") else ""


Documents = Mapping[str, Mapping[str, Any]]


def _measured(
    context: AppContext, schedules: Path, timetable: Timetable, text: str, words: Words
) -> tuple[str, Documents, Documents, str]:
    """The scenario's name, the figures by day type, today's, and why there are none."""
    if not text:
        return "", {}, {}, ""
    schedule = context.schedule()
    try:
        scenario = with_recorded_demand(context, schedule, read_scenario(text, schedule, context.today()))
        past = past_of(context, schedule, scenario)
        figures = evaluate(scenario, schedule, timetable, schedules, past=past)["day_types"]
        base = schedule.timetable_by_id.get(scenario.base_timetable or "")
        before = evaluate(scenario, schedule, base, schedules)["day_types"] if base else {}
    except ShuttleError as error:
        return "", {}, {}, fault_of(error, words).message
    return scenario.name, figures, before, ""


def _trip(schedule: Schedule, context: AppContext, trip: Trip) -> DraftTrip:
    try:
        calls = trip.calls or schedule.network.on(context.today()).calls(
            schedule.network.pattern(trip.pattern), trip.departs
        )
    except ShuttleError:
        calls = ()
    return DraftTrip(trip, tuple((call.stop, call.arrives) for call in calls), trip.calls is not None)


def _remarks(schedule: Schedule, found: list[PublishingFinding], timetable: Timetable, words: Words) -> list[Remark]:
    """The findings in the reader's language, those about single departures one by one."""
    named = {day_type.id: day_type.names.of(words.language) for day_type in schedule.calendar.day_types}
    named |= {trip.id: words.clock_text(trip.departs) for trip in timetable.trips}
    remarks = []
    for finding in found:
        key = f"planner.finding.{finding.code}"
        subject = named.get(finding.subject, finding.subject)
        text = words.say(key, subject=subject) if words.knows(key) else finding.message
        remarks.append(Remark(finding.code, finding.severity.value, text))
    return remarks
