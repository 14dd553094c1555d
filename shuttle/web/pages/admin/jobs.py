"""Scheduled jobs and backups as shown to administrators.

A backup gets its name only after it was restored elsewhere and compared: the file's time is when it was verified.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import FileResponse, RedirectResponse, Response

from shuttle.domain.basics.errors import NotFound, Refused
from shuttle.language import Words
from shuttle.language.outcomes import OutcomeText, outcome_text
from shuttle.services.operation.backups import note_download
from shuttle.services.operation.wall_clock import confirm_clock
from shuttle.store.operation.jobs import latest_runs
from shuttle.store.operation.outcomes import read_outcome
from shuttle.store.tables.operation import JobRunRow
from shuttle.web.pages.access.signing_in import fresh_admin
from shuttle.web.server.state import State, state_of

router = APIRouter(prefix="/admin", include_in_schema=False)


@dataclass(frozen=True)
class JobLine:
    """A scheduled job; `last` is its latest run, `came_of_it` that run's outcome in words."""

    name: str
    due_next: datetime
    last: JobRunRow | None
    came_of_it: OutcomeText | None


@dataclass(frozen=True)
class BackupLine:
    """A backup file and its size in kB."""

    name: str
    kilobytes: float
    verified_at: datetime


@router.post("/jobs/run")
async def run_job(request: Request, job: Annotated[str, Form(max_length=80)] = "") -> Response:
    """Run a job now, outside its schedule; the answer comes when it has ended. Raises Refused (`no-clock`)."""
    person = await fresh_admin(request)
    scheduler = state_of(request).scheduler
    if scheduler is None:
        raise Refused("no-clock", "this process runs no jobs", allowed="`shuttle jobs run NAME`")
    outcome = await run_in_threadpool(scheduler.run_now, person, job)
    return RedirectResponse(f"/admin?ran={'well' if outcome == 'done' else 'badly'}#jobs", 303)


@router.post("/clock/confirm")
async def confirm_time(request: Request) -> Response:
    """Confirm that the clock is right after it leapt, so that releases, reports and retention go on."""
    person = await fresh_admin(request)
    await run_in_threadpool(confirm_clock, state_of(request).context, person)
    return RedirectResponse("/admin?done=yes", 303)


@router.api_route("/backups/{name}", methods=["GET", "HEAD"])
async def download_backup(request: Request, name: str) -> Response:
    """A backup of this machine as a file; the audit log keeps who took it. Raises NotFound (`unknown-backup`)."""
    person = await fresh_admin(request)
    state = state_of(request)
    folder = state.settings.data_dir / "backups"
    if name not in {line.name for line in backup_lines(folder)}:
        raise NotFound("unknown-backup", f"this machine has no backup {name[:80]!r}", given=name[:80])
    if request.method == "GET":
        await run_in_threadpool(note_download, state.context, person, name)
    return FileResponse(
        folder / name, filename=name, media_type="application/vnd.sqlite3", headers={"cache-control": "no-store"}
    )


def job_lines(state: State, words: Words) -> list[JobLine]:
    """All jobs in the order of the night; empty where this process has no scheduler."""
    if state.scheduler is None:
        return []
    with state.context.reading() as session:
        last = latest_runs(session)
        session.expunge_all()
    return [
        JobLine(name, due, last.get(name), _outcome(last.get(name), words)) for name, due in state.scheduler.upcoming()
    ]


def _outcome(run: JobRunRow | None, words: Words) -> OutcomeText | None:
    outcome = read_outcome(run.said) if run else None
    return outcome_text(outcome, words) if outcome else None


def backup_lines(folder: Path) -> list[BackupLine]:
    """The nightly backups, newest first."""
    files = [(file.name, file.stat()) for file in sorted(folder.glob("shuttle-*.db"), reverse=True)]
    return [BackupLine(name, stat.st_size / 1000, datetime.fromtimestamp(stat.st_mtime, UTC)) for name, stat in files]
