"""API of ridership: sums of counts beside the departures that ran and were counted.

Staff get exact figures. Readers get released fortnights, in which small numbers are suppressed (statistical disclosure control).
"""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from shuttle.domain.access.permissions import Action, Person, may
from shuttle.domain.basics.service_time import parse_iso_date
from shuttle.domain.ridership.destination_sums import DestinationSum
from shuttle.domain.ridership.summaries import Grouping, RidershipRow, Span, groupings
from shuttle.services.app_context import AppContext
from shuttle.services.ridership import ridership as ridership_service
from shuttle.services.ridership.releases import release_document, released, released_state
from shuttle.services.ridership.riders.by_destination import riders_by
from shuttle.services.ridership.riders.release_parts import DESTINATION
from shuttle.store.ridership.releases import StoredRelease
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.response_cache import in_pieces
from shuttle.web.server.state import run_in_executor, state_of

router = APIRouter(prefix="/api/v1", tags=["ridership"], responses=ANY_PROBLEM)

ROWS_AT_ONCE = 500

_BREAKDOWNS = {
    Grouping.DESTINATION: "destination",
    Grouping.STOP: "stop",
    Grouping.DAY: "day_type",
    Grouping.WEEKDAY: "day_type",
}
"""Grouping -> the breakdown of a release that answers it; of several groupings the first one here."""


@router.get("/ridership", response_model=None)
async def ridership(
    request: Request,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first service date, YYYY-MM-DD")],
    last: Annotated[str, Query(alias="to", description="The last service date, YYYY-MM-DD")],
    by: Annotated[
        str, Query(max_length=60, description="day, weekday, stop, hour, trip, destination: one or several")
    ] = "day",
) -> Response:
    """Sums of what was counted, beside the departures that run, have left, and were counted.

    A reader gets the released fortnights that lie in the span, by stop or day type. There null is a small number that is
    hidden, or one that was not recorded; `state` says which (number, zero, hidden, not_recorded).

    By destination `riders` is the number who left there; null where the counts do not tell it. Then it lies from `riders_at_least`
    to `riders_at_most` (null: no upper bound), on the counted departures.
    """
    span, grouping = Span(parse_iso_date(first), parse_iso_date(last)), groupings(by)
    context = state_of(request).context

    def pieces() -> list[bytes]:
        if may(asking, Action.READ_EXACT_RIDERSHIP):
            if Grouping.DESTINATION in grouping:
                return [orjson.dumps(destination_document(context, asking, span, grouping))]
            return exact_pieces(context, asking, span, grouping)
        return [orjson.dumps(released_document(span, grouping, released(context, asking, span)))]

    return in_pieces(await run_in_executor(request, pieces), "application/json")


@router.get("/releases")
def releases(request: Request, asking: Asking) -> dict[str, Any]:
    """All released fortnights with the figures that were released then."""
    return {"releases": [release_document(release) for release in released(state_of(request).context, asking)]}


def destination_document(
    context: AppContext, person: Person | None, span: Span, by: tuple[Grouping, ...]
) -> dict[str, Any]:
    """Riders by destination, beside the span's totals."""
    rows = riders_by(context, person, span, by)
    names = [grouping.value for grouping in by]
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "by": names,
        "suppressed": False,
        **_figures(ridership_service.ridership(context, person, span, ()).total),
        "rows": [{**dict(zip(names, map(_plain, row.key), strict=True)), **_riders(row)} for row in rows],
    }


def _riders(row: DestinationSum) -> dict[str, int | None]:
    counted = row.riders if row.counted else None
    return {
        "riders": counted.exact if counted else None,
        "riders_at_least": counted.least if counted else None,
        "riders_at_most": counted.most if counted else None,
        "departures_run": row.run,
        "departures_due": row.due,
        "departures_counted": row.counted,
        "departures_exact": row.exact,
    }


def released_document(span: Span, by: tuple[Grouping, ...], fortnights: list[StoredRelease]) -> dict[str, Any]:
    """Released fortnights in the shape of exact figures; a fortnight is the finest span."""
    breakdown = next((name for grouping, name in _BREAKDOWNS.items() if grouping in by), "")
    totals = [stored.release.total for stored in fortnights]
    return {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "by": ["fortnight", *([breakdown] if breakdown else [])],
        "suppressed": True,
        "boardings": sum(total or 0 for total in totals),
        "fortnights_hidden": totals.count(None),
        "departures_run": sum(stored.run.run for stored in fortnights),
        "departures_counted": sum(stored.run.counted for stored in fortnights),
        "rows": [row for stored in fortnights for row in _released_rows(stored, breakdown)],
    }


def _released_rows(stored: StoredRelease, breakdown: str) -> list[dict[str, Any]]:
    fortnight = {"from": stored.fortnight.first.isoformat(), "to": stored.fortnight.last.isoformat()}
    if not breakdown:
        run = {"departures_run": stored.run.run, "departures_counted": stored.run.counted}
        return [{**fortnight, **_released(stored.release.total, stored.is_counted), **run}]
    parts = stored.release.breakdowns.get(breakdown, {})
    others = stored.release.not_counted.get(breakdown, ())
    amount = "riders" if breakdown == DESTINATION else "boardings"
    return [
        *({**fortnight, breakdown: part, **_released(number, of=amount)} for part, number in parts.items()),
        *({**fortnight, breakdown: part, **_released(0, False, of=amount)} for part in others),
    ]


def _released(number: int | None, is_counted: bool = True, of: str = "boardings") -> dict[str, int | str | None]:
    return {of: number if is_counted else None, "state": released_state(number, is_counted)}


@ridership_service.no_garbage_collection()
def exact_pieces(context: AppContext, person: Person | None, span: Span, by: tuple[Grouping, ...]) -> list[bytes]:
    """The document in pieces: span, groupings, totals, and a row per key with the key's values by name.

    A year at its finest has some hundred thousand rows. They are encoded and freed ROWS_AT_ONCE at a time, since one long call would
    hold the interpreter lock and block the event loop.
    """
    summary = ridership_service.ridership(context, person, span, by)
    names = [grouping.value for grouping in by]
    head = {
        "from": span.first.isoformat(),
        "to": span.last.isoformat(),
        "by": names,
        "suppressed": False,
        **_figures(summary.total),
        "rows": [],
    }
    pieces = [orjson.dumps(head)[: -len("]}")]]
    remaining = list(reversed(summary.lines))
    del summary
    while remaining:
        some = remaining[: -ROWS_AT_ONCE - 1 : -1]
        del remaining[-ROWS_AT_ONCE:]
        rows = [{**dict(zip(names, map(_plain, row.key), strict=True)), **_figures(row)} for row in some]
        pieces.append(orjson.dumps(rows)[1:-1] + (b"," if remaining else b""))
    return [*pieces, b"]}"]


def _plain(value: date | str | int) -> str | int:
    return value.isoformat() if isinstance(value, date) else value


def _figures(row: RidershipRow) -> dict[str, int]:
    amounts, run = row.amounts, row.run
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
