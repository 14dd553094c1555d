"""Ridership page: boardings, how much was counted, charts and stored reports; a reader sees released figures only."""

from collections.abc import Sequence
from datetime import date, timedelta

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Invalid, NotFound
from shuttle.domain.basics.service_time import parse_date
from shuttle.domain.ridership.fortnights import DAYS, Period
from shuttle.domain.ridership.summaries import Span
from shuttle.domain.timetable.departures import Departure
from shuttle.feeds.printed.report import MEDIA
from shuttle.feeds.printed.ridership_sheets import cells, monday_of, passed_by, reasons_text
from shuttle.language.headsigns import headsign
from shuttle.services.app_context import AppContext
from shuttle.services.operation.stored_reports import read_stored_report, stored_reports
from shuttle.services.ridership.corrections import first_correctable
from shuttle.services.ridership.figures import figures
from shuttle.services.ridership.releases import released
from shuttle.services.ridership.riders.coordination import coordination
from shuttle.services.ridership.trials import planned_trials
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.ridership import charts
from shuttle.web.pages.ridership.fortnight_view import FortnightView, fortnight_view
from shuttle.web.server.identity import maybe_person
from shuttle.web.server.state import run_in_executor, state_of

router = APIRouter(prefix="/ridership", include_in_schema=False)

WEEKS = 6
"""Default span: the six weeks between two meetings of the coordination group."""

LONGEST = 2 * 366
"""Most days of a span."""
REPORTS_SHOWN = 24
"""Stored reports on the page; older ones stay in the database."""


@router.api_route("", methods=["GET", "HEAD"])
async def ridership(request: Request) -> Response:
    """The span of the query, or the last six weeks; a reader gets released figures."""
    person = allow(await maybe_person(request), Action.READ_RIDERSHIP)
    exact = may(person, Action.READ_EXACT_RIDERSHIP)
    return await run_in_executor(request, lambda: (_page if exact else _released)(request, person))


@router.get("/charts/{name}.json")
async def chart(request: Request, name: str) -> Response:
    """A chart of the page as a Vega-Lite document. Raises NotFound (`unknown-chart`)."""
    person = allow(await maybe_person(request), Action.READ_EXACT_RIDERSHIP)
    return await run_in_executor(request, lambda: _chart(request, person, name))


@router.get("/reports/{name}")
async def stored_report(request: Request, name: str) -> Response:
    """A report that a job stored when its period was over."""
    person = allow(await maybe_person(request), Action.READ_EXACT_RIDERSHIP)
    report, content = await run_in_threadpool(read_stored_report, state_of(request).context, person, name)
    headers = {"content-disposition": f'attachment; filename="{report.name}"', "cache-control": "no-store"}
    return Response(content, media_type=MEDIA[report.wanted], headers=headers)


def _page(request: Request, person: Person) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    network = context.schedule().network
    faults: tuple[FieldFault, ...] = ()
    span = default_span(context.today())
    try:
        span = span_of(request, span)
    except Invalid as error:
        faults = (fault_of(error, frame.words, "from"),)
    return show(
        request,
        frame,
        "ridership/overview.html",
        status=422 if faults else 200,
        faults=faults,
        span=span,
        asked={
            "from": request.query_params.get("from", span.first.isoformat()),
            "to": request.query_params.get("to", span.last.isoformat()),
        },
        found=figures(context, person, span, frame.words),
        names={stop.id: stop.name for stop in network.stops},
        whereto=lambda departure: headsign(network, departure, frame.words),
        zone=context.zone,
        today=context.today(),
        may_correct=may(person, Action.CORRECT_COUNTS),
        correctable=first_correctable(context, state_of(request).settings.keep_observers_days),
        departure_of=lambda key: _departure(context, key),
        passed_by=passed_by,
        reasons_text=reasons_text,
        sheet=lambda sheet: cells(sheet, frame.words),
        filed=stored_reports(context, person)[:REPORTS_SHOWN],
        view=_fortnight(request, person),
    )


def _departure(context: AppContext, key: str) -> Departure | None:
    """The departure with the id; None where no timetable has it any more."""
    try:
        return context.schedule().departure(key)
    except NotFound:
        return None


def _fortnight(request: Request, person: Person) -> FortnightView | None:
    """The fortnight of `?fortnight=`, a date in it, or the last whole one; None without figures."""
    state, frame = state_of(request), frame_of(request, person)
    context = state.context
    wanted = request.query_params.get("fortnight")
    try:
        day = parse_date(wanted) if wanted else None
    except Invalid:
        day = None
    shown = coordination(context, person, state.settings.fortnight_anchor, day)
    if shown is None:
        return None
    names = {stop.id: stop.name for stop in context.schedule().network.stops}
    trials = planned_trials(context, person)
    return fortnight_view(shown, trials, names, frame.base_url, context.today(), frame.words)


def _released(request: Request, person: Person) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    schedule = context.schedule()
    names = {stop.id: stop.name for stop in schedule.network.stops}
    names |= {day_type.id: day_type.names.of(frame.words.language) for day_type in schedule.calendar.day_types}
    releases = released(context, person)[::-1]
    view = _fortnight(request, person)
    reports = released_spans([each.fortnight for each in releases])[:REPORTS_SHOWN]
    return show(request, frame, "ridership/released.html", found=releases, names=names, view=view, reports=reports)


def released_spans(fortnights: Sequence[Span]) -> list[tuple[Period, Span]]:
    """Spans of which a reader can have a written report: each released fortnight, and each six weeks of three in a row; latest first.

    Released figures never change, so that a report says the same whenever it is made.
    """
    spans: list[tuple[Period, Span]] = []
    for number, fortnight in enumerate(fortnights):
        spans.append((Period.FORTNIGHT, fortnight))
        earliest = fortnights[number + 2] if number + 2 < len(fortnights) else None
        if number % 3 == 0 and earliest is not None and (fortnight.last - earliest.first).days == 3 * DAYS - 1:
            spans.append((Period.SIX_WEEKS, Span(earliest.first, fortnight.last)))
    return spans


def _chart(request: Request, person: Person, name: str) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    ridership_figures = figures(context, person, span_of(request, default_span(context.today())), frame.words)
    beginnings = [*ridership_figures.timetables, *ridership_figures.phases]
    drawings = {
        "trend": lambda: charts.trend(ridership_figures.weeks, beginnings, context.today(), frame.words),
        "heat": lambda: charts.heat_map(ridership_figures.heat, frame.words),
        "hours": lambda: charts.weekday_and_hour(ridership_figures.weekday_hours, frame.words),
        "day": lambda: charts.load_along_the_day(ridership_figures.day, frame.words),
    }
    if name not in drawings:
        raise NotFound("unknown-chart", f"there is no chart {name!r}", given=name, allowed=", ".join(drawings))
    return JSONResponse(drawings[name](), headers={"cache-control": "no-store"})


def default_span(today: date) -> Span:
    """The last six whole weeks and the current one."""
    return Span(monday_of(today) - timedelta(weeks=WEEKS), today)


def span_of(request: Request, default: Span) -> Span:
    """The span of `?from=&to=`. Raises Invalid (`bad-date`, `bad-span`, `span-too-long`)."""
    query = request.query_params
    first = parse_date(query["from"]) if query.get("from") else default.first
    last = parse_date(query["to"]) if query.get("to") else max(default.last, first)
    span = Span(first, last)
    if span.days > LONGEST:
        raise Invalid(
            "span-too-long",
            f"{first} to {last} is {span.days} days",
            given=f"{span.days} days",
            allowed=f"at most {LONGEST} days",
        )
    return span
