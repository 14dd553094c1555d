"""Command `sweep`: many scenarios, each result as it comes. A failed scenario does not stop the others.

A scenario that cannot be read has failed at once. One whose solver or worker was lost is solved again, `--retries` times.
"""

from collections.abc import Iterator
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures import TimeoutError as FuturesTimeout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from shuttle.cli.common import errors, print_json, print_table, the_context
from shuttle.cli.planning.cluster import executor
from shuttle.cli.planning.plans import scenario_of_file
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.planning.result import PlanResult
from shuttle.planner.process import solver_client
from shuttle.planner.process.request import PlanRequest
from shuttle.services.planning.requests import request_for

app = typer.Typer()

FAILED = 1
"""Exit code where a scenario has no answer."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer of one scenario, by its place among the arguments; or why there is none."""

    place: int
    name: str
    result: PlanResult | None = None
    failure: str = ""

    @property
    def document(self) -> dict[str, Any]:
        """The document of `plan --json`; of a failure `scenario`, `status` `failed` and `failure`."""
        if self.result is not None:
            return dict(self.result)
        return {"scenario": self.name, "status": "failed", "failure": self.failure, "day_types": {}}


@app.command()
def sweep(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files")],
    cluster: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler; without it, the local cores")
    ] = None,
    time_limit: Annotated[float, typer.Option(min=1, max=3600, help="Seconds for each scenario")] = 300,
    retries: Annotated[int, typer.Option(min=0, max=10, help="How often a lost scenario is solved again")] = 1,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the JSON document of each answer, written when it comes")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="All answers as one JSON document")] = False,
) -> None:
    """Solve many scenarios, each answer as it comes, and show the knee of each. Exit code 1 where one has no answer."""
    with the_context() as (context, settings):
        schedule = context.schedule()
        requests: dict[int, PlanRequest] = {}
        answers: dict[int, Answer] = {}
        faults: list[ShuttleError] = []
        for place, path in enumerate(scenarios):
            try:
                question = scenario_of_file(context, schedule, path)
                request = request_for(question, schedule, settings.schedules, time_limit, 1)
            except ShuttleError as error:
                faults.append(error)
                answers[place] = Answer(place=place, name=path.stem, failure=_line(error))
            else:
                requests[place] = replace(request, hindsight_days=0, memory_mb=settings.plan_memory_mb)
        if not requests:
            raise faults[0]
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
        for answer in answers.values():
            _tell(answer, len(answers), len(scenarios), output)
        with executor(cluster) as workers:
            for answer in _answers(workers, requests, retries):
                answers[answer.place] = answer
                _tell(answer, len(answers), len(scenarios), output)
        in_order = [answers[place] for place in sorted(answers)]
        if json_:
            print_json([answer.document for answer in in_order])
        else:
            columns = ["scenario", "day type", "status", "proposals", "knee", "cost", "NOK"]
            print_table("", columns, [row for answer in in_order for row in _rows(answer)])
    if any(answer.result is None for answer in in_order):
        raise typer.Exit(FAILED)


def _answers(workers: Executor, requests: dict[int, PlanRequest], retries: int) -> Iterator[Answer]:
    """The answers in the order in which they come."""
    left = dict.fromkeys(requests, retries)
    waiting: dict[Future[PlanResult], int] = {}

    def ask(place: int) -> None:
        waiting[workers.submit(solver_client.run, requests[place])] = place

    for place in requests:
        ask(place)
    while waiting:
        future = next(iter(as_completed(list(waiting))))
        place = waiting.pop(future)
        name = requests[place].scenario.id
        try:
            yield Answer(place=place, name=name, result=future.result())
        except (
            ShuttleError,
            OSError,
            RuntimeError,
            FuturesTimeout,
        ) as error:  # a lost worker is a RuntimeError of Dask
            again = left[place] > 0 and not isinstance(error, Invalid)
            if not again:
                yield Answer(place=place, name=name, failure=_line(error))
                continue
            left[place] -= 1
            errors.print(f"{name}: {_line(error)}; solving it again", soft_wrap=True)
            ask(place)


def _tell(answer: Answer, done: int, of: int, output: Path | None) -> None:
    """The answer on standard error, in one line, and as a file in the folder."""
    outcome = f"{answer.result['status']}, {answer.result['seconds']:.0f} s" if answer.result else answer.failure
    errors.print(f"{done} of {of}: {answer.name}: {outcome}", soft_wrap=True)
    if output is not None:
        path = output / f"{answer.place + 1:03d}-{answer.name}.json"
        path.write_bytes(orjson.dumps(answer.document, option=orjson.OPT_INDENT_2))


def _line(error: Exception) -> str:
    what = error.whole if isinstance(error, ShuttleError) else f"{type(error).__name__}: {error}"
    return what.splitlines()[0][:300] if what else type(error).__name__


def _rows(answer: Answer) -> list[list[str]]:
    if answer.result is None:
        return [[answer.name, "", "failed", "0", "", "", ""]]
    return [_summary(answer.result, day_type) for day_type in answer.result["day_types"]]


def _summary(result: PlanResult, day_type: str) -> list[str]:
    day = result["day_types"][day_type]
    knee = next((proposal for proposal in day["proposals"] if proposal["id"] == day["knee"]), None)
    figures = [knee["id"], f"{knee['cost']:.0f}", f"{knee['nok']:.0f}"] if knee else ["", "", ""]
    return [result["scenario"], day_type, result["status"], str(len(day["proposals"])), *figures]
