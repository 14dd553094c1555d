"""Punctuality page: how many departures left on time, and measured running times, which a planner may take into the network."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Invalid, ShuttleError
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.ridership.punctuality import OnTime
from shuttle.domain.ridership.summaries import Span
from shuttle.services.ridership.live.punctuality import (
    PERCENTS,
    Acceptance,
    Punctuality,
    accept_running_time,
    punctuality_of,
)
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.ridership.overview import default_span, span_of
from shuttle.web.pages.ridership.punctuality_view import punctuality_chart, punctuality_view
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import run_in_executor, state_of

router = APIRouter(prefix="/ridership/punctuality", include_in_schema=False)

DEFAULT_PERCENT = 85
"""The percentile that timetables are usually made with: six of seven trips keep it."""

Text = Annotated[str, Form(max_length=100)]


@router.api_route("", methods=["GET", "HEAD"])
async def punctuality(request: Request) -> Response:
    """The span of the query, or the last six weeks."""
    person = allow(await maybe_person(request), Action.READ_RIDERSHIP)
    return await run_in_executor(request, lambda: _page(request, person))


@router.get("/chart.json")
async def chart(request: Request) -> Response:
    """The departures of the page as a Vega-Lite document."""
    person = allow(await maybe_person(request), Action.READ_RIDERSHIP)

    def draw() -> Response:
        context, frame = state_of(request).context, frame_of(request, person)
        measured = _found(request, person, span_of(request, default_span(context.today())))
        document = punctuality_chart(measured, context.schedule().network, context.today(), frame.words)
        return JSONResponse(document, headers={"cache-control": "no-store"})

    return await run_in_executor(request, draw)


@router.post("/running-time")
async def running_time(
    request: Request,
    origin: Text = "",
    destination: Text = "",
    percent: Text = "",
    first: Annotated[str, Form(alias="from", max_length=40)] = "",
    last: Annotated[str, Form(alias="to", max_length=40)] = "",
    holds: Text = "",
) -> Response:
    """Take the measured running times of a link into the network from the date `holds`."""
    person = allow(await maybe_person(request), Action.EDIT_FACTS)

    def act() -> Response:
        context, words = state_of(request).context, frame_of(request, person).words
        try:
            span = Span(parse_date(first), parse_date(last))
            named = {"first": words.date_short(span.first), "last": words.date_short(span.last)}
            accepted = Acceptance(
                origin=origin,
                destination=destination,
                percent=_percent(percent),
                span=span,
                first=parse_date(holds) if holds.strip() else None,
                source=words.say("punctuality.source", percent=percent, **named),
            )
            accept_running_time(context, person, accepted, _limits(request))
        except ShuttleError as error:
            return _page(request, person, (fault_of(error, words),))
        return RedirectResponse("/plan/places/network?done=running_time", 303)

    return await run_in_threadpool(act)


def _limits(request: Request) -> OnTime:
    settings = state_of(request).settings
    return OnTime(settings.on_time_before, settings.on_time_after)


def _found(request: Request, person: Person, span: Span) -> Punctuality:
    return punctuality_of(state_of(request).context, person, span, _limits(request))


def _percent(text: str) -> int:
    """Raises Invalid (`bad-percentile`)."""
    if text not in map(str, PERCENTS):
        allowed = ", ".join(map(str, PERCENTS))
        raise Invalid("bad-percentile", f"{text!r} is no percentile here", given=text, allowed=allowed)
    return int(text)


def _page(request: Request, person: Person, faults: tuple[FieldFault, ...] = ()) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    span, percent, refused = default_span(context.today()), DEFAULT_PERCENT, list(faults)
    query = request.query_params
    try:
        span = span_of(request, span)
    except Invalid as error:
        refused.append(fault_of(error, frame.words, "from"))
    try:
        percent = _percent(query.get("percent") or str(DEFAULT_PERCENT))
    except Invalid as error:
        refused.append(fault_of(error, frame.words, "percent"))
    network, limits = context.schedule().network, _limits(request)
    return show(
        request,
        frame,
        "ridership/punctuality.html",
        status=422 if refused else 200,
        view=punctuality_view(_found(request, person, span), network, percent, context.today(), frame.words),
        limits=limits,
        span=span,
        asked={"from": query.get("from", span.first.isoformat()), "to": query.get("to", span.last.isoformat())},
        percent=percent,
        percents=[(each, frame.words.percent(each / 100)) for each in PERCENTS],
        faults=refused,
        may_take=may(person, Action.EDIT_FACTS),
        today=context.today(),
    )
