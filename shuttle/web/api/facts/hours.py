"""API of opening hours: regular hours by day type from a date, and special hours on dates."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import dates, parse_time_of_day
from shuttle.domain.timetable.facts.changes import LONGEST_SPAN
from shuttle.domain.timetable.opening_hours import Window
from shuttle.services.timetable import facts
from shuttle.web.api.facts.shapes import FactActShape, GivenBasis, act_document, moment_of
from shuttle.web.api.shapes import Clock, Identifier, RequestBody, ServiceDate
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1/opening-hours", tags=["facts"], responses=ANY_PROBLEM)

Windows = Annotated[
    list[tuple[Clock, Clock]],
    Field(max_length=20, description='Opening and closing times in order, as [["09:00", "21:00"]]; empty: closed'),
]


class GivenHours(GivenBasis):
    """New regular hours by day type; a day type that is left out keeps its hours."""

    hours: Annotated[dict[Identifier, Windows], Field(min_length=1, max_length=50)]


class GivenSpecialHours(RequestBody):
    """Hours on the dates from `from` to `to` (left out: `from` alone). `windows` null: the regular hours hold again."""

    from_: Annotated[ServiceDate, Field(alias="from")]
    to: ServiceDate | None = None
    windows: Windows | None
    reason: Annotated[str, Field(max_length=120)] = ""


@router.put("/{stop}", responses={200: {"model": FactActShape}})
def change_hours(request: Request, stop: str, body: GivenHours, asking: Asking) -> dict[str, object]:
    """New regular opening hours of a stop from a date; what held before stays for the dates before."""
    hours = {day_type: _windows(windows) for day_type, windows in body.hours.items()}
    with state_of(request).context.transaction() as session:
        return act_document(facts.change_hours(session, asking, stop, hours, body.basis(), moment_of(request)))


@router.put("/{stop}/special", responses={200: {"model": FactActShape}})
def change_special_hours(request: Request, stop: str, body: GivenSpecialHours, asking: Asking) -> dict[str, object]:
    """Special opening hours of a stop on dates, as at Christmas."""
    last = body.to or body.from_
    if not 0 <= (last - body.from_).days < LONGEST_SPAN:
        span, allowed = f"{body.from_} to {last}", f"1 to {LONGEST_SPAN} days, forwards"
        raise Invalid("long-span", "the dates are too many, or run backwards", given=span, allowed=allowed)
    windows = None if body.windows is None else _windows(body.windows)
    days, reason = dates(body.from_, last), body.reason
    with state_of(request).context.transaction() as session:
        moment = moment_of(request)
        return act_document(facts.change_special_hours(session, asking, stop, days, windows, reason, moment))


def _windows(windows: list[tuple[str, str]]) -> tuple[Window, ...]:
    return tuple((parse_time_of_day(opens), parse_time_of_day(closes)) for opens, closes in windows)
