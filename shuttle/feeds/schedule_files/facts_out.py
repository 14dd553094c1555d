"""Facts as schedule files: `network.toml` and `opening-hours.toml`, which the readers of this folder read back as they were.

What is empty, false or open-ended is left out, as a person would write it.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

import tomlkit

from shuttle.domain.basics.provenance import Provenance, Validity
from shuttle.domain.basics.service_time import time_of_day_text
from shuttle.domain.timetable.network import Costs, Network, Stop
from shuttle.domain.timetable.opening_hours import OpeningTimes, Window


def write_network(network: Network) -> str:
    """All stops, patterns, running times, vehicles and cost rates. Of the rates the first holds until the next ones."""
    costs = sorted(network.costs, key=lambda each: each.validity.first or date.min)
    document = {
        "base_stop": network.base_stop,
        "stops": [_table(_stop(stop), stop.validity, stop.provenance) for stop in network.stops],
        "patterns": [
            _table(
                {"id": each.id, "stops": list(each.stops), "headsign": each.headsign, "direction": each.direction},
                Validity(),
                each.provenance,
            )
            for each in network.patterns
        ],
        "running_times": [
            _table(
                {
                    "from": link.origin,
                    "to": link.destination,
                    **_bands(link.bands),
                    "km": link.km,
                },
                link.validity,
                link.provenance,
            )
            for link in network.running_times
        ],
        "vehicles": [
            _table(
                {"id": bus.id, "seats": bus.seats, "wheelchair_places": bus.wheelchair_places},
                bus.validity,
                bus.provenance,
            )
            for bus in network.vehicles
        ],
        "costs": _costs(costs[0], Validity()) if costs else {"nok_per_driver_hour": 0, "nok_per_km": 0},
        "later_costs": [_costs(each, Validity(each.validity.first)) for each in costs[1:]],
    }
    return tomlkit.dumps({key: value for key, value in document.items() if value != []})


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        "id": stop.id,
        "name": stop.name,
        "lat": stop.lat,
        "lon": stop.lon,
        "name_nn": stop.name_nn,
        "name_en": stop.name_en,
        "address": stop.address,
        "way": stop.way,
        "wheelchair": stop.wheelchair,
        "quay": stop.quay,
        "mark": stop.mark or None,
    }


def write_opening_times(times: OpeningTimes) -> str:
    """All regular hours and all special ones."""
    document = {
        "opening_hours": [
            _table(
                {"stop": each.stop, "day_type": each.day_type, "windows": _windows(each.windows)},
                each.validity,
                each.provenance,
            )
            for each in times.regular
        ],
        "special_hours": [
            {"stop": each.stop, "date": each.date, "windows": _windows(each.windows), "reason": each.reason}
            for each in times.special
        ],
    }
    return tomlkit.dumps({key: value for key, value in document.items() if value})


def _table(values: dict[str, Any], validity: Validity, provenance: Provenance) -> dict[str, Any]:
    dates = {"valid_from": validity.first, "valid_to": validity.last}
    sourced = {"source": provenance.source, "assumed": provenance.assumed or None, "reason": provenance.reason}
    everything = {**values, **dates, **sourced}
    return {key: value for key, value in everything.items() if value is not None and value != ""}


def _costs(costs: Costs, validity: Validity) -> dict[str, Any]:
    rates = {"nok_per_driver_hour": costs.nok_per_driver_hour, "nok_per_km": costs.nok_per_km}
    supplements = [
        _table(
            {
                "name": each.name,
                "day_types": list(each.day_types),
                "starts": time_of_day_text(each.starts),
                "ends": time_of_day_text(each.ends),
                "nok_per_hour": each.nok_per_hour,
            },
            Validity(),
            each.provenance,
        )
        for each in costs.supplements
    ]
    table = _table(rates, validity, costs.provenance)
    return {**table, **({"supplements": supplements} if supplements else {})}


def _bands(bands: Iterable[tuple[int, int]]) -> dict[str, Any]:
    several = list(bands)
    if len(several) == 1:
        return {"minutes": several[0][1]}
    return {"bands": [[time_of_day_text(starts), minutes] for starts, minutes in several]}


def _windows(windows: tuple[Window, ...]) -> list[list[str]]:
    return [[time_of_day_text(edge) for edge in window] for window in windows]
