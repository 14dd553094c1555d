"""API of today: server-sent events for open pages, and the same as one document for whoever polls."""

import json
from collections.abc import AsyncIterator
from random import uniform
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from shuttle.domain.access.permissions import Person
from shuttle.domain.basics.errors import Unavailable
from shuttle.services.ridership.live.events import Event, Look, look, standing
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of
from shuttle.web.today_watch import TodayWatch

router = APIRouter(prefix="/api/v1/today", tags=["today"], responses=ANY_PROBLEM)

RETRY_SECONDS = (2.0, 12.0)
"""Least and most seconds after which a page connects again: spread, so that pages do not come all at once after a restart."""


@router.get("")
def today(request: Request, asking: Asking) -> dict[str, Any]:
    """What is not as planned today, and what was counted, for whoever may know: for pages behind a proxy that holds events back.

    `now`: the server's time.
    """
    context = state_of(request).context
    seen, _ = look(context, Look())
    told = [{"event": event.kind, **event.document(asking)} for event in standing(seen) if event.is_for(asking)]
    return {"now": context.now().isoformat(), "events": told}


@router.get("/events", response_class=StreamingResponse)
async def events(request: Request, asking: Asking) -> StreamingResponse:
    """Server-sent events `now` with the server's time, then `cancelled`, `changed`, `left`, `arrived`, `late`, `incident`, each with the departure's id; for signed-in
    people `counted`, and for staff and planners `help`.

    A comment comes every 15 seconds. Raises Unavailable (`too-many-listeners`).
    """
    watch = state_of(request).today_watch
    if watch.is_full:
        raise Unavailable("too-many-listeners", "too many pages follow today at once; ask /api/v1/today instead")
    await run_in_threadpool(state_of(request).context.schedule)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_stream(request, watch, asking), media_type="text/event-stream", headers=headers)


async def _stream(request: Request, watch: TodayWatch, asking: Person | None) -> AsyncIterator[str]:
    yield f"retry: {uniform(*RETRY_SECONDS) * 1000:.0f}\n\n"
    yield f'event: now\ndata: {{"at": "{state_of(request).context.now().isoformat()}"}}\n\n'
    async for event in watch.listen():
        if state_of(request).ending:
            return
        if event is None:
            yield ": nothing new\n\n"
        elif event.is_for(asking):
            yield _text(event, asking)


def _text(event: Event, asking: Person | None = None) -> str:
    return f"event: {event.kind}\ndata: {json.dumps(event.document(asking), ensure_ascii=False)}\n\n"
