"""Page of a past day's counts: who counted what, and correcting it or counting afterwards, for staff and planners."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, Refused, ShuttleError
from shuttle.domain.basics.service_time import Minute, parse_date
from shuttle.domain.ridership.boardings import CorrectionReason, Observation
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign
from shuttle.services.app_context import AppContext
from shuttle.services.ridership.boardings import StopCounts
from shuttle.services.ridership.corrections import (
    Correction,
    correct_count,
    counts_on,
    first_correctable,
    observer_names,
)
from shuttle.web.pages.faults import fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/ridership/counts", include_in_schema=False)

Text = Annotated[str, Form(max_length=220)]


@dataclass(frozen=True, kw_only=True)
class StopView:
    """A stop of a departure. `sayings`: each observer's counts in words, the first received first; `boards`, `alights`: what is counted."""

    stop: str
    name: str
    boards: bool
    alights: bool
    boardings: int | None
    alightings: int | None
    disputed: bool
    is_missing: bool
    sayings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DepartureView:
    """A departure of the day."""

    id: str
    at: Minute
    headsign: str
    stops: tuple[StopView, ...]

    @property
    def is_open(self) -> bool:
        """Whether somebody has to look at it."""
        return any(stop.disputed or stop.is_missing for stop in self.stops)


@dataclass(frozen=True)
class Refusal:
    """What was refused: the error, and the departure that it is about."""

    error: ShuttleError
    departure: str


@router.api_route("/{day}", methods=["GET", "HEAD"])
def day_page(request: Request, asking: Asking, day: str) -> Response:
    """The counts of a date. Raises Invalid (`bad-date`)."""
    return _page(request, allow(asking, Action.CORRECT_COUNTS), parse_date(day))


@router.post("")
def correct(
    request: Request,
    asking: Asking,
    departure: Text = "",
    stop: Text = "",
    boardings: Text = "",
    alightings: Text = "",
    reason: Text = "",
    key: Text = "",
) -> Response:
    """Correct one count, or count afterwards; an empty number of alightings is one that nobody looked at."""
    person = allow(asking, Action.CORRECT_COUNTS)
    state = state_of(request)
    day, _ = split_departure_id(departure)
    try:
        numbers = _number(boardings), None if not alightings.strip() else _number(alightings)
        correction = Correction(
            departure=departure, stop=stop, boardings=numbers[0], alightings=numbers[1], reason=reason
        )
        correct_count(state.context, person, correction, key, state.settings.keep_observers_days)
    except (Invalid, Refused) as error:
        return _page(request, person, day, Refusal(error, departure))
    return RedirectResponse(f"/ridership/counts/{day}?done=yes#{departure}", 303)


def _number(text: str) -> int:
    if not text.strip().isdecimal():
        raise Invalid("bad-count", f"{text!r} is not a number", given=text, allowed="a whole number from 0 on")
    return int(text)


def _page(request: Request, person: Person, day: date, refusal: Refusal | None = None) -> Response:
    state, frame = state_of(request), frame_of(request, person)
    context, words = state.context, frame.words
    first, today = first_correctable(context, state.settings.keep_observers_days), context.today()
    return show(
        request,
        frame,
        "ridership/counts.html",
        status=200 if refusal is None else 409 if isinstance(refusal.error, Refused) else 422,
        day=day,
        why=day_reason(context.schedule().calendar.service_day(day), words),
        departures=_departures(context, person, day, words),
        faults=(fault_of(refusal.error, words),) if refusal else (),
        opened=refusal.departure if refusal else "",
        reasons=[(code.value, words.say(f"correction.{code}")) for code in CorrectionReason],
        is_kept=first <= day,
        first=first,
        before=day - timedelta(days=1) if day > first else None,
        after=day + timedelta(days=1) if day < today else None,
        done="done" in request.query_params and refusal is None,
        new_key=lambda: uuid4().hex,
    )


def _departures(context: AppContext, person: Person, day: date, words: Words) -> list[DepartureView]:
    network, names = context.schedule().network, observer_names(context, person)

    def saying(observation: Observation, holds: bool) -> str:
        count = observation.count
        who = names.get(observation.source) or words.say("correction.nobody")
        key = f"role.{observation.role}"
        role = words.say(key) if words.knows(key) else words.say("ridership.paper")
        off = "–" if count.alightings is None else words.number(count.alightings)
        moment = words.moment_text(count.recorded_at or observation.received_at, context.zone)
        text = words.say(
            "correction.saying", role=role, name=who, on=words.number(count.boardings), off=off, moment=moment
        )
        if observation.reason:
            text += " " + words.say("correction.because", reason=words.say(f"correction.{observation.reason}"))
        return text + (" " + words.say("correction.holds") if holds else "")

    def stop_view(counts: StopCounts, boards: bool, alights: bool) -> StopView:
        holds = counts.held
        return StopView(
            stop=counts.stop,
            name=network.stop_name(counts.stop, day),
            boards=boards,
            alights=alights,
            boardings=holds.count.boardings if holds else None,
            alightings=holds.count.alightings if holds else None,
            disputed=counts.disputed,
            is_missing=boards and holds is None and counts.unserved is None,
            sayings=tuple(saying(each, each == holds) for each in counts.observations),
        )

    views = []
    for counted in counts_on(context, person, day):
        departure = counted.departure
        boarding = {call.stop for call in departure.calls[:-1]}
        alighting = {call.stop for call in departure.calls[1:]}
        stops = tuple(stop_view(each, each.stop in boarding, each.stop in alighting) for each in counted.stops)
        views.append(
            DepartureView(
                id=departure.id, at=departure.departs, headsign=headsign(network, departure, words), stops=stops
            )
        )
    return views
