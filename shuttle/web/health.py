"""Health checks: `/healthz` (liveness) and `/readyz` (readiness).

Liveness means that the process answers; only its failure justifies a restart. Readiness means that the process can serve: the database
answers, its schema is this program's, what a count needs can be read and written, the disk has space for the next count, and some
process holds the scheduler's lease. A leap of the clock that nobody has confirmed is named under `time` and makes no process unready:
counts are received all the same.
"""

import logging
import shutil
from datetime import timedelta
from time import monotonic

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from shuttle import __version__
from shuttle.domain.basics.errors import Fault, Refused, ShuttleError, Unavailable
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import check_counting, schema_is_current
from shuttle.services.operation.operator_figures import time_without_scheduler
from shuttle.services.operation.wall_clock import check_clock
from shuttle.settings import Settings
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

log = logging.getLogger("shuttle.web")

router = APIRouter(tags=["operation"])

LEAST_FREE_BYTES = 50 * 1024 * 1024
"""Below this a disk counts as full: SQLite's write-ahead log alone may grow by that much."""

WITHOUT_SCHEDULER = timedelta(minutes=15)
"""Longest accepted time without a lease: a long job keeps its process from renewing it."""

TIME = "time"
"""The check that is only told: it is missing while nothing is wrong."""

NO_STORE = {"Cache-Control": "no-store"}


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def alive() -> Response:
    """200 as long as the process answers, and the version of the program."""
    return JSONResponse({"status": "alive", "version": __version__}, headers=NO_STORE)


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses={503: ANY_PROBLEM[503]})
async def ready(request: Request) -> Response:
    """200 with the result of each check; 503 (`not-ready`) names those that failed."""
    state = state_of(request)
    checks = await run_in_threadpool(check, state.context, state.settings, monotonic() - state.monotonic_start)
    if faults := [Fault(what=what, where=name) for name, what in checks.items() if what != "ok" and name != TIME]:
        raise Unavailable("not-ready", "; ".join(str(fault) for fault in faults), faults=faults)
    return JSONResponse({"status": "ready", "checks": checks}, headers=NO_STORE)


def check(context: AppContext, settings: Settings, seconds_up: float) -> dict[str, str]:
    """Name of each check -> `ok`, or what is wrong. The scheduler is checked only after the process ran for WITHOUT_SCHEDULER."""
    checks = {"database": "ok", "schema": "ok", "counts": "ok", "disk": "ok", "clock": "ok"}
    try:
        context.schedule()
        if not schema_is_current(context):
            checks["schema"] = "another version of the program has changed it, or it was not brought up to date"
        idle = time_without_scheduler(context)
        if seconds_up > WITHOUT_SCHEDULER.total_seconds() and (idle is None or idle > WITHOUT_SCHEDULER):
            since = "ever" if idle is None else f"for {str(idle).partition('.')[0]}"
            checks["clock"] = f"no process has held the scheduler's lease {since}"
        check_clock(context)
    except Refused as error:
        log.warning("%s", error.whole)
        checks[TIME] = error.detail
    except ShuttleError as error:
        log.warning("not ready: %s", error.whole)
        checks["database"] = error.detail
    if checks["database"] == "ok":
        checks["counts"] = _counts(context)
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.resolve().parent
    free = shutil.disk_usage(folder).free if folder.exists() else LEAST_FREE_BYTES
    if free < LEAST_FREE_BYTES:
        checks["disk"] = f"{free // 1_048_576} MiB are free; at least {LEAST_FREE_BYTES // 1_048_576} are needed"
    return checks


def _counts(context: AppContext) -> str:
    """`ok` where what a count needs can be read and written; a damaged page shows there first."""
    try:
        check_counting(context)
    except ShuttleError as error:
        log.warning("counts cannot be stored: %s", error.whole)
        return error.detail
    return "ok"
