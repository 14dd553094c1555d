"""View of the network: each link with its bands, each vehicle, and each pattern by the names of its stops."""

from dataclasses import dataclass
from datetime import date

from shuttle.domain.basics.provenance import Provenance
from shuttle.domain.basics.service_time import Minute, time_of_day_text
from shuttle.domain.timetable.departures import Schedule
from shuttle.domain.timetable.facts.changes import value_of
from shuttle.domain.timetable.network import Network, RunningTime, Vehicle
from shuttle.language import Words
from shuttle.services.timetable.assumed_facts import bands_text

SPARE_BANDS = 1


@dataclass(frozen=True, kw_only=True)
class LinkView:
    """A link as it holds today; `later`: the dates from which others hold."""

    origin: str
    destination: str
    name: str
    text: str
    bands: tuple[tuple[str, str], ...]
    km: str
    provenance: Provenance
    later: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class VehicleView:
    """A vehicle as it is today."""

    id: str
    seats: int
    wheelchair_places: int
    provenance: Provenance
    later: tuple[date, ...]


@dataclass(frozen=True, kw_only=True)
class PatternView:
    """A pattern. `stops`: their ids; `name`: their names in order."""

    id: str
    stops: tuple[str, ...]
    name: str
    headsign: str
    provenance: Provenance


@dataclass(frozen=True, kw_only=True)
class NetworkView:
    """The network as it holds today. `stops`: id and name of each stop in use."""

    links: tuple[LinkView, ...]
    matrix: "MatrixView"
    vehicles: tuple[VehicleView, ...]
    patterns: tuple[PatternView, ...]
    stops: tuple[tuple[str, str], ...]
    costs: "CostsView"
    day_types: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MatrixView:
    """Running times by link and time band. `bands`: first minute, and the last (None: of the day) of each; a row has the minutes in
    each band, with the link's place among the links.
    """

    bands: tuple[tuple[Minute, Minute | None], ...]
    rows: tuple[tuple[int, LinkView, tuple[int, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class CostsView:
    """The cost rates of today, and the supplements as typed texts (name, day types, starts, ends, NOK), one more than there are."""

    hour: str
    km: str
    supplements: tuple[tuple[str, tuple[str, ...], str, str, str], ...]
    provenance: Provenance
    later: tuple[date, ...]


def network_view(schedule: Schedule, today: date, words: Words) -> NetworkView:
    """The view on a date."""
    network = schedule.network
    names = {stop.id: stop.name_in(words.language) for stop in network.stops}
    links = dict.fromkeys((each.origin, each.destination) for each in network.running_times)
    vehicles = dict.fromkeys(each.id for each in network.vehicles)
    shown = tuple(one for link in links if (one := _link(schedule, link, names, today, words)))
    return NetworkView(
        links=shown,
        matrix=_matrix(network, shown, today),
        vehicles=tuple(
            view for bus in vehicles if (view := _vehicle([each for each in network.vehicles if each.id == bus], today))
        ),
        patterns=tuple(
            PatternView(
                id=pattern.id,
                stops=pattern.stops,
                name=" – ".join(names.get(stop, stop) for stop in pattern.stops),
                headsign=pattern.headsign,
                provenance=pattern.provenance,
            )
            for pattern in network.patterns
        ),
        stops=tuple((stop, names[stop]) for stop in network.on(today).stops),
        costs=_costs(network, today),
        day_types=tuple((each.id, each.names.of(words.language)) for each in schedule.calendar.day_types),
    )


def _link(
    schedule: Schedule, link: tuple[str, str], names: dict[str, str], today: date, words: Words
) -> LinkView | None:
    own: list[RunningTime] = [e for e in schedule.network.running_times if (e.origin, e.destination) == link]
    value = value_of(own, today)
    if value is None:
        return None
    bands = tuple((time_of_day_text(starts), str(minutes)) for starts, minutes in value.bands)
    return LinkView(
        origin=value.origin,
        destination=value.destination,
        name=" – ".join(names.get(stop, stop) for stop in link),
        text=bands_text(value.bands, value.km, words),
        bands=(*bands, *[("", "")] * SPARE_BANDS),
        km="" if value.km is None else f"{value.km:g}",
        provenance=value.provenance,
        later=_later(own, today),
    )


def _matrix(network: Network, links: tuple[LinkView, ...], today: date) -> MatrixView:
    times = network.on(today).running_times
    starts = sorted({start for link in links for start, _ in times[link.origin, link.destination].bands})
    ends = [start - 1 for start in starts[1:]]
    return MatrixView(
        bands=tuple(zip(starts, [*ends, None], strict=True)),
        rows=tuple(
            (place, link, tuple(times[link.origin, link.destination].minutes(start) for start in starts))
            for place, link in enumerate(links, start=1)
        ),
    )


def _costs(network: Network, today: date) -> CostsView:
    costs = network.costs_on(today)
    supplements = tuple(
        (
            each.name,
            each.day_types,
            time_of_day_text(each.starts),
            time_of_day_text(each.ends),
            f"{each.nok_per_hour:g}",
        )
        for each in costs.supplements
    )
    return CostsView(
        hour=f"{costs.nok_per_driver_hour:g}",
        km=f"{costs.nok_per_km:g}",
        supplements=(*supplements, ("", (), "", "", "")),
        provenance=costs.provenance,
        later=tuple(sorted(e.validity.first for e in network.costs if e.validity.first and e.validity.first > today)),
    )


def _vehicle(own: list[Vehicle], today: date) -> VehicleView | None:
    value = value_of(own, today)
    if value is None:
        return None
    return VehicleView(
        id=value.id,
        seats=value.seats,
        wheelchair_places=value.wheelchair_places,
        provenance=value.provenance,
        later=_later(own, today),
    )


def _later(values: list[RunningTime] | list[Vehicle], today: date) -> tuple[date, ...]:
    return tuple(sorted(each.validity.first for each in values if each.validity.first and each.validity.first > today))
