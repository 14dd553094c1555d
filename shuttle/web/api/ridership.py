"""How many rode, over the API."""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, Person, may
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.ridership.summaries import Grouping, RidershipRow, Span, groupings
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import ridership as acts
from shuttle.services.ridership.releases import release_document, released, released_state
from shuttle.store.ridership.releases import StoredRelease
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.response_cache import in_pieces
from shuttle.web.server.state import state_of, work

router = APIRouter(prefix="/api/v1", tags=["ridership"], responses=ANY_PROBLEM)

ROWS_AT_ONCE = 500


@router.get("/ridership", response_model=None)
async def ridership(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first service date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last service date, YYYY-MM-DD")],
    by: Annotated[str, Query(max_length=60, description="day, weekday, stop, hour, trip: one or several")] = "day",
) -> Response:
    """Sums of what was counted, beside the departures that run, have left, and were counted.

    A reader gets the released fortnights that lie in the span, by stop or day type. There null is a small number that is
    hidden, or what nobody counted; `state` says which (number, zero, hidden, not_recorded).
    """
    span, asked = Span(parse_date(first), parse_date(last)), groupings(by)
    context = state_of(request).context

    def pieces() -> list[bytes]:
        if may(asking, Action.READ_EXACT_RIDERSHIP):
            return exact_pieces(context, asking, span, asked)
        return [orjson.dumps(released_document(span, asked, released(context, asking, span)))]

    return in_pieces(await work(request, pieces), "application/json")


@router.get("/releases")
def releases(request: Request, asking: Asking) -> dict[str, Any]:
    """Every fortnight whose figures have been released, as they were released."""
    return {"releases": [release_document(frozen) for frozen in released(state_of(request).context, asking)]}


def released_document(span: Span, asked: tuple[Grouping, ...], found: list[StoredRelease]) -> dict[str, Any]:
    """Released fortnights in the shape of exact figures. Finer than a fortnight there is nothing."""
    breakdown = "stop" if Grouping.STOP in asked else "day_type" if {Grouping.DAY, Grouping.WEEKDAY} & {*asked} else ""
    shown = [frozen.release.total for frozen in found]
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "by": ["fortnight", *([breakdown] if breakdown else [])],
        "suppressed": True,
        "boardings": sum(total or 0 for total in shown),
        "fortnights_hidden": shown.count(None),
        "departures_run": sum(frozen.run.run for frozen in found),
        "departures_counted": sum(frozen.run.counted for frozen in found),
        "rows": [row for frozen in found for row in _released_rows(frozen, breakdown)],
    }


def _released_rows(frozen: StoredRelease, breakdown: str) -> list[dict[str, Any]]:
    fortnight = {"from": frozen.fortnight.first.isoformat(), "to": frozen.fortnight.last.isoformat()}
    if not breakdown:
        run = {"departures_run": frozen.run.run, "departures_counted": frozen.run.counted}
        return [{**fortnight, **_released(frozen.release.total, frozen.is_counted), **run}]
    parts = frozen.release.breakdowns.get(breakdown, {})
    others = frozen.release.not_counted.get(breakdown, ())
    return [
        *({**fortnight, breakdown: part, **_released(shown)} for part, shown in parts.items()),
        *({**fortnight, breakdown: part, **_released(0, False)} for part in others),
    ]


def _released(number: int | None, is_counted: bool = True) -> dict[str, int | str | None]:
    return {"boardings": number if is_counted else None, "state": released_state(number, is_counted)}


@acts.no_garbage_collection()
def exact_pieces(context: AppContext, person: Person | None, span: Span, by: tuple[Grouping, ...]) -> list[bytes]:
    """The span, the groupings, the whole, and a row for each key with the key's values by name: the pieces of a document.

    A year in its finest lines has some hundred thousand rows. They are written, and dropped, a few at a time: what is done to
    all of them at a stroke keeps the event loop from the interpreter.
    """
    found = acts.ridership(context, person, span, by)
    names = [grouping.value for grouping in by]
    head = {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "by": names,
        "suppressed": False,
        **_figures(found.total),
        "rows": [],
    }
    pieces = [orjson.dumps(head)[: -len("]}")]]
    lines = list(reversed(found.lines))
    del found
    while lines:
        some = lines[: -ROWS_AT_ONCE - 1 : -1]
        del lines[-ROWS_AT_ONCE:]
        rows = [{**dict(zip(names, map(_plain, line.key), strict=True)), **_figures(line)} for line in some]
        pieces.append(orjson.dumps(rows)[1:-1] + (b"," if lines else b""))
    return [*pieces, b"]}"]


def _plain(value: date | str | int) -> str | int:
    return value.isoformat() if isinstance(value, date) else value


def _figures(line: RidershipRow) -> dict[str, int]:
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
        "departures_partly_counted": run.partly,
        "departures_unserved": run.unserved,
    }
