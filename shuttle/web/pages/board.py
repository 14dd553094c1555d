"""Wall screen `/board`: the next departures, of all stops or of one, with delays; without sign-in and without counts.

It is read from afar and never touched: large, few lines, kept up to date by events, and without a script by loading again.
"""

from fastapi import APIRouter, Request
from starlette.responses import Response

from shuttle.domain.basics.errors import NotFound
from shuttle.services.ridership.live.day import live_day
from shuttle.web.pages.day_view import Reader, Row, day_view
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.state import state_of

router = APIRouter(include_in_schema=False)

SHOWN = 8
KEPT_MINUTES = 10
"""A departure that has gone stands on the board for so long."""


@router.api_route("/board", methods=["GET", "HEAD"])
def board(request: Request, stop: str = "") -> Response:
    """The board of `?stop=`, or of every stop. Raises NotFound (`unknown-stop`)."""
    context, frame = state_of(request).context, frame_of(request)
    schedule, now = context.schedule(), context.now()
    reader = Reader(origin=stop or None, destination=None, now=now, zone=context.zone, words=frame.words)
    today = context.today()
    names = {place.id: place.name for place in schedule.network.on(today).stops.values()}
    if stop and stop not in names:
        raise NotFound("unknown-stop", f"there is no stop {stop!r}", given=stop, allowed=", ".join(names))
    view = day_view(schedule, today, reader, live_day(context, schedule, now))
    rows = [row for row in (*view.night, *view.rows) if row.leaves and _is_shown(row, reader)]
    return show(
        request,
        frame,
        "public/board.html",
        view=view,
        rows=rows[:SHOWN],
        stop=names.get(stop, ""),
        stops=names,
        now=now.astimezone(context.zone),
    )


def _is_shown(row: Row, reader: Reader) -> bool:
    """True for departures ahead, and until KEPT_MINUTES after its time for one that has gone or is cancelled."""
    minutes = (reader.now - row.expected_moment).total_seconds() / 60
    return minutes <= KEPT_MINUTES if row.is_gone or not row.runs else True
