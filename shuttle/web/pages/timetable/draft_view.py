"""View of a timetable: departures, duties, figures under a scenario, changes from today's, and findings of publishing.

A timetable has figures under a scenario only: the one that is chosen, else the one that it was proposed for, else today's service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from shuttle.domain.basics.errors import ShuttleError
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.planned_duties import PlannedDuty
from shuttle.domain.timetable.publishing.findings import NOTICE, findings
from shuttle.domain.timetable.service_days import DayType
from shuttle.domain.timetable.trips import Publication, Timetable, Trip
from shuttle.feeds.scenario_files.text_edits import toml_text
from shuttle.language import Words
from shuttle.services.app_context import AppContext
from shuttle.services.planning.draft_figures import DraftFigures, draft_figures, question
from shuttle.services.planning.one_change import as_today, stated_demand, usual_of
from shuttle.services.planning.requests import evaluate
from shuttle.services.planning.scenario_folder import ScenarioFile, scenario_files
from shuttle.services.timetable.undo import UndoableAct, undoable
from shuttle.store.planning import scenarios
from shuttle.store.timetable import timetables as store
from shuttle.store.timetable.draft_edits import edits
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.planning.pictures import stop_names
from shuttle.web.pages.timetable.changes import DraftChanges, draft_changes, step_text
from shuttle.web.pages.timetable.finding_texts import FindingView, finding_views
from shuttle.web.pages.timetable.publishing_view import ways_back


@dataclass(frozen=True)
class DraftTrip:
    """A departure. `calls`: (stop, arrival), empty where a running time is missing; `by_hand`: its times were set by a planner."""

    trip: Trip
    calls: tuple[tuple[str, Minute], ...]
    by_hand: bool


@dataclass(frozen=True, kw_only=True)
class DraftDay:
    """A day type: departures, their duties, and changes from today's. `figures` is None where the scenario does not have the day type.
    `runs_as`: the name of the day type whose departures run here, if not its own.
    """

    id: str
    name: str
    trips: tuple[DraftTrip, ...]
    duties: tuple[PlannedDuty, ...]
    figures: DraftFigures | None
    against: DraftChanges | None
    runs_as: str


@dataclass(frozen=True, kw_only=True)
class DraftView:
    """`measured_by`: name of the scenario of the figures, or empty; `trouble`: why there are no figures.

    `undo`, `redo`: the edit that would be undone or redone, in words; empty where there is none. `act`: see `services/timetable/undo.py`.
    `ways_back`: timetables that one can roll back to.
    """

    timetable: Timetable
    days: tuple[DraftDay, ...]
    publications: tuple[Publication, ...]
    in_force: bool
    patterns: tuple[tuple[str, str], ...]
    remarks: tuple[FindingView, ...]
    valid: Validity
    measured_by: str
    trouble: str
    files: tuple[ScenarioFile, ...]
    names: Mapping[str, str]
    undo: str
    redo: str
    act: UndoableAct | None
    ways_back: tuple[Timetable, ...]


def draft_view(context: AppContext, schedules: Path, timetable_id: str, scenario: str, words: Words) -> DraftView:
    """Raises NotFound (`unknown-timetable`).

    The findings are those of publishing it from the first date with due notice; a timetable in force has none, because no one
    has asked to publish it again.
    """
    with context.reading() as session:
        store.timetable_row(session, timetable_id)
        done, undone = edits(session, timetable_id)
        act = undoable(session, context.now())
        saved = [ScenarioFile(f"saved.{row.scenario}", row.name, row.text) for row in scenarios.latest(session)]
    schedule, today = context.schedule(), context.today()
    timetable = schedule.timetable_by_id[timetable_id]
    files = (*saved, *scenario_files(schedules))
    text = scenario_text_of(context, schedules, timetable_id, scenario, words)
    measured = _measured(context, schedules, timetable, text, words)
    own = tuple(period for period in schedule.periods if period.timetable == timetable_id)
    in_force = any(
        published.timetable == timetable_id and (published.valid.last is None or published.valid.last >= today)
        for published in schedule.publications
    )
    dates = Validity(today + NOTICE + timedelta(days=1), None)
    noted = [] if in_force else findings(schedule, timetable, dates, today)
    names = stop_names(schedule)
    return DraftView(
        timetable=timetable,
        days=tuple(
            _day(context, timetable, day_type, measured.figures.get(day_type.id), words)
            for day_type in schedule.calendar.day_types
        ),
        publications=own,
        in_force=in_force,
        patterns=tuple(
            (each.id, " – ".join(names.get(stop, stop) for stop in each.stops)) for each in schedule.network.patterns
        ),
        remarks=tuple(finding_views(schedule, noted, timetable, words)),
        valid=dates,
        measured_by=measured.scenario,
        trouble=measured.trouble,
        files=files,
        names=names,
        undo=step_text(done[-1], words) if done else "",
        redo=step_text(undone[0], words) if undone else "",
        act=act,
        ways_back=ways_back(schedule, timetable_id, today),
    )


def _day(
    context: AppContext, timetable: Timetable, day_type: DayType, figures: DraftFigures | None, words: Words
) -> DraftDay:
    schedule = context.schedule()
    return DraftDay(
        id=day_type.id,
        name=day_type.names.of(words.language),
        trips=tuple(_trip(schedule, context, trip) for trip in timetable.trips_on(day_type.id)),
        duties=timetable.duties_on(day_type.id),
        figures=figures,
        runs_as=_runs_as(schedule, timetable, day_type.id, words),
        against=draft_changes(schedule, timetable, context.today(), day_type.id, words),
    )


def _runs_as(schedule: Schedule, timetable: Timetable, day_type: str, words: Words) -> str:
    """The name of the day type whose departures run while this one has none of its own; empty where that is not so."""
    like = next((each.like for each in schedule.calendar.day_types if each.id == day_type), None)
    source = timetable.day_type_of((day_type, *schedule.calendar.fallbacks(like)))
    return "" if source == day_type else schedule.calendar.names_of(source).of(words.language)


def scenario_text_of(context: AppContext, schedules: Path, timetable_id: str, chosen: str, words: Words) -> str:
    """The text of the chosen scenario, else of the one that the timetable was proposed for, else of today's service.

    Raises NotFound (`unknown-timetable`).
    """
    with context.reading() as session:
        origin = store.timetable_row(session, timetable_id).origin
        saved = {f"saved.{row.scenario}": row.text for row in scenarios.latest(session)} if chosen else {}
    files = {file.id: file.text for file in scenario_files(schedules)} if chosen else {}
    if text := saved.get(chosen) or files.get(chosen):
        return text
    if origin and origin.get("proposals"):
        return str(origin["proposals"][0]["scenario"])
    schedule, today = context.schedule(), context.today()
    return toml_text(as_today(usual_of(context, stated_demand(schedules), today), schedule, today, words))


class _Measured(NamedTuple):
    """Name of the scenario and figures by day type; or the `trouble` that prevents them."""

    scenario: str = ""
    figures: Mapping[str, DraftFigures] = MappingProxyType({})
    trouble: str = ""


def _measured(context: AppContext, schedules: Path, timetable: Timetable, text: str, words: Words) -> _Measured:
    """Duties, where the scenario asks for them, need a solver: then it takes some seconds."""
    schedule = context.schedule()
    try:
        asked = question(context, text)
        several = {day: draft_figures(asked, schedule, timetable, day) for day in asked.scenario.day_types}
        figures = {day: each for day, each in several.items() if each is not None}
        if asked.asks_for_duties:
            solved = evaluate(asked.scenario, schedule, timetable, schedules, past=asked.past)["day_types"]
            figures = {day: replace(each, figures=solved[day]) for day, each in figures.items()}
    except ShuttleError as error:
        return _Measured(trouble=fault_of(error, words).message)
    return _Measured(asked.scenario.name, figures)


def _trip(schedule: Schedule, context: AppContext, trip: Trip) -> DraftTrip:
    try:
        calls = trip.calls or schedule.network.on(context.today()).calls(
            schedule.network.pattern(trip.pattern), trip.departs
        )
    except ShuttleError:
        calls = ()
    return DraftTrip(trip, tuple((call.stop, call.arrives) for call in calls), trip.calls is not None)
