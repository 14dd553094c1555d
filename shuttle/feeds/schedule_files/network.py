"""`network.toml`: stops, patterns, running times, vehicles and costs.

What is dated stands several times with `valid_from` and `valid_to`; a stop that moves is written twice with the same id.
"""

from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Annotated, Any

from pydantic import ValidationInfo, field_validator

from shuttle.domain.basics.errors import Fault
from shuttle.domain.basics.provenance import Validity
from shuttle.domain.basics.service_time import days_after
from shuttle.domain.timetable.network import MARKS, Costs, Network, Pattern, RunningTime, Stop, Supplement, Vehicle
from shuttle.feeds.toml.lines import TomlDocument
from shuttle.feeds.toml.schema import Context, TomlModel, key, number, read_model, refusal, sound, whole
from shuttle.feeds.toml.types import (
    IDS_ONCE,
    Band,
    Dated,
    ServiceDate,
    Sourced,
    StopName,
    Tables,
    Text,
    TimeOfDay,
    identifier,
    ids,
)


class StopTable(Dated):
    """A stop while it is where it is."""

    id: Annotated[Text, identifier("stop")] = key("id", "name in addresses and files: a-z, 0-9 and hyphens")
    name: Text = key("text", "name for people")
    lat: float | None = number("degrees north", "position (WGS 84)", -90, 90, None)
    lon: float | None = number("degrees east", "position (WGS 84)", -180, 180, None)

    name_nn: Text | None = key("text", "name in nynorsk, where it differs", None)
    name_en: Text | None = key("text", "name in English, where it differs", None)
    address: Text | None = key("text", "street address", None)
    way: Text | None = key("text", "how to walk there", None)
    wheelchair: bool | None = key("true or false", "whether one can board with a wheelchair; left out: not known", None)
    quay: Text | None = key("text", "the sign of the platform", None)
    mark: int | None = whole(
        "1 to 6", "its colour and shape on every page; left out: by its place here", 1, MARKS, None
    )

    @field_validator("lon")
    @classmethod
    def _with_its_pair(cls, lon: float | None, info: ValidationInfo) -> float | None:
        if "lat" in info.data and (lon is None) != (info.data["lat"] is None):
            absent = "lon" if lon is None else "lat"
            fault = Fault(what=f"{absent} is missing", allowed="a number", code="missing", path=(absent,))
            raise refusal(fault, up=1)
        return lon

    @cached_property
    def built(self) -> Stop:
        return Stop(
            id=self.id,
            name=self.name,
            lat=self.lat,
            lon=self.lon,
            name_nn=self.name_nn or "",
            name_en=self.name_en or "",
            address=self.address or "",
            way=self.way or "",
            wheelchair=self.wheelchair,
            quay=self.quay or "",
            mark=self.mark or 0,
            validity=self.validity,
            provenance=self.provenance,
        )


class PatternTable(Sourced):
    """An order of stops."""

    id: Annotated[Text, identifier("pattern")] = key("id", "name of an order of stops")
    stops: list[StopName] = key("list of stops", "in the order in which they are served; one may come twice")
    headsign: Text = key(
        "text", "what the bus has on its front where it goes to one place; else it names every stop ahead"
    )
    direction: int = whole("0 or 1", "0 is away from the base stop", 0, 1, 0)

    @cached_property
    def built(self) -> Pattern:
        return Pattern(
            id=self.id,
            stops=tuple(self.stops),
            headsign=self.headsign,
            direction=self.direction,
            provenance=self.provenance,
        )


class RunningTimeTable(Dated):
    """Minutes from one stop to the next."""

    from_: StopName = key("stop", "where the leg begins", alias="from")
    to: StopName = key("stop", "where it ends")
    minutes: int | None = whole("minutes", "running time all day", 1, 600, None)
    bands: list[Band] | None = key(
        "list of [time, minutes]",
        'instead of `minutes`: running time by when the trip starts; the first at "00:00"',
        None,
    )
    km: float | None = number("km", "length of the leg", 0, 1000, None)

    @field_validator("bands")
    @classmethod
    def _minutes_or_bands(cls, bands: list[Any] | None, info: ValidationInfo) -> list[Any] | None:
        minutes = sound(info, "minutes")
        if minutes is not None and bands is not None:
            what = "a running time has minutes and bands"
            raise refusal(Fault(what=what, allowed="one of them", path=("minutes",), code="minutes-and-bands"), up=1)
        if minutes is None and bands is None and "minutes" in info.data:
            fault = Fault(what="minutes is missing", allowed="a whole number", code="missing", path=("minutes",))
            raise refusal(fault, up=1)
        return bands

    @cached_property
    def built(self) -> RunningTime:
        return RunningTime(
            origin=self.from_,
            destination=self.to,
            bands=((0, self.minutes),) if self.minutes is not None else tuple(self.bands or ()),
            km=self.km,
            validity=self.validity,
            provenance=self.provenance,
        )


class VehicleTable(Dated):
    """A bus that can be sent out."""

    id: Annotated[Text, identifier("vehicle")] = key("id", "name of a bus")
    seats: int = whole("passengers", "seats beside the driver's", 1, 200)
    wheelchair_places: int = whole("places", "places for wheelchairs", 0, 20, 0)

    @cached_property
    def built(self) -> Vehicle:
        return Vehicle(
            id=self.id,
            seats=self.seats,
            wheelchair_places=self.wheelchair_places,
            validity=self.validity,
            provenance=self.provenance,
        )


class SupplementTable(Sourced):
    """Extra pay for work between two times of the day."""

    name: Text = key("text", "name of extra pay")
    day_types: list[Text] = key("list of day types", "on which it is paid")
    starts: TimeOfDay = key("time", "from when on it is paid")
    ends: TimeOfDay = key("time", "until when it is paid")
    nok_per_hour: float = number("NOK", "the extra pay of an hour", 0, 100_000)

    @cached_property
    def built(self) -> Supplement:
        return Supplement(
            name=self.name,
            day_types=tuple(self.day_types),
            starts=self.starts,
            ends=self.ends,
            nok_per_hour=self.nok_per_hour,
            provenance=self.provenance,
        )


class CostsTable(Sourced):
    """What service costs."""

    nok_per_driver_hour: float = number("NOK", "a paid hour of a driver", 0, 100_000)
    nok_per_km: float = number("NOK", "a kilometre driven", 0, 10_000)
    supplements: Tables[SupplementTable] = key("", "", [])

    @cached_property
    def built(self) -> Costs:
        supplements = tuple(table.built for table in self.supplements)
        return Costs(
            nok_per_driver_hour=self.nok_per_driver_hour,
            nok_per_km=self.nok_per_km,
            supplements=supplements,
            provenance=self.provenance,
        )


class LaterCostsTable(CostsTable):
    """Cost rates from a date on, until the next ones."""

    valid_from: ServiceDate = key("date", "the first date on which they hold")


class NetworkFile(TomlModel):
    """`network.toml`. The context names the stops of the file itself."""

    base_stop: StopName = key("stop", "where the bus starts and stands")
    stops: Tables[StopTable] = key("", "", [])
    patterns: Annotated[Tables[PatternTable], IDS_ONCE] = key("", "", [])
    running_times: Tables[RunningTimeTable] = key("", "", [])
    vehicles: Tables[VehicleTable] = key("", "", [])
    costs: CostsTable = key("", "")
    later_costs: Tables[LaterCostsTable] = key("", "", [])

    @cached_property
    def built(self) -> Network:
        return Network(
            base_stop=self.base_stop,
            stops=tuple(table.built for table in self.stops),
            patterns=tuple(table.built for table in self.patterns),
            running_times=tuple(table.built for table in self.running_times),
            vehicles=tuple(table.built for table in self.vehicles),
            costs=_costs(self.costs, self.later_costs),
        )


def _costs(first: CostsTable, later: list[LaterCostsTable]) -> tuple[Costs, ...]:
    """The rates in their order; each ends on the day before the next ones begin."""
    ordered = sorted(later, key=lambda table: table.valid_from)
    starts: list[date | None] = [None, *(table.valid_from for table in ordered)]
    ends: list[date | None] = [*(days_after(table.valid_from, -1) for table in ordered), None]
    return tuple(
        replace(table.built, validity=Validity(begins, ends_on))
        for table, begins, ends_on in zip([first, *ordered], starts, ends, strict=True)
    )


def read_network(document: TomlDocument, faults: list[Fault]) -> Network | None:
    """The network, or None with its faults added to `faults`. Patterns and running times name stops of this file."""
    context = Context(names={"stop": list(dict.fromkeys(ids(document.values.get("stops"))))})
    file = read_model(NetworkFile, document, faults, context)
    return file.built if file else None
