"""Commands `plan` and `evaluate`: proposals for a scenario, figures of a timetable."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shuttle.cli.common import errors, our_words, print_json, the_context
from shuttle.cli.planning.endings import ResultFile, ended_by_signals, quiet_broken_pipe
from shuttle.cli.planning.progress import ProgressDisplay
from shuttle.cli.planning.tables import figures_row, print_figures, print_result
from shuttle.domain.planning.result import PlanResult
from shuttle.domain.planning.scenario import Scenario
from shuttle.domain.timetable.departures import Schedule
from shuttle.feeds.scenario_files.reader import read_scenario_file
from shuttle.feeds.schedule_files.timetables import read_timetable_file
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import PlanRequest
from shuttle.services.app_context import AppContext
from shuttle.services.planning.requests import evaluate as evaluate_timetable
from shuttle.services.planning.requests import request_for
from shuttle.services.ridership.past_boardings import past_of
from shuttle.services.ridership.recorded_demand import with_recorded_demand

app = typer.Typer()

UNSOLVED = 3
"""Exit code where the status is not `solved`: infeasible, out of time, cancelled, interrupted."""


@app.command()
def plan(
    scenario: Annotated[Path, typer.Argument(help="A scenario file")],
    time_limit: Annotated[float, typer.Option(min=1, max=3600, help="Seconds for the whole answer")] = 300,
    workers: Annotated[
        int, typer.Option(min=1, max=8, help="Threads of the solver; 1 gives the same answer every time")
    ] = 2,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the solver and of the intervals")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="The whole answer as one JSON document")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the JSON document to this file as well, each time that it has grown")
    ] = None,
) -> None:
    """Propose timetables for a scenario: proven, priced, compared with today's."""
    with the_context() as (context, settings):
        schedule = context.schedule()
        question = scenario_of_file(context, schedule, scenario)
        past = past_of(context, schedule, question)
        request = request_for(question, schedule, settings.schedules, time_limit, workers, seed, past)
        request = replace(request, memory_mb=settings.plan_memory_mb)
        file = ResultFile(output) if output is not None else None
        result = solve_with_bar(request, question.name, file.grown if file else lambda _result: None)
        if file is not None:
            file.write(result)
        with quiet_broken_pipe():
            if json_:
                print_json(result)
            else:
                print_result(result, schedule, question, our_words(settings))
    if result["status"] != "solved":
        raise typer.Exit(UNSOLVED)


def scenario_of_file(context: AppContext, schedule: Schedule, path: Path) -> Scenario:
    """The scenario of a file, with its demand estimated from the counts where it asks for that."""
    return with_recorded_demand(context, schedule, read_scenario_file(path, schedule, context.today()))


def solve_with_bar(
    request: PlanRequest, name: str, on_result: Callable[[PlanResult], None] = lambda _result: None
) -> PlanResult:
    """Solve in a child process, with a progress bar on standard error. Ctrl-C and SIGTERM end the run with its result so far; a second
    Ctrl-C ends the command."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bar, ended_by_signals() as ending:
        display = ProgressDisplay(bar, name)

        def grown(result: PlanResult) -> None:
            on_result(result)
            display.grown(result)

        return solver_client.run(request, display.progress, ending, grown)


@app.command()
def evaluate(
    scenario: Annotated[Path, typer.Argument(help="A scenario file")],
    timetable: Annotated[Path, typer.Argument(help="A timetable file, today's or one made by hand")],
    json_: Annotated[bool, typer.Option("--json", help="The figures as one JSON document")] = False,
) -> None:
    """Score any timetable with the figures of a proposal."""
    with the_context() as (context, settings):
        schedule = context.schedule()
        question = scenario_of_file(context, schedule, scenario)
        past = past_of(context, schedule, question)
        result = evaluate_timetable(question, schedule, read_timetable_file(timetable), settings.schedules, past=past)
        if json_:
            print_json(result)
            return
        words = our_words(settings)
        for day_type, figures in result["day_types"].items():
            title = schedule.calendar.names_of(day_type).of(words.language)
            print_figures(title, [figures_row(figures, figures["id"], words)], words)
