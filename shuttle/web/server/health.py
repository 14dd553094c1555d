"""Is it alive, and can it serve? Two questions that an operator's machines ask, and that must not be mixed.

`/healthz` says that the process answers: a restart would mend nothing else. `/readyz` says that it can do its work: the database
answers, its schema is this program's, there is room on the disk for the next count, and some process holds the clock.
"""

import logging
import shutil
from datetime import timedelta
from time import monotonic

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from shuttle.domain.basics.errors import Fault, ShuttleError, Unavailable
from shuttle.services.app_context import AppContext
from shuttle.services.operation.installation import schema_is_current
from shuttle.services.operation.operator_figures import clock_stands_since
from shuttle.settings import Settings
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

log = logging.getLogger("shuttle.web")

router = APIRouter(tags=["operation"])

LEAST_FREE_BYTES = 50 * 1024 * 1024
"""Below this a disk counts as full: SQLite's log alone may grow by that much."""

CLOCK_MAY_STAND = timedelta(minutes=15)
"""A job that takes long keeps its process from renewing the lease, and is no reason to turn anybody away."""

NEVER_KEPT = {"Cache-Control": "no-store"}


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def alive() -> Response:
    """200 as long as the process answers."""
    return JSONResponse({"status": "alive"}, headers=NEVER_KEPT)


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses={503: ANY_PROBLEM[503]})
async def ready(request: Request) -> Response:
    """200 when it can serve, with what was looked at; 503 names what is wrong."""
    state = state_of(request)
    checks = await run_in_threadpool(look, state.context, state.settings, monotonic() - state.began)
    if wrong := [Fault(what=said, where=name) for name, said in checks.items() if said != "ok"]:
        raise Unavailable("not-ready", "; ".join(str(fault) for fault in wrong), faults=wrong)
    return JSONResponse({"status": "ready", "checks": checks}, headers=NEVER_KEPT)


def look(context: AppContext, settings: Settings, seconds_up: float) -> dict[str, str]:
    """Each check by name: `ok`, or what is wrong. A process that has just begun is not asked for a clock yet."""
    checks = {"database": "ok", "schema": "ok", "disk": "ok", "clock": "ok"}
    try:
        context.schedule()
        if not schema_is_current(context):
            checks["schema"] = "another version of the program has changed it, or it was not brought up to date"
        stands = clock_stands_since(context)
        if seconds_up > CLOCK_MAY_STAND.total_seconds() and (stands is None or stands > CLOCK_MAY_STAND):
            held = "ever held it" if stands is None else f"held it for {str(stands).partition('.')[0]}"
            checks["clock"] = f"nobody has {held}"
    except ShuttleError as error:
        log.warning("not ready: %s", error.whole)
        checks["database"] = error.detail
    folder = settings.data_dir if settings.data_dir.exists() else settings.data_dir.resolve().parent
    free = shutil.disk_usage(folder).free if folder.exists() else LEAST_FREE_BYTES
    if free < LEAST_FREE_BYTES:
        checks["disk"] = f"{free // 1_048_576} MiB are free; it takes {LEAST_FREE_BYTES // 1_048_576}"
    return checks
