"""API of the network's facts: stops, running times, vehicles and patterns."""

from base64 import b64decode
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.service_time import parse_iso_date, parse_time_of_day
from shuttle.domain.timetable.facts.pictures import LONGEST_ALT
from shuttle.domain.timetable.network import MARKS, MOST_NOK, Costs, Pattern, RunningTime, Stop, Supplement, Vehicle
from shuttle.feeds.pictures import ALLOWED, LARGEST
from shuttle.services.timetable import network_facts, stop_pictures
from shuttle.web.api.facts.shapes import FactActShape, GivenBasis, act_document, moment_of
from shuttle.web.api.shapes import Clock, Identifier, RequestBody
from shuttle.web.server.identity import Asking
from shuttle.web.server.problems import ANY_PROBLEM
from shuttle.web.server.state import state_of

router = APIRouter(prefix="/api/v1", tags=["facts"], responses=ANY_PROBLEM)

Name = Annotated[str, Field(min_length=1, max_length=120)]


class GivenStop(GivenBasis):
    """All values of a stop. `way`: how to walk there; `wheelchair`: whether one can board with a wheelchair, null: not known."""

    name: Name
    name_nn: Annotated[str, Field(max_length=120)] = ""
    name_en: Annotated[str, Field(max_length=120)] = ""
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None
    lon: Annotated[float | None, Field(ge=-180, le=180)] = None
    address: Annotated[str, Field(max_length=200)] = ""
    way: Annotated[str, Field(max_length=400)] = ""
    wheelchair: bool | None = None
    quay: Annotated[str, Field(max_length=20)] = ""
    mark: Annotated[int, Field(ge=0, le=MARKS, description="Colour and shape; 0: the program's choice")] = 0


class GivenRunningTime(GivenBasis):
    """Running time of a leg: `minutes` all day, or `bands` by when the trip starts, the first at 00:00."""

    origin: Identifier
    destination: Identifier
    minutes: Annotated[int | None, Field(ge=1, le=600)] = None
    bands: Annotated[tuple[tuple[Clock, int], ...], Field(max_length=100)] = ()
    km: Annotated[float | None, Field(ge=0, le=1000)] = None


class GivenVehicle(GivenBasis):
    """A bus: its passenger seats, without the driver's, and its wheelchair places."""

    seats: Annotated[int, Field(ge=1, le=200)]
    wheelchair_places: Annotated[int, Field(ge=0, le=20)] = 0


class GivenPattern(GivenBasis):
    """Stops in order. `direction` 0 is away from the base stop; `from` is not used: a pattern runs when trips do."""

    stops: Annotated[list[Identifier], Field(min_length=2, max_length=40)]
    headsign: Name
    direction: Annotated[int, Field(ge=0, le=1)] = 0


class GivenSupplement(RequestBody):
    """Extra pay per hour of work between two times on some day types; an end at or before the start is past midnight."""

    name: Name
    day_types: Annotated[list[Identifier], Field(min_length=1, max_length=50)]
    starts: Clock
    ends: Clock
    nok_per_hour: Annotated[float, Field(ge=0, le=MOST_NOK)]


class GivenCosts(GivenBasis):
    """Cost rates: NOK per paid hour of a driver and per kilometre, and all supplements."""

    nok_per_driver_hour: Annotated[float, Field(ge=0, le=MOST_NOK)]
    nok_per_km: Annotated[float, Field(ge=0, le=MOST_NOK)]
    supplements: Annotated[tuple[GivenSupplement, ...], Field(max_length=50)] = ()


class GivenPicture(RequestBody):
    """A stop's picture in base64 (left out: it stays), and what it shows in words; `alt_nn`, `alt_en` where they differ."""

    content: Annotated[str, Field(max_length=LARGEST * 4 // 3 + 4)] = ""
    alt: Annotated[str, Field(min_length=1, max_length=LONGEST_ALT)]
    alt_nn: Annotated[str, Field(max_length=LONGEST_ALT)] = ""
    alt_en: Annotated[str, Field(max_length=LONGEST_ALT)] = ""

    def bytes(self) -> bytes:
        """Raises Invalid (`not-a-picture`)."""
        try:
            return b64decode(self.content, validate=True)
        except ValueError:
            detail = "the picture is not base64"
            raise Invalid("not-a-picture", detail, given=self.content[:40], allowed=ALLOWED) from None


@router.put("/stops/{stop}/picture", responses={200: {"model": FactActShape}})
def change_picture(request: Request, stop: Identifier, body: GivenPicture, asking: Asking) -> dict[str, object]:
    """A stop's picture: PNG, JPEG or WebP. Its metadata is not kept. It is served at `/stops/{stop}/picture`."""
    texts = {"nb": body.alt, "nn": body.alt_nn, "en": body.alt_en}
    with state_of(request).context.transaction() as session:
        moment = moment_of(request)
        return act_document(stop_pictures.change_picture(session, asking, stop, body.bytes(), texts, moment))


@router.delete("/stops/{stop}/picture", responses={200: {"model": FactActShape}})
def remove_picture(request: Request, stop: Identifier, asking: Asking) -> dict[str, object]:
    """Take a stop's picture away."""
    with state_of(request).context.transaction() as session:
        return act_document(stop_pictures.remove_picture(session, asking, stop, moment_of(request)))


@router.put("/costs", responses={200: {"model": FactActShape}})
def change_costs(request: Request, body: GivenCosts, asking: Asking) -> dict[str, object]:
    """The cost rates from a date."""
    basis = body.basis()
    costs = Costs(
        nok_per_driver_hour=body.nok_per_driver_hour,
        nok_per_km=body.nok_per_km,
        supplements=tuple(
            Supplement(
                name=each.name,
                day_types=tuple(each.day_types),
                starts=parse_time_of_day(each.starts),
                ends=parse_time_of_day(each.ends),
                nok_per_hour=each.nok_per_hour,
                provenance=basis.provenance,
            )
            for each in body.supplements
        ),
        provenance=basis.provenance,
    )
    with state_of(request).context.transaction() as session:
        return act_document(network_facts.change_costs(session, asking, costs, basis.first, moment_of(request)))


@router.put("/stops/{stop}", responses={200: {"model": FactActShape}})
def change_stop(request: Request, stop: str, body: GivenStop, asking: Asking) -> dict[str, object]:
    """A new stop, or new values of one, from a date; what held before stays for the dates before."""
    basis = body.basis()
    new = Stop(
        id=stop,
        name=body.name,
        lat=body.lat,
        lon=body.lon,
        name_nn=body.name_nn,
        name_en=body.name_en,
        address=body.address,
        way=body.way,
        wheelchair=body.wheelchair,
        quay=body.quay,
        mark=body.mark,
        provenance=basis.provenance,
    )
    with state_of(request).context.transaction() as session:
        return act_document(network_facts.change_stop(session, asking, new, basis.first, moment_of(request)))


@router.delete("/stops/{stop}", responses={200: {"model": FactActShape}})
def close_stop(
    request: Request,
    stop: str,
    asking: Asking,
    first: Annotated[str, Query(alias="from", description="The first date without the stop, YYYY-MM-DD")],
) -> dict[str, object]:
    """A stop that is no more from a date on. Refused while departures call there."""
    day = parse_iso_date(first)
    with state_of(request).context.transaction() as session:
        return act_document(network_facts.close_stop(session, asking, stop, day, moment_of(request)))


@router.put("/running-times", responses={200: {"model": FactActShape}})
def change_running_time(request: Request, body: GivenRunningTime, asking: Asking) -> dict[str, object]:
    """The running times of a leg from a date."""
    if (body.minutes is None) == (not body.bands):
        raise Invalid(
            "bad-bands", "a running time has minutes or bands", given="both or neither", allowed="one of them"
        )
    bands = tuple((parse_time_of_day(starts), minutes) for starts, minutes in body.bands)
    basis = body.basis()
    link = RunningTime(
        origin=body.origin,
        destination=body.destination,
        bands=bands or ((0, body.minutes or 0),),
        km=body.km,
        provenance=basis.provenance,
    )
    with state_of(request).context.transaction() as session:
        return act_document(network_facts.change_running_time(session, asking, link, basis.first, moment_of(request)))


@router.put("/vehicles/{vehicle_id}", responses={200: {"model": FactActShape}})
def change_vehicle(request: Request, vehicle_id: str, body: GivenVehicle, asking: Asking) -> dict[str, object]:
    """A new vehicle, or new values of one, from a date."""
    basis = body.basis()
    bus = Vehicle(
        id=vehicle_id, seats=body.seats, wheelchair_places=body.wheelchair_places, provenance=basis.provenance
    )
    with state_of(request).context.transaction() as session:
        return act_document(network_facts.change_vehicle(session, asking, bus, basis.first, moment_of(request)))


@router.put("/patterns/{pattern_id}", responses={200: {"model": FactActShape}})
def change_pattern(request: Request, pattern_id: str, body: GivenPattern, asking: Asking) -> dict[str, object]:
    """A new pattern; of one that is there its headsign, direction and source."""
    pattern = Pattern(
        id=pattern_id,
        stops=tuple(body.stops),
        headsign=body.headsign,
        direction=body.direction,
        provenance=body.basis().provenance,
    )
    with state_of(request).context.transaction() as session:
        return act_document(network_facts.change_pattern(session, asking, pattern, moment_of(request)))
