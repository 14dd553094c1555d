"""`network.toml`: stops, patterns, running times, vehicles and costs.

What is dated stands several times with `valid_from` and `valid_to`; a stop that moves is written twice with the same id.
"""

from shuttle.domain.basics.service_time import Minute
from shuttle.domain.timetable.network import Costs, Network, Pattern, RunningTime, Stop, Supplement, Vehicle
from shuttle.feeds.toml.tables import TomlTable


def read_network(file: TomlTable) -> Network | None:
    """The network, or None with the faults noted in `file.faults`. Patterns and running times name stops of this file."""
    base_stop = file.text("base_stop")
    stops = tuple(filter(None, map(_stop, file.tables("stops"))))
    known = list(dict.fromkeys(file.ids("stops")))
    file.check_choice(base_stop, known, "stop", "base_stop")
    patterns = tuple(filter(None, (_pattern(table, known) for table in file.tables("patterns"))))
    running_times = tuple(filter(None, (_running_time(table, known) for table in file.tables("running_times"))))
    vehicles = tuple(filter(None, map(_vehicle, file.tables("vehicles"))))
    costs = _costs(file.table("costs"))
    file.refuse_ids_given_twice("patterns")
    return file.build(
        lambda: Network(
            base_stop=base_stop,
            stops=stops,
            patterns=patterns,
            running_times=running_times,
            vehicles=vehicles,
            costs=costs or Costs(0.0, 0.0),
        )
    )


def _stop(table: TomlTable) -> Stop | None:
    identifier, name = table.identifier("id", "stop"), table.text("name")
    lat = table.number("lat", -90, 90) if table.has("lat") or table.has("lon") else None
    lon = table.number("lon", -180, 180) if table.has("lat") or table.has("lon") else None
    validity, provenance = table.validity(), table.provenance()
    return table.build(
        lambda: Stop(id=identifier, name=name, lat=lat, lon=lon, validity=validity, provenance=provenance)
    )


def _pattern(table: TomlTable, stops: list[str]) -> Pattern | None:
    identifier, headsign = table.identifier("id", "pattern"), table.text("headsign")
    direction = table.whole_number("direction", 0, 1, 0)
    served = table.texts("stops")
    for position, stop in enumerate(served):
        table.check_choice(stop, stops, "stop", "stops", position)
    provenance = table.provenance()
    return table.build(
        lambda: Pattern(id=identifier, stops=served, headsign=headsign, direction=direction, provenance=provenance)
    )


def _running_time(table: TomlTable, stops: list[str]) -> RunningTime | None:
    origin, destination = table.choice("from", stops, "stop"), table.choice("to", stops, "stop")
    bands = _bands(table)
    km = table.number("km", 0, 1000) if table.has("km") else None
    validity, provenance = table.validity(), table.provenance()
    return table.build(
        lambda: RunningTime(
            origin=origin, destination=destination, bands=bands, km=km, validity=validity, provenance=provenance
        )
    )


def _bands(table: TomlTable) -> tuple[tuple[Minute, int], ...]:
    """`minutes = 10` for the whole day, or `bands = [["00:00", 10], ["15:00", 14]]` by the start of the trip."""
    if not table.has("bands"):
        return ((0, table.whole_number("minutes", 1, 600)),)
    bands: list[tuple[Minute, int]] = []
    for position, item in enumerate(table.items("bands")):
        if isinstance(item, list) and len(item) == 2 and type(item[1]) is int:
            bands.append((table.minute_from(item[0], "bands", position, 0), item[1]))
        else:
            table.fault("a band is not a time and minutes", "bands", position, given=item, allowed='["15:00", 14]')
    return tuple(bands)


def _vehicle(table: TomlTable) -> Vehicle | None:
    identifier = table.identifier("id", "vehicle")
    seats = table.whole_number("seats", 1, 200)
    wheelchairs = table.whole_number("wheelchair_places", 0, 20, 0)
    validity, provenance = table.validity(), table.provenance()
    return table.build(
        lambda: Vehicle(
            id=identifier, seats=seats, wheelchair_places=wheelchairs, validity=validity, provenance=provenance
        )
    )


def _costs(table: TomlTable) -> Costs | None:
    per_hour = table.number("nok_per_driver_hour", 0, 100_000)
    per_km = table.number("nok_per_km", 0, 10_000)
    supplements = tuple(filter(None, map(_supplement, table.tables("supplements"))))
    provenance = table.provenance()
    return table.build(lambda: Costs(per_hour, per_km, supplements, provenance))


def _supplement(table: TomlTable) -> Supplement | None:
    name, day_types = table.text("name"), table.texts("day_types")
    starts, ends = table.minute("starts"), table.minute("ends")
    nok = table.number("nok_per_hour", 0, 100_000)
    provenance = table.provenance()
    return table.build(
        lambda: Supplement(
            name=name, day_types=day_types, starts=starts, ends=ends, nok_per_hour=nok, provenance=provenance
        )
    )
