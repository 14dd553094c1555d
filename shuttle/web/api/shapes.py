"""Pydantic models of the API's requests and responses, for validation and for /openapi.json.

Models of responses are named `...Shape` and only describe: the documents are made in `feeds/documents.py`.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import DATES_ALLOWED, parse_iso_date
from shuttle.domain.timetable.changes import ReasonCode

Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Clock = Annotated[
    str, Field(min_length=3, max_length=5, description="Time of day: 13:00, 13.00 or 1300; 25:10 past midnight")
]


def _service_date(value: object) -> date:
    """A date from text. Pydantic alone would also accept seconds since 1970 and any year."""
    if not isinstance(value, str):
        raise ValueError("a date is text, as 2026-05-14")
    try:
        return parse_iso_date(value)
    except Invalid as refusal:
        raise ValueError(refusal.detail) from None


ServiceDate = Annotated[
    date, BeforeValidator(_service_date), Field(description=f"A date of service, YYYY-MM-DD: {DATES_ALLOWED}")
]


class RequestBody(BaseModel):
    """Base class of request bodies; an unknown key is refused."""

    model_config = ConfigDict(extra="forbid")


class CallShape(BaseModel):
    stop: str
    name: str
    sequence: int
    arrives_at: datetime
    departs_at: datetime


class DepartureShape(BaseModel):
    id: str
    trip: str
    pattern: str
    direction: int
    headsign: str
    status: Literal["scheduled", "cancelled", "extra", "retimed"]
    reason: str | None
    calls: list[CallShape]
    departs_at: datetime | None = Field(default=None, description="Only where `from` and `to` were asked for")
    arrives_at: datetime | None = Field(default=None, description="Only where `from` and `to` were asked for")


class DayShape(BaseModel):
    date: date
    day_type: str
    day_type_reason: str
    timetable: str | None
    departures: list[DepartureShape]


class CalendarDayShape(BaseModel):
    date: date
    day_type: str
    day_type_reason: str
    undecided: bool
    timetable: str | None
    departures: int
    cancelled: int


class Sourced(BaseModel):
    source: str | None
    assumed: bool
    assumed_reason: str | None


class StopShape(Sourced):
    id: str
    name: str
    lat: float | None
    lon: float | None
    names: dict[str, str] = Field(description="The name in `nb`, `nn` and `en`")
    address: str | None
    way: str | None = Field(description="How to walk there")
    wheelchair: bool | None = Field(description="Whether one can board with a wheelchair; null: not known")
    quay: str | None
    valid_from: date | None
    valid_to: date | None


class StopHoursShape(Sourced):
    stop: str
    name: str
    always_open: bool
    windows: list[tuple[str, str]]
    special: str | None


class OpeningHoursShape(BaseModel):
    date: date
    day_type: str
    day_type_reason: str
    stops: list[StopHoursShape]


class ChangeShape(BaseModel):
    id: str
    kind: Literal["cancel", "retime", "extra"]
    from_: date = Field(alias="from")
    to: date
    trip: str
    pattern: str | None
    departs_at: str | None
    reason: str
    made_by: str
    made_at: datetime | None
    withdrawn_by: str | None
    withdrawn_at: datetime | None


class GivenDepartureChange(RequestBody):
    """Cancel or retime one departure. `despite_counts`: also where boardings have been recorded on it."""

    kind: Literal["cancel", "retime"]
    reason: ReasonCode
    departs_at: Clock | None = None
    despite_counts: bool = False


class GivenChange(RequestBody):
    """A change on a span of dates; without `to` on one date."""

    kind: Literal["cancel", "retime", "extra"]
    from_: ServiceDate = Field(alias="from")
    to: ServiceDate | None = None
    reason: ReasonCode
    trip: Identifier | None = None
    pattern: Identifier | None = None
    departs_at: Clock | None = None
    despite_counts: bool = False


class GivenOverride(RequestBody):
    """Another day type for a date."""

    day_type: Identifier
    reason: Annotated[str, Field(min_length=3, max_length=120)]


class TripShape(BaseModel):
    id: str
    pattern: str
    stops: list[str]
    day_type: str
    departs: str
    calls: list[dict[str, str]] | None


class PublicationShape(BaseModel):
    valid_from: date | None
    valid_to: date | None


class TimetableShape(Sourced):
    id: str
    name: str
    status: Literal["draft", "published", "withdrawn"]
    valid_from: date | None
    valid_to: date | None
    publications: list[PublicationShape]
    trips: list[TripShape]
    origin: dict[str, object] | None
