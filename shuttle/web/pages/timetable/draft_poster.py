"""The poster of a version that is not in force: to print and hang up before it starts, or to look at before it is published.

It is made as if the version were published from a date on. Nothing is stored, and only planners see it.
"""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.errors import NotFound
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.timetable.publishing.findings import as_if_published
from shuttle.feeds.printed.poster import Paper, poster_pdf
from shuttle.settings import PRINT_FONTS
from shuttle.web.pages.frame import frame_of
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import run_in_executor, state_of

router = APIRouter(prefix="/plan/timetables/{timetable_id}", include_in_schema=False)


@router.api_route("/poster.pdf", methods=["GET", "HEAD"])
async def draft_poster(
    request: Request,
    asking: Asking,
    timetable_id: str,
    first: Annotated[str, Query(alias="from", max_length=20)] = "",
    paper: Paper = "a4",
    stop: str | None = None,
) -> Response:
    """The poster from a date on (today, where none is given). Raises NotFound (`unknown-timetable`, `no-timetable`)."""
    allow(asking, Action.PLAN)
    state, frame = state_of(request), frame_of(request, asking)
    schedule = state.context.schedule()
    timetable = schedule.timetable_by_id.get(timetable_id)
    if timetable is None:
        raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
    day = parse_date(first) if first else state.context.today()
    shown = as_if_published(schedule, timetable, Validity(day, None))
    address = f"{state.settings.public_address or frame.base_url}/"
    pdf = await run_in_executor(
        request,
        lambda: poster_pdf(
            shown,
            day,
            frame.words.language,
            paper,
            address,
            PRINT_FONTS,
            stop=stop,
            telephone=state.settings.telephone,
        ),
    )
    name = f"{timetable_id}-{day.isoformat()}-{paper}-{frame.words.language}.pdf"
    headers = {"cache-control": "no-store", "content-disposition": f'inline; filename="{name}"'}
    return Response(pdf, headers=headers, media_type="application/pdf")
