"""Command `roadmap`: opening hours and timetables chosen together for steps over the years."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shuttle.cli.common import errors, our_words, print_json, print_table, the_context
from shuttle.cli.planning.cluster import executor as cluster_executor
from shuttle.cli.planning.endings import ResultFile, ended_by_signals, quiet_broken_pipe
from shuttle.cli.planning.plans import UNSOLVED
from shuttle.domain.planning.roadmap.result import RoadmapResult
from shuttle.feeds.roadmap_files.reader import read_roadmap_file
from shuttle.feeds.scenario_files.reader import read_scenario
from shuttle.language import Words
from shuttle.language.roadmap_texts import case_text, gap_text
from shuttle.planner.process import solver_client
from shuttle.services.app_context import AppContext
from shuttle.services.planning.roadmap.folder import scenario_text
from shuttle.services.planning.roadmap.measured_times import measured_times
from shuttle.services.planning.roadmap.run import TARGET_GAP, RoadmapQuestion, RoadmapRun, roadmap_question
from shuttle.services.planning.roadmap.stored_fronts import StoredFronts
from shuttle.services.ridership.recorded_demand import with_recorded_demand
from shuttle.settings import Settings

app = typer.Typer()


@app.command()
def roadmap(
    file: Annotated[Path, typer.Argument(help="A roadmap file")],
    time_limit: Annotated[float, typer.Option(min=1, max=7200, help="Seconds for the whole answer")] = 300,
    gap: Annotated[float, typer.Option(min=0, max=1, help="End when the gap is at most this share")] = TARGET_GAP,
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler; without it, the local cores")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the solver")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="The whole answer as one JSON document")] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the JSON document to this file as well, each time that it has grown")
    ] = None,
) -> None:
    """Choose opening hours and timetables together, step by step over the years."""
    with the_context() as (context, settings):
        question = _question(context, settings, file, seed)
        name = question.roadmap.name
        written = ResultFile(output) if output is not None else None
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=errors, transient=True) as bar, ended_by_signals() as ending:
            task = bar.add_task(name, total=len(question.fronts))

            def grown(answer: RoadmapResult) -> None:
                done = sum(front["proposals"] > 0 for front in answer["fronts"])
                bar.update(task, completed=done, description=f"{name}: {answer['gap']:.1%}")
                if written is not None and answer["steps"]:
                    written.write(answer)

            with cluster_executor(cluster) as executor:
                run = RoadmapRun(
                    question=question,
                    executor=executor,
                    solve=solver_client.run if cluster else partial(solver_client.run, ending=ending),
                    store=StoredFronts(context),
                    time_limit=time_limit,
                    gap=gap,
                    ending=ending,
                    on_answer=grown,
                )
                answer = run.run()
        with quiet_broken_pipe():
            if json_:
                print_json(answer)
            else:
                _print(answer, our_words(settings))
    if answer["status"] != "solved":
        raise typer.Exit(UNSOLVED)


def _question(context: AppContext, settings: Settings, file: Path, seed: int) -> RoadmapQuestion:
    schedule = context.schedule()
    plan = read_roadmap_file(file, schedule)
    text = scenario_text(settings.schedules, plan.scenario, file)
    scenario = with_recorded_demand(
        context, schedule, read_scenario(text, schedule, plan.steps[0].starts, plan.scenario)
    )
    measured = measured_times(context, schedule, scenario)
    question = roadmap_question(plan, scenario, schedule, settings.schedules, seed, measured)
    return _with_memory(question, settings)


def _with_memory(question: RoadmapQuestion, settings: Settings) -> RoadmapQuestion:
    """The fronts with the memory limit of a plan's solver."""
    fronts = tuple(
        replace(front, request=replace(front.request, memory_mb=settings.plan_memory_mb)) for front in question.fronts
    )
    return replace(question, fronts=fronts)


def _print(answer: RoadmapResult, words: Words) -> None:
    """The road, the greedy road beside it, the cases, and what is assumed."""
    rows = [
        [
            step["starts"],
            step["option"],
            ", ".join(step["proposal"].values()),
            words.number(step["served_a_year"]),
            words.number(step["cost_a_year"] / 60),
            words.number(step["nok_a_year"]),
            words.number(step["budget_nok_a_year"]),
            " ".join(f"{words.say(f'roadmap.{kind}')} {number}" for kind, number in step["changes"].items() if number),
        ]
        for step in answer["steps"]
    ]
    columns = ["starts", "hours", "timetables", "riders", "cost", "nok", "budget", "changes"]
    print_table(answer["name"], [words.say(f"roadmap.column.{column}") for column in columns], rows)
    if answer["greedy"]["cost"] is not None and answer["cost"] is not None:
        more = answer["greedy"]["cost"] - answer["cost"]
        print(words.say("roadmap.greedy", hours=words.number(more / 60)))
    for case in answer["cases"]:
        if not case["holds"]:
            print(case_text(case, words))
    print(words.say(f"roadmap.status.{answer['status']}", seconds=words.number(answer["seconds"], 1)))
    if answer["steps"]:
        print(gap_text(answer["gap"], words))
    if "why_none" in answer:
        print(answer["why_none"])
    if answer["assumed"]:
        print(words.say("plan.assumed", names=", ".join(answer["assumed"])))
