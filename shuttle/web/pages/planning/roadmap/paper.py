"""The council's page: the view of a roadmap as finished texts for print."""

from datetime import date

from shuttle.domain.planning.roadmap.definition import Roadmap
from shuttle.domain.planning.roadmap.result import RoadmapResult
from shuttle.feeds.printed.roadmap import PrintedHours, PrintedStep, RoadmapSheet
from shuttle.language import Words
from shuttle.web.pages.planning.pictures import Axis
from shuttle.web.pages.planning.roadmap.view import HoursRow, RoadmapView, StepView


def sheet_of(view: RoadmapView, answer: RoadmapResult, roadmap: Roadmap, words: Words, today: date) -> RoadmapSheet:
    """The sheet, with what would change the advice."""
    axis = view.axis
    robust = tuple(filter(None, (view.gap, view.greedy, *view.cases)))
    return RoadmapSheet(
        language=words.language,
        author=words.say("service.name"),
        title=roadmap.name,
        about=words.say("roadmap.paper_about", date=words.date_text(today)),
        ticks=tuple((_share(axis, place), text) for place, text in axis.ticks),
        legend=words.say("roadmap.legend"),
        steps=tuple(_step(step, axis, words) for step in view.steps),
        sections=(
            (words.say("roadmap.what_would_change"), robust),
            (words.say("roadmap.rests_on"), view.assumed or (words.say("roadmap.nothing_assumed"),)),
        ),
    )


def _share(axis: Axis, place: float) -> float:
    return round((place - axis.start) / (axis.end - axis.start), 4)


def _step(step: StepView, axis: Axis, words: Words) -> PrintedStep:
    return PrintedStep(
        title=words.say("roadmap.step_title", date=words.date_text(step.starts), hours=step.hours),
        facts=(
            (words.say("roadmap.riders_a_year"), step.served),
            (words.say("roadmap.nok_a_year"), step.nok),
            (words.say("roadmap.of_it_staff"), step.staff),
            (words.say("roadmap.budget"), step.budget),
        ),
        hours=tuple(_hours(row, axis) for row in step.rows),
        sentences=(
            words.say("roadmap.changes_are", changes=step.changes),
            *step.why[:2],
            *step.measures,
        ),
    )


def _hours(row: HoursRow, axis: Axis) -> PrintedHours:
    width = axis.end - axis.start
    return PrintedHours(
        name=f"{row.name}, {row.day_type.lower()}",
        text=row.text,
        bars=tuple((_share(axis, place), round(length / width, 4)) for place, length in row.bars),
        departures=tuple(_share(axis, place) for place in row.departures),
        times=row.times,
    )
