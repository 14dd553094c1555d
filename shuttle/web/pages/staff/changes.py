"""Page of a date: its departures, and cancelling, retiming or adding some, on the date or on each day until another one.

For staff and planners, on any date that lies ahead. The staff page of today counts passengers too; this one does not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow, may
from shuttle.domain.basics.errors import Refused, ShuttleError
from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE, Minute, parse_date, parse_time_of_day
from shuttle.domain.timetable.changes import ChangeKind, ReasonCode, reason_code
from shuttle.domain.timetable.departures import Departure, Schedule
from shuttle.language import Words
from shuttle.language.days import day_reason
from shuttle.language.headsigns import headsign
from shuttle.services.timetable import changes
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/staff/days", include_in_schema=False)

Text = Annotated[str, Form(max_length=200)]
CANCEL_ALL = "cancel_all"
DONE = ("cancel", "retime", "extra", CANCEL_ALL, "withdrawn")
FIELDS = {
    "bad-time": "departs",
    "bad-date": "last",
    "date-outside": "last",
    "bad-validity": "last",
    "long-change": "last",
}
"""Where a fault of a form stands, by its code; the id of the departure, or `extra` or `all`, goes before it."""


@dataclass(frozen=True, kw_only=True)
class DayDeparture:
    """A departure of the date. `planned`: its time in the timetable, where it has another one now; `reason`: in words."""

    id: str
    trip: str
    departs: Minute
    arrives: Minute
    headsign: str
    status: str
    planned: Minute | None
    reason: str
    change: str | None


@router.api_route("/{day}", methods=["GET", "HEAD"])
def day_page(request: Request, asking: Asking, day: str) -> Response:
    """The departures of a date. Raises Invalid (`bad-date`, `date-outside`)."""
    return _page(request, allow(asking, Action.CHANGE_DEPARTURES), parse_date(day))


@router.post("/{day}/change")
def change(
    request: Request,
    asking: Asking,
    day: str,
    kind: Text = "",
    trip: Text = "",
    pattern: Text = "",
    departs: Text = "",
    last: Text = "",
    reason: Text = "",
    despite_counts: Text = "",
) -> Response:
    """Cancel (one or all), retime or add, on the date or on each day until `last`."""
    person, first = allow(asking, Action.CHANGE_DEPARTURES), parse_date(day)
    context = state_of(request).context

    def act(session: Session) -> None:
        code, now, counted = reason_code(reason), context.now(), bool(despite_counts)
        ends = parse_date(last) if last.strip() else first
        if kind == CANCEL_ALL:
            changes.cancel_all(session, person, first, ends, code, now, counted)
            return
        wanted = changes.change_kind(kind)
        asked = changes.ChangeRequest(
            kind=wanted,
            first=first,
            last=ends,
            reason=code,
            trip=None if wanted is ChangeKind.EXTRA else trip,
            pattern=pattern if wanted is ChangeKind.EXTRA else None,
            departs=None if wanted is ChangeKind.CANCEL else parse_time_of_day(departs),
            despite_counts=counted,
        )
        changes.change_departures(session, person, asked, now)

    form = {CANCEL_ALL: "all", ChangeKind.EXTRA: "extra"}.get(kind, trip)
    typed = {"form": form, "departs": departs, "last": last, "reason": reason, "pattern": pattern}
    return _done(request, person, first, act, kind, typed)


@router.post("/{day}/withdraw")
def withdraw(request: Request, asking: Asking, day: str, change: Text = "") -> Response:
    """Withdraw a change, on all its dates."""
    person, first = allow(asking, Action.CHANGE_DEPARTURES), parse_date(day)
    context = state_of(request).context

    def act(session: Session) -> None:
        changes.withdraw_change(session, person, change, context.now())

    return _done(request, person, first, act, "withdrawn", {})


def _done(
    request: Request,
    person: Person,
    day: date,
    act: Callable[[Session], None],
    done: str,
    typed: Mapping[str, str],
) -> Response:
    try:
        with state_of(request).context.transaction() as session:
            act(session)
    except ShuttleError as error:
        form, field = typed.get("form", ""), FIELDS.get(error.code, "")
        where = f"{form}-{field}" if form and field else form
        fault = fault_of(error, frame_of(request).words, where)
        status = 409 if isinstance(error, Refused) else 422
        return _page(request, person, day, fault, typed, error.code == "departure-has-counts", status)
    return RedirectResponse(f"/staff/days/{day.isoformat()}?done={done}", 303)


def _page(
    request: Request,
    person: Person,
    day: date,
    fault: FieldFault | None = None,
    typed: Mapping[str, str] | None = None,
    counted: bool = False,
    status: int = 200,
) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    schedule = context.schedule()
    resolved = schedule.departures_on(day)
    shown = [each for each in resolved.departures if not person.centre or each.first_call(person.centre)]
    patterns = [each for each in schedule.network.patterns if not person.centre or person.centre in each.stops]
    timetable = schedule.timetable_by_id.get(resolved.timetable or "")
    done = request.query_params.get("done", "")
    return show(
        request,
        frame,
        "staff/changes.html",
        status=status,
        day=day,
        is_past=day < context.today(),
        why=day_reason(resolved.service_day, frame.words),
        timetable=timetable.name if timetable else "",
        departures=[_departure(schedule, each, frame.words) for each in shown],
        patterns=[(each.id, " – ".join(schedule.network.stop_name(s, day) for s in each.stops)) for each in patterns],
        reasons=[(code.value, frame.words.say(f"reason.{code}")) for code in ReasonCode],
        before=day - timedelta(days=1) if day > FIRST_DATE else None,
        after=day + timedelta(days=1) if day < LAST_DATE else None,
        may_decide=may(person, Action.OVERRIDE_CALENDAR),
        faults=[fault] if fault else [],
        errors={fault.field: fault.message} if fault else {},
        given={"form": "", "departs": "", "last": "", "reason": "", "pattern": "", **(typed or {})},
        counted=counted,
        done=done if done in DONE and not fault else "",
    )


def _departure(schedule: Schedule, departure: Departure, words: Words) -> DayDeparture:
    moved = departure.planned is not None and departure.planned != departure.departs
    return DayDeparture(
        id=departure.id,
        trip=departure.trip,
        departs=departure.departs,
        arrives=departure.calls[-1].arrives,
        headsign=headsign(schedule.network, departure, words),
        status=departure.status.value,
        planned=departure.planned if moved else None,
        reason=words.say(f"reason.{departure.reason}") if departure.reason else "",
        change=departure.change,
    )
