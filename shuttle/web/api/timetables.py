"""API of timetables: copy, edit a draft, publish, withdraw. A published timetable is immutable; a copy of it is a draft."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from shuttle.domain.access.permissions import Action, allow
from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import parse_time_of_day
from shuttle.domain.timetable.network import Call
from shuttle.domain.timetable.publishing.finding import PublishingFinding
from shuttle.domain.timetable.trips import Trip
from shuttle.feeds import documents
from shuttle.services.timetable import publishing
from shuttle.services.timetable import timetables as timetable_service
from shuttle.web.api.shapes import Clock, Identifier, RequestBody, ServiceDate, TimetableShape
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1/timetables", tags=["timetables"], responses=ANY_PROBLEM)


class GivenCopy(RequestBody):
    id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=120)]


class GivenCall(RequestBody):
    stop: Identifier
    arrives: Clock
    departs: Clock


class GivenTrip(RequestBody):
    """A trip by its departure time; `calls` sets the times at every stop instead of taking the running times."""

    pattern: Identifier
    day_type: Identifier
    departs: Clock
    calls: list[GivenCall] | None = None


class GivenMove(RequestBody):
    departs: Clock
    calls: list[GivenCall] | None = None


class GivenPublication(RequestBody):
    """`accept`: codes of findings that the planner accepts, as `outside-opening-hours`."""

    valid_from: ServiceDate | None = None
    valid_to: ServiceDate | None = None
    accept: tuple[Identifier, ...] = ()


def _calls(calls: list[GivenCall] | None) -> tuple[Call, ...] | None:
    if calls is None:
        return None
    return tuple(
        Call(call.stop, sequence, parse_time_of_day(call.arrives), parse_time_of_day(call.departs))
        for sequence, call in enumerate(calls, start=1)
    )


class GivenWithdrawal(RequestBody):
    """`accept`: codes of findings that the planner accepts, as `no-timetable`."""

    accept: tuple[Identifier, ...] = ()


def _finding(finding: PublishingFinding) -> documents.Document:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "message": finding.message,
        "dates": [day.isoformat() for day in finding.dates],
        "span": documents.validity_document(finding.span) if finding.span else None,
        "numbers": dict(finding.numbers),
    }


def _document(request: Request, timetable_id: str) -> documents.Document:
    schedule = state_of(request).context.schedule()
    return documents.timetable_document(schedule, schedule.timetable_by_id[timetable_id])


@router.post("/{timetable_id}/copy", status_code=201, responses={201: {"model": TimetableShape}})
def copy(request: Request, timetable_id: str, body: GivenCopy, asking: Asking) -> documents.Document:
    """A draft with the same trips under another id."""
    context = state_of(request).context
    with context.transaction() as session:
        timetable_service.copy_timetable(session, asking, timetable_id, body.id, body.name, context.now())
    return _document(request, body.id)


@router.post("/{timetable_id}/trips", status_code=201, responses={201: {"model": TimetableShape}})
def add_trip(request: Request, timetable_id: str, body: GivenTrip, asking: Asking) -> documents.Document:
    """Add a trip to a draft."""
    context = state_of(request).context
    trip = Trip(body.pattern, body.day_type, parse_time_of_day(body.departs), _calls(body.calls))
    with context.transaction() as session:
        timetable_service.add_trip(session, asking, timetable_id, trip, context.now())
    return _document(request, timetable_id)


@router.put("/{timetable_id}/trips/{trip_id}", responses={200: {"model": TimetableShape}})
def move_trip(request: Request, timetable_id: str, trip_id: str, body: GivenMove, asking: Asking) -> documents.Document:
    """Give a trip of a draft another time."""
    context = state_of(request).context
    with context.transaction() as session:
        departs, calls = parse_time_of_day(body.departs), _calls(body.calls)
        timetable_service.move_trip(session, asking, timetable_id, trip_id, departs, context.now(), calls)
    return _document(request, timetable_id)


@router.delete("/{timetable_id}/trips/{trip_id}", responses={200: {"model": TimetableShape}})
def delete_trip(request: Request, timetable_id: str, trip_id: str, asking: Asking) -> documents.Document:
    """Delete a trip of a draft."""
    context = state_of(request).context
    with context.transaction() as session:
        timetable_service.delete_trip(session, asking, timetable_id, trip_id, context.now())
    return _document(request, timetable_id)


@router.get("/{timetable_id}/findings")
def findings(
    request: Request,
    timetable_id: str,
    asking: Asking,
    valid_from: ServiceDate | None = None,
    valid_to: ServiceDate | None = None,
) -> list[documents.Document]:
    """Findings about publishing the timetable: blockers, what has to be accepted, warnings and notes."""
    allow(asking, Action.EDIT_TIMETABLES)
    context = state_of(request).context
    valid = _validity(request, timetable_id, valid_from, valid_to)
    with context.reading() as session:
        rows = publishing.findings_of_publishing(session, timetable_id, valid, context.today())
        return [_finding(row) for row in rows]


@router.get("/{timetable_id}/withdrawal-findings")
def withdrawal_findings(request: Request, timetable_id: str, asking: Asking) -> list[documents.Document]:
    """Findings about withdrawing the timetable from today on: what gets worse, and what runs instead."""
    allow(asking, Action.EDIT_TIMETABLES)
    context = state_of(request).context
    with context.reading() as session:
        rows = publishing.findings_of_withdrawing(session, timetable_id, context.today())
        return [_finding(row) for row in rows]


@router.post("/{timetable_id}/publish")
def publish(
    request: Request, timetable_id: str, asking: Asking, body: GivenPublication | None = None
) -> dict[str, object]:
    """Publish a timetable; 409 names every blocker. Without dates those of the draft hold. It lies above what is published
    for the same dates: after its last date that runs again.
    """
    allow(asking, Action.PUBLISH_TIMETABLES)
    context, body = state_of(request).context, body or GivenPublication()
    valid = _validity(request, timetable_id, body.valid_from, body.valid_to)
    with context.transaction() as session:
        accepted = publishing.publish(session, asking, timetable_id, valid, context.now(), context.today(), body.accept)
    return {
        "id": timetable_id,
        "status": "published",
        **documents.validity_document(valid),
        "findings": [_finding(finding) for finding in accepted],
    }


@router.post("/{timetable_id}/withdraw")
def withdraw(
    request: Request, timetable_id: str, asking: Asking, body: GivenWithdrawal | None = None
) -> dict[str, object]:
    """Withdraw a timetable from today on; what it hid runs again. With a body 409 names what has to be accepted; without one
    whatever is found is accepted, and the answer names it.
    """
    context, accept = state_of(request).context, body.accept if body is not None else None
    with context.transaction() as session:
        several = publishing.withdraw(session, asking, timetable_id, context.now(), context.today(), accept)
    return {"id": timetable_id, "status": "withdrawn", "findings": [_finding(finding) for finding in several]}


@router.get("/{timetable_id}/roll-back-findings")
def roll_back_findings(request: Request, timetable_id: str, asking: Asking) -> list[documents.Document]:
    """Findings about rolling back to the timetable from today on: what gets worse, and from when it applies again."""
    allow(asking, Action.EDIT_TIMETABLES)
    context = state_of(request).context
    with context.reading() as session:
        rows = publishing.findings_of_rolling_back(session, timetable_id, context.today())
        return [_finding(row) for row in rows]


@router.post("/{timetable_id}/roll-back")
def roll_back(
    request: Request, timetable_id: str, asking: Asking, body: GivenWithdrawal | None = None
) -> dict[str, object]:
    """Let an earlier timetable apply again from today on: those that hide it are withdrawn. 409 names what has to be accepted."""
    context, accept = state_of(request).context, (body or GivenWithdrawal()).accept
    with context.transaction() as session:
        several = publishing.roll_back(session, asking, timetable_id, context.now(), context.today(), accept)
    return {"id": timetable_id, "status": "published", "findings": [_finding(finding) for finding in several]}


def _validity(request: Request, timetable_id: str, first: date | None, last: date | None) -> Validity:
    """The dates of the request, else those of the draft. Raises Invalid (`no-beginning`)."""
    timetable = state_of(request).context.schedule().timetable_by_id.get(timetable_id)
    intended = timetable.intended if timetable else Validity()
    valid = Validity(first or intended.first, last or intended.last)
    if valid.first is None:
        raise Invalid("no-beginning", "say from which date the timetable applies", allowed="valid_from as YYYY-MM-DD")
    return valid
