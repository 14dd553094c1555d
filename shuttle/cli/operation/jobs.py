"""`shuttle jobs`: what runs by itself, when it ran last, and what came of it."""

from datetime import datetime
from typing import Annotated

import typer

from shuttle import jobs as clock
from shuttle.cli.common import errors, our_words, print_json, print_table, the_context
from shuttle.language import Words, outcomes, words
from shuttle.services.operation.scheduler_lease import SchedulerLease
from shuttle.store.operation.jobs import latest_runs
from shuttle.store.operation.outcomes import read_outcome
from shuttle.store.tables.operation import JobRunRow

app = typer.Typer(invoke_without_command=True)


@app.callback()
def jobs(
    typer_context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="A JSON document instead of a table")] = False,
) -> None:
    """The jobs of the clock: last, next and outcome. `jobs run NAME` runs one now."""
    if typer_context.invoked_subcommand is not None:
        return
    with the_context() as (context, settings):
        with context.reading() as session:
            last = latest_runs(session)
        words = our_words(settings)
        shown = [(job, clock.next_due(context, job), last.get(job.name)) for job in clock.JOBS]
        if json:
            print_json({"jobs": [_document(*each) for each in shown]})
            return
        texts = [
            (
                job.name,
                words.moment_text(following, context.zone),
                words.moment_text(row.started_at, context.zone) if row else "–",
                row.outcome if row else "",
                words.number(row.begun) if row else "",
                _said(row, words),
            )
            for job, following, row in shown
        ]
        print_table("", ("job", "next", "last", "outcome", "begun", "said"), texts)


def _said(row: JobRunRow | None, words: Words) -> str:
    """What came of a run, in a line."""
    remark = read_outcome(row.said) if row else None
    if remark is None:
        return ""
    told = outcomes.outcome_text(remark, words)
    return f"{told.text} {told.detail}".strip()


def _document(job: clock.Job, following: datetime, row: JobRunRow | None) -> dict[str, object]:
    return {
        "job": job.name,
        "next": following,
        "last": row.started_at if row else None,
        "outcome": row.outcome if row else None,
        "begun": row.begun if row else 0,
        "said": _said(row, words("en")) or None,
    }


@app.command()
def run(name: Annotated[str, typer.Argument(help="A job's name")]) -> None:
    """Run a job now, beside its set times."""
    job = clock.job_named(name)
    with the_context() as (context, settings):
        row = clock.run_by_hand(SchedulerLease(context), context, settings, job)
        came_of_it = _said(row, our_words(settings))
    errors.print(f"{name}: {row.outcome}: {came_of_it}")
    if row.outcome != "done":
        raise typer.Exit(1)
