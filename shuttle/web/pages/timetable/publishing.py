"""Pages before publishing and before withdrawing: what follows, what has to be accepted, and the button that does it.

Neither act has a button elsewhere. A refused act shows the same page, opened at its reason. The last act can be undone for
ten minutes, from this page, the timetable's and the overview.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, ShuttleError
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import days_after, parse_date
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.publishing.findings import NOTICE
from shuttle.domain.timetable.trips import Timetable
from shuttle.services.timetable import publishing
from shuttle.services.timetable import undo as undo_service
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.timetable.publishing_view import publishing_view, roll_back_view, ways_back, withdrawal_view
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]
Accepted = Annotated[list[str] | None, Form()]

DATE_FAULTS = ("bad-date", "date-outside", "bad-validity")


@router.api_route("/timetables/{timetable_id}/publish", methods=["GET", "HEAD"])
def ask_publish(request: Request, asking: Asking, timetable_id: str, first: str = "", last: str = "") -> Response:
    """What publishing changes, for the dates of the query."""
    person = allow(asking, Action.PUBLISH_TIMETABLES)
    return _publish_page(request, person, timetable_id, {"first": first[:20], "last": last[:20]})


@router.post("/timetables/{timetable_id}/publish")
def publish(
    request: Request, asking: Asking, timetable_id: str, first: Short = "", last: Short = "", accept: Accepted = None
) -> Response:
    """Publish for dates. Publishing an earlier timetable from a date on is how one rolls back."""
    person = allow(asking, Action.PUBLISH_TIMETABLES)
    context = state_of(request).context

    def act(session: Session) -> None:
        valid = validity(first, last)
        publishing.publish(session, person, timetable_id, valid, context.now(), context.today(), accept or ())

    def page(faults: Sequence[FieldFault], status: int) -> Response:
        typed = {"first": first, "last": last}
        return _publish_page(request, person, timetable_id, typed, faults, status, accept or ())

    return _done(request, timetable_id, act, "published", page, last)


@router.api_route("/timetables/{timetable_id}/withdraw", methods=["GET", "HEAD"])
def ask_withdraw(request: Request, asking: Asking, timetable_id: str) -> Response:
    """What withdrawing changes."""
    return _withdraw_page(request, allow(asking, Action.PUBLISH_TIMETABLES), timetable_id)


@router.post("/timetables/{timetable_id}/withdraw")
def withdraw(request: Request, asking: Asking, timetable_id: str, accept: Accepted = None) -> Response:
    """Withdraw from today on."""
    person = allow(asking, Action.PUBLISH_TIMETABLES)
    context = state_of(request).context

    def act(session: Session) -> None:
        publishing.withdraw(session, person, timetable_id, context.now(), context.today(), accept or ())

    def page(faults: Sequence[FieldFault], status: int) -> Response:
        return _withdraw_page(request, person, timetable_id, faults, status, accept or ())

    return _done(request, timetable_id, act, "withdrawn", page)


@router.api_route("/timetables/{timetable_id}/roll-back", methods=["GET", "HEAD"])
def ask_roll_back(request: Request, asking: Asking, timetable_id: str) -> Response:
    """What rolling back to this timetable changes."""
    return _withdraw_page(request, allow(asking, Action.PUBLISH_TIMETABLES), timetable_id, act="roll_back")


@router.post("/timetables/{timetable_id}/roll-back")
def roll_back(request: Request, asking: Asking, timetable_id: str, accept: Accepted = None) -> Response:
    """Let this timetable apply again from today, in place of those that hide it."""
    person = allow(asking, Action.PUBLISH_TIMETABLES)
    context = state_of(request).context

    def act(session: Session) -> None:
        publishing.roll_back(session, person, timetable_id, context.now(), context.today(), accept or ())

    def page(faults: Sequence[FieldFault], status: int) -> Response:
        return _withdraw_page(request, person, timetable_id, faults, status, accept or (), act="roll_back")

    return _done(request, timetable_id, act, "rolled_back", page)


@router.post("/undo")
def undo(request: Request, asking: Asking, number: Annotated[int, Form()] = 0) -> Response:
    """Undo the last act on publications or the calendar, where it is the one with this number."""
    person = allow(asking, Action.PUBLISH_TIMETABLES)
    context = state_of(request).context
    with context.transaction() as session:
        act = undo_service.undo(session, person, context.now(), context.today(), number)
    return RedirectResponse(undone_at(act), 303)


def undone_at(act: undo_service.UndoableAct) -> str:
    """The page that shows what an undone act had changed."""
    if act.act in ("publish", "withdraw", "roll-back"):
        return f"/plan/timetables/{act.subject}?done=act_undone"
    return f"/plan/calendar?done=undone&month={act.subject[:7]}"


def validity(first: str, last: str) -> Validity:
    """Typed dates; without a last one until further notice. Raises Invalid (`bad-date`, `date-outside`, `bad-validity`)."""
    return Validity(parse_date(first), parse_date(last) if last.strip() else None)


def _done(
    request: Request,
    timetable_id: str,
    act: Callable[[Session], None],
    done: str,
    page: Callable[[Sequence[FieldFault], int], Response],
    last: str = "",
) -> Response:
    context = state_of(request).context
    _timetable(context.schedule(), timetable_id)
    try:
        with context.transaction() as session:
            act(session)
    except ShuttleError as error:
        words = frame_of(request).words
        if error.code == "publishing-blocked":
            return page([FieldFault("findings", words.say("publishing.refused"))], 409)
        field = ("last" if last and error.given == last else "first") if error.code in DATE_FAULTS else ""
        return page([fault_of(error, words, field)], 422)
    return RedirectResponse(f"/plan/timetables/{timetable_id}?done={done}", 303)


def _publish_page(
    request: Request,
    person: Person,
    timetable_id: str,
    typed: Mapping[str, str],
    faults: Sequence[FieldFault] = (),
    status: int = 200,
    accepted: Sequence[str] = (),
) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    schedule, today = context.schedule(), context.today()
    timetable = _timetable(schedule, timetable_id)
    first = typed["first"] or days_after(today, NOTICE.days + 1).isoformat()
    try:
        valid = validity(first, typed["last"])
    except Invalid as error:
        valid, status = None, 422
        field = "last" if error.given == typed["last"] != first else "first"
        faults = faults or [fault_of(error, frame.words, field)]
    return show(
        request,
        frame,
        "plan/publish.html",
        status=status,
        act="publish",
        timetable=timetable,
        view=publishing_view(schedule, timetable, valid, today, frame.words) if valid else None,
        ways_back=ways_back(schedule, timetable_id, today),
        valid=valid,
        given={"first": first, "last": typed["last"]},
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        accepted=accepted,
    )


def _withdraw_page(
    request: Request,
    person: Person,
    timetable_id: str,
    faults: Sequence[FieldFault] = (),
    status: int = 200,
    accepted: Sequence[str] = (),
    act: str = "withdraw",
) -> Response:
    context, frame = state_of(request).context, frame_of(request, person)
    schedule, today = context.schedule(), context.today()
    timetable = _timetable(schedule, timetable_id)
    view_of = roll_back_view if act == "roll_back" else withdrawal_view
    others = ways_back(schedule, timetable_id, today) if act == "withdraw" else ()
    return show(
        request,
        frame,
        "plan/publish.html",
        status=status,
        act=act,
        timetable=timetable,
        view=view_of(schedule, timetable, today, frame.words),
        ways_back=others,
        valid=None,
        given={},
        faults=faults,
        errors={},
        accepted=accepted,
    )


def _timetable(schedule: Schedule, timetable_id: str) -> Timetable:
    """Raises NotFound (`unknown-timetable`)."""
    timetable = schedule.timetable_by_id.get(timetable_id)
    if timetable is None:
        raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
    return timetable
