"""Page of a timetable: editing a draft by typing times, with the findings of publishing from the first edit on.

Edits have undo and redo, one at a time. After each edit the page shows the figures under the timetable's scenario.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from shuttle.domain.access.permissions import Action, Person, allow
from shuttle.domain.basics.errors import Invalid, NotFound, ShuttleError
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.trips import Trip, check_id
from shuttle.services.timetable import draft_edits, timetables
from shuttle.web.pages.faults import FieldFault, fault_of
from shuttle.web.pages.frame import frame_of, show
from shuttle.web.pages.timetable.draft_view import draft_view
from shuttle.web.server.identity import Asking
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/plan/timetables/{timetable_id}", include_in_schema=False)

Short = Annotated[str, Form(max_length=200)]

DONE = (
    "accepted",
    "copied",
    "added",
    "moved",
    "deleted",
    "undone",
    "redone",
    "published",
    "withdrawn",
    "rolled_back",
    "act_undone",
    "begun",
)
FIELDS = {
    "no-name": "name",
    "bad-id": "id",
    "timetable-exists": "id",
}
"""Where a fault of a form stands, by its code."""


@router.api_route("", methods=["GET", "HEAD"])
def timetable(request: Request, asking: Asking, timetable_id: str) -> Response:
    """A timetable with its departures, figures and findings of publishing."""
    return _page(request, allow(asking, Action.PLAN), timetable_id)


@router.post("/add")
def add(
    request: Request, asking: Asking, timetable_id: str, pattern: Short = "", day_type: Short = "", departs: Short = ""
) -> Response:
    """Add a departure."""

    def act(session: Session) -> dict[str, str]:
        trip = Trip(pattern, day_type, parse_time_of_day(departs))
        timetables.add_trip(session, asking, timetable_id, trip, state_of(request).context.now())
        return {"done": "added"}

    return _done(request, asking, timetable_id, act, {"departs": departs, "pattern": pattern, "day_type": day_type})


@router.post("/move")
def move(request: Request, asking: Asking, timetable_id: str, trip: Short = "", departs: Short = "") -> Response:
    """Give a departure another time; times set by hand move by as many minutes."""

    def act(session: Session) -> dict[str, str]:
        old, at = _trip(request, timetable_id, trip), parse_time_of_day(departs)
        by = at - old.departs
        calls = tuple(Call(c.stop, c.sequence, c.arrives + by, c.departs + by) for c in old.calls or ()) or None
        timetables.move_trip(session, asking, timetable_id, trip, at, state_of(request).context.now(), calls)
        return {"done": "moved"}

    return _done(request, asking, timetable_id, act, {trip: departs}, trip)


@router.post("/delete")
def delete(request: Request, asking: Asking, timetable_id: str, trip: Short = "") -> Response:
    """Delete a departure."""

    def act(session: Session) -> dict[str, str]:
        timetables.delete_trip(session, asking, timetable_id, trip, state_of(request).context.now())
        return {"done": "deleted"}

    return _done(request, asking, timetable_id, act)


@router.post("/begin-day")
def begin_day(request: Request, asking: Asking, timetable_id: str, day_type: Short = "") -> Response:
    """Give a day type departures of its own, those that apply to it now."""

    def act(session: Session) -> dict[str, str]:
        timetables.begin_day(session, asking, timetable_id, day_type, state_of(request).context.now())
        return {"done": "begun"}

    return _done(request, asking, timetable_id, act)


@router.post("/undo")
def undo(request: Request, asking: Asking, timetable_id: str) -> Response:
    """Undo the last edit."""

    def act(session: Session) -> dict[str, str]:
        draft_edits.undo(session, asking, timetable_id, state_of(request).context.now())
        return {"done": "undone"}

    return _done(request, asking, timetable_id, act)


@router.post("/redo")
def redo(request: Request, asking: Asking, timetable_id: str) -> Response:
    """Redo the edit that was undone last."""

    def act(session: Session) -> dict[str, str]:
        draft_edits.redo(session, asking, timetable_id, state_of(request).context.now())
        return {"done": "redone"}

    return _done(request, asking, timetable_id, act)


@router.post("/copy")
def copy(request: Request, asking: Asking, timetable_id: str, id: Short = "", name: Short = "") -> Response:
    """Copy a timetable to a new draft."""
    new = id.strip()

    def act(session: Session) -> dict[str, str]:
        check_id(new, "timetable")
        if not name.strip():
            raise Invalid("no-name", "a timetable needs a name", allowed="1 to 120 characters")
        timetables.copy_timetable(
            session, asking, timetable_id, new, name.strip()[:120], state_of(request).context.now()
        )
        return {"done": "copied"}

    return _done(request, asking, timetable_id, act, {"id": id, "name": name}, next_id=new)


def _trip(request: Request, timetable_id: str, trip_id: str) -> Trip:
    """Raises NotFound (`unknown-trip`)."""
    with state_of(request).context.reading() as session:
        return timetables.trip_of(session, timetable_id, trip_id)


def _done(
    request: Request,
    asking: Person | None,
    timetable_id: str,
    act: Callable[[Session], dict[str, str]],
    inputs: Mapping[str, str] | None = None,
    field: str = "",
    next_id: str = "",
) -> Response:
    """Run an act in a transaction and redirect to the page; a refusal is shown on the page with the typed values.

    Raises NotFound (`unknown-timetable`).
    """
    person = allow(asking, Action.EDIT_TIMETABLES)
    context = state_of(request).context
    if timetable_id not in context.schedule().timetable_by_id:
        raise NotFound("unknown-timetable", f"there is no timetable {timetable_id!r}", given=timetable_id)
    try:
        with context.transaction() as session:
            outcome = act(session)
    except ShuttleError as error:
        words = frame_of(request).words
        where = field or FIELDS.get(error.code, "departs" if error.code in ("bad-time", "two-trips-alike") else "")
        typed = inputs or {}
        return _page(request, person, timetable_id, (fault_of(error, words, where),), typed)
    scenario = request.query_params.get("scenario", "")
    query = urlencode({**outcome, **({"scenario": scenario} if scenario else {})})
    return RedirectResponse(f"/plan/timetables/{next_id or timetable_id}?{query}", 303)


def _page(
    request: Request,
    person: Person,
    timetable_id: str,
    faults: Sequence[FieldFault] = (),
    inputs: Mapping[str, str] | None = None,
) -> Response:
    state, frame, query = state_of(request), frame_of(request, person), request.query_params
    typed = {
        "id": "",
        "name": "",
        "departs": "",
        "pattern": "",
        "day_type": "",
        **(inputs or {}),
    }
    done = query.get("done", "")
    return show(
        request,
        frame,
        "plan/timetable.html",
        status=422 if faults else 200,
        view=draft_view(
            state.context,
            state.settings.schedules,
            timetable_id,
            query.get("scenario", ""),
            frame.words,
        ),
        zone=state.context.zone,
        faults=faults,
        errors={fault.field: fault.message for fault in faults},
        given=typed,
        done=done if done in DONE and not faults else "",
        scenario=query.get("scenario", ""),
    )
