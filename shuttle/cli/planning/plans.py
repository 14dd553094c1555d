"""`shuttle plan`, `evaluate` and `sweep`: proposals, figures, many scenarios."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shuttle.cli.common import errors, our_words, print_json, print_table, the_context
from shuttle.cli.planning.endings import AnswerFile, ended_by_signals, until_nobody_reads
from shuttle.cli.planning.progress import PlanTelling
from shuttle.cli.planning.tables import figures_table, print_answer
from shuttle.domain.basics.errors import Refused
from shuttle.feeds.scenario_files.reader import read_scenario_file
from shuttle.feeds.schedule_files.timetables import read_timetable_file
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import PlanRequest
from shuttle.services.planning.requests import evaluate as evaluate_timetable
from shuttle.services.planning.requests import request_for
from shuttle.services.ridership.past_boardings import past_of
from shuttle.services.ridership.recorded_demand import with_recorded_demand

app = typer.Typer()

UNSOLVED = 3
"""Exit code for a scenario that cannot be met, or was not proven in time."""


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
        wanted = with_recorded_demand(context, schedule, read_scenario_file(scenario, schedule, context.today()))
        past = past_of(context, schedule, wanted)
        request = request_for(wanted, schedule, settings.schedules, time_limit, workers, seed, past)
        request = replace(request, memory_mb=settings.plan_memory_mb)
        keep = AnswerFile(output) if output is not None else None
        answer = solve_with_bar(request, wanted.name, keep.grown if keep else lambda _answer: None)
        if keep is not None:
            keep.write(answer)
        with until_nobody_reads():
            if json_:
                print_json(answer)
            else:
                print_answer(answer, schedule, wanted, our_words(settings))
    if answer["status"] != "solved":
        raise typer.Exit(UNSOLVED)


def solve_with_bar(
    request: PlanRequest, name: str, on_answer: Callable[[dict[str, Any]], None] = lambda _answer: None
) -> dict[str, Any]:
    """Solve in a child process, with a bar on standard error. Ctrl-C and SIGTERM end it with what was found; a second Ctrl-C
    ends the command at once."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bar, ended_by_signals() as ending:
        telling = PlanTelling(bar, name)

        def answered(answer: dict[str, Any]) -> None:
            on_answer(answer)
            telling.grown(answer)

        return solver_client.run(request, telling.progress, ending, answered)


@app.command()
def evaluate(
    scenario: Annotated[Path, typer.Argument(help="A scenario file")],
    timetable: Annotated[Path, typer.Argument(help="A timetable file, today's or one made by hand")],
    json_: Annotated[bool, typer.Option("--json", help="The figures as one JSON document")] = False,
) -> None:
    """Score any timetable with the figures of a proposal."""
    with the_context() as (context, settings):
        schedule = context.schedule()
        wanted = with_recorded_demand(context, schedule, read_scenario_file(scenario, schedule, context.today()))
        past = past_of(context, schedule, wanted)
        document = evaluate_timetable(wanted, schedule, read_timetable_file(timetable), settings.schedules, past=past)
        if json_:
            print_json(document)
            return
        words = our_words(settings)
        for day_type, figures in document["day_types"].items():
            columns, rows = figures_table([figures], words)
            print_table(schedule.calendar.names_of(day_type).of(words.language), columns, rows)


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
        asked = [read_scenario_file(path, schedule, context.today()) for path in scenarios]
        wanted = [with_recorded_demand(context, schedule, each) for each in asked]
        requests = [
            replace(request_for(each, schedule, settings.schedules, time_limit, 1), hindsight_days=0) for each in wanted
        ]
        with _executor(cluster) as executor:
            answers = list(executor.map(solver_client.run, requests))
        if json_:
            print_json(answers)
            return
        rows = [_summary(answer, day_type) for answer in answers for day_type in answer["day_types"]]
        print_table("", ["scenario", "day type", "status", "proposals", "knee", "cost", "NOK"], rows)


@contextmanager
def _executor(cluster: str | None) -> Iterator[Executor]:
    """Threads that each wait for a solver's process; or a Dask cluster, through the same interface."""
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


def _summary(answer: dict[str, Any], day_type: str) -> list[str]:
    found = answer["day_types"][day_type]
    knee = next((p for p in found["proposals"] if p["id"] == found["knee"]), None)
    figures = [knee["id"], f"{knee['cost']:.0f}", f"{knee['nok']:.0f}"] if knee else ["", "", ""]
    return [answer["scenario"], day_type, answer["status"], str(len(found["proposals"])), *figures]
