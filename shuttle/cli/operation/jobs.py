"""`shuttle jobs`: scheduled jobs with their last run, next run and outcome; `shuttle jobs run` runs one now."""

from datetime import datetime
from typing import Annotated

import typer

from shuttle import jobs as scheduled_jobs
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
    """Scheduled jobs: last run, next run and outcome. `jobs run NAME` runs one now."""
    if typer_context.invoked_subcommand is not None:
        return
    with the_context() as (context, settings):
        with context.reading() as session:
            last = latest_runs(session)
        words = our_words(settings)
        runs = [(job, scheduled_jobs.next_due(context, job), last.get(job.name)) for job in scheduled_jobs.JOBS]
        if json:
            print_json({"jobs": [_document(*run) for run in runs]})
            return
        texts = [
            (
                job.name,
                words.moment_text(following, context.zone),
                words.moment_text(row.started_at, context.zone) if row else "–",
                row.outcome if row else "",
                words.number(row.begun) if row else "",
                _outcome(row, words),
            )
            for job, following, row in runs
        ]
        print_table("", ("job", "next", "last", "outcome", "begun", "said"), texts)


def _outcome(row: JobRunRow | None, words: Words) -> str:
    """The outcome of a run in one line; empty without one."""
    outcome = read_outcome(row.said) if row else None
    if outcome is None:
        return ""
    text = outcomes.outcome_text(outcome, words)
    return f"{text.text} {text.detail}".strip()


def _document(job: scheduled_jobs.Job, following: datetime, row: JobRunRow | None) -> dict[str, object]:
    return {
        "job": job.name,
        "next": following,
        "last": row.started_at if row else None,
        "outcome": row.outcome if row else None,
        "begun": row.begun if row else 0,
        "said": _outcome(row, words("en")) or None,
    }


@app.command()
def run(name: Annotated[str, typer.Argument(help="A job's name")]) -> None:
    """Run a job now, outside its schedule; ends with 1 where it fails."""
    job = scheduled_jobs.job_named(name)
    with the_context() as (context, settings):
        row = scheduled_jobs.run_by_hand(SchedulerLease(context), context, settings, job)
        text = _outcome(row, our_words(settings))
    errors.print(f"{name}: {row.outcome}: {text}")
    if row.outcome != "done":
        raise typer.Exit(1)
