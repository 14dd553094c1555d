"""Commands `plan`, `evaluate` and `sweep`: proposals for a scenario, figures of a timetable, many scenarios at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shuttle.cli.common import errors, our_words, print_json, print_table, the_context
from shuttle.cli.planning.endings import ResultFile, ended_by_signals, quiet_broken_pipe
from shuttle.cli.planning.progress import ProgressDisplay
from shuttle.cli.planning.tables import figures_row, print_figures, print_result
from shuttle.domain.basics.errors import Refused
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
        question = _scenario(context, schedule, scenario)
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


def _scenario(context: AppContext, schedule: Schedule, path: Path) -> Scenario:
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
        question = _scenario(context, schedule, scenario)
        past = past_of(context, schedule, question)
        result = evaluate_timetable(question, schedule, read_timetable_file(timetable), settings.schedules, past=past)
        if json_:
            print_json(result)
            return
        words = our_words(settings)
        for day_type, figures in result["day_types"].items():
            title = schedule.calendar.names_of(day_type).of(words.language)
            print_figures(title, [figures_row(figures, figures["id"], words)], words)


@app.command()
def sweep(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files")],
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler; without it, the local cores")
    ] = None,
    time_limit: Annotated[float, typer.Option(min=1, max=3600, help="Seconds for each scenario")] = 300,
    json_: Annotated[bool, typer.Option("--json", help="All answers as one JSON document")] = False,
) -> None:
    """Solve many scenarios, and show the knee of each."""
    with the_context() as (context, settings):
        schedule = context.schedule()
        questions = [_scenario(context, schedule, path) for path in scenarios]
        requests = [
            replace(request_for(each, schedule, settings.schedules, time_limit, 1), hindsight_days=0)
            for each in questions
        ]
        with _executor(cluster) as executor:
            results = list(executor.map(solver_client.run, requests))
        if json_:
            print_json(results)
            return
        rows = [_summary(result, day_type) for result in results for day_type in result["day_types"]]
        print_table("", ["scenario", "day type", "status", "proposals", "knee", "cost", "NOK"], rows)


@contextmanager
def _executor(cluster: str | None) -> Iterator[Executor]:
    """Two threads that each wait for a solver process; or a Dask cluster. Raises Refused (`no-cluster`) without the extra for it."""
    if cluster is None:
        with ThreadPoolExecutor(max_workers=2) as threads:
            yield threads
        return
    try:
        from distributed import Client
    except ImportError:
        raise Refused(
            "no-cluster",
            "a cluster needs the extra `cluster`: install `distributed`",
            given=cluster,
            allowed="no --cluster",
        ) from None
    with Client(cluster) as client, client.get_executor() as executor:
        yield executor


def _summary(result: PlanResult, day_type: str) -> list[str]:
    day = result["day_types"][day_type]
    knee = next((proposal for proposal in day["proposals"] if proposal["id"] == day["knee"]), None)
    figures = [knee["id"], f"{knee['cost']:.0f}", f"{knee['nok']:.0f}"] if knee else ["", "", ""]
    return [result["scenario"], day_type, result["status"], str(len(day["proposals"])), *figures]
