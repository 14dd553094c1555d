"""How many rode, over the API."""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shuttle.domain.clock import parse_date
from shuttle.domain.ridership import Line, Ridership, Span, groupings
from shuttle.services import ridership as acts
from shuttle.web.identity import Asking
from shuttle.web.problems import ANY_PROBLEM
from shuttle.web.state import state_of

router = APIRouter(prefix="/api/v1", tags=["ridership"], responses=ANY_PROBLEM)


@router.get("/ridership", response_model=None)
def ridership(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first service date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last service date, YYYY-MM-DD")],
    by: Annotated[str, Query(max_length=60, description="day, weekday, stop, hour, trip: one or several")] = "day",
) -> Response:
    """Sums of what was counted, beside the departures that run, have left, and were counted."""
    span = Span(parse_date(first), parse_date(last))
    found = acts.ridership(state_of(request).house, asking, span, groupings(by))
    return Response(orjson.dumps(ridership_document(found)), media_type="application/json")


def ridership_document(ridership: Ridership) -> dict[str, Any]:
    """The span, the groupings, the whole, and a row for each key with the key's values by name."""
    names = [grouping.value for grouping in ridership.by]
    return {
        "from": ridership.span.first.isoformat(),
        "to": ridership.span.last.isoformat(),
        "by": names,
        "suppressed": False,
        **_figures(ridership.total),
        "rows": [dict(zip(names, map(_plain, line.key), strict=True)) | _figures(line) for line in ridership.lines],
    }


def _plain(value: date | str | int) -> str | int:
    return value.isoformat() if isinstance(value, date) else value


def _figures(line: Line) -> dict[str, int]:
    amounts, run = line.amounts, line.run
    return {
        "boardings": amounts.boardings,
        "alightings": amounts.alightings,
        "left_behind": amounts.left_behind,
        "full": amounts.full,
        "counts": amounts.counts,
        "departures_run": run.run,
        "departures_due": run.due,
        "departures_counted": run.counted,
    }
