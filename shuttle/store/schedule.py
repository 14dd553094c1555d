"""The whole schedule, in and out of the database, and the version that tells whether a copy in memory is still true.

The schedule is small (a few hundred rows) and is read whole: everything that asks what leaves on a date asks the domain.
A transaction that changes any of it calls `raise_version`, once.
"""

from typing import Any

from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from shuttle.domain.departures import Schedule
from shuttle.domain.errors import Unavailable
from shuttle.domain.network import (
    Costs,
    Network,
    Pattern,
    RunningTime,
    Stop,
    Supplement,
    Vehicle,
)
from shuttle.domain.opening_hours import OpeningHours, OpeningTimes, SpecialHours
from shuttle.domain.provenance import Provenance
from shuttle.domain.service_days import (
    Calendar,
    DayType,
    Names,
    Override,
    SpecialDay,
    SpecialKind,
)
from shuttle.store import changes, timetables
from shuttle.store.tables.base import dated, sourced
from shuttle.store.tables.calendar import (
    DayTypeRow,
    OverrideRow,
    SpecialDayRow,
    SpecialHoursRow,
    WeekRow,
)
from shuttle.store.tables.network import (
    OpeningHoursRow,
    PatternRow,
    RunningTimeRow,
    ServiceRow,
    StopRow,
    VehicleRow,
)


def is_filled(session: Session) -> bool:
    return session.get(ServiceRow, 1) is not None


def version(session: Session) -> int:
    """The schedule's version, 0 while the database is empty."""
    return session.scalar(select(ServiceRow.version)) or 0


def raise_version(session: Session) -> None:
    """Say that the schedule has changed; every process sees it with its next request."""
    session.execute(update(ServiceRow).values(version=ServiceRow.version + 1))


def read_schedule(session: Session) -> Schedule:
    """Everything that decides what leaves on a date. Raises Unavailable (`empty-database`) before the first filling."""
    service = session.get(ServiceRow, 1)
    if service is None:
        raise Unavailable(
            "empty-database", "the database holds no schedule yet; fill it with `shuttle serve` or `shuttle import`"
        )
    return Schedule(
        network=_read_network(session, service),
        calendar=_read_calendar(session),
        timetables=timetables.read_timetables(session),
        publications=timetables.read_publications(session),
        opening_times=_read_opening_times(session),
        changes=changes.read_changes(session),
    )


def _read_network(session: Session, service: ServiceRow) -> Network:
    return Network(
        base_stop=service.base_stop,
        stops=tuple(
            Stop(row.id, row.name, row.lat, row.lon, row.validity, row.provenance)
            for row in session.scalars(select(StopRow).order_by(StopRow.row))
        ),
        patterns=tuple(
            Pattern(row.id, tuple(row.stops), row.headsign, row.direction, row.provenance)
            for row in session.scalars(select(PatternRow).order_by(PatternRow.id))
        ),
        running_times=tuple(
            RunningTime(
                row.origin,
                row.destination,
                tuple((start, minutes) for start, minutes in row.bands),
                row.km,
                row.validity,
                row.provenance,
            )
            for row in session.scalars(select(RunningTimeRow).order_by(RunningTimeRow.row))
        ),
        vehicles=tuple(
            Vehicle(row.id, row.seats, row.wheelchair_places, row.validity, row.provenance)
            for row in session.scalars(select(VehicleRow).order_by(VehicleRow.row))
        ),
        costs=_costs(service.costs),
    )


def _costs(document: dict[str, Any]) -> Costs:
    return Costs(
        document["nok_per_driver_hour"],
        document["nok_per_km"],
        tuple(
            Supplement(
                each["name"],
                tuple(each["day_types"]),
                each["starts"],
                each["ends"],
                each["nok_per_hour"],
                Provenance(**each["provenance"]),
            )
            for each in document["supplements"]
        ),
        Provenance(**document["provenance"]),
    )


def _costs_document(costs: Costs) -> dict[str, Any]:
    return {
        "nok_per_driver_hour": costs.nok_per_driver_hour,
        "nok_per_km": costs.nok_per_km,
        "supplements": [
            {
                "name": each.name,
                "day_types": list(each.day_types),
                "starts": each.starts,
                "ends": each.ends,
                "nok_per_hour": each.nok_per_hour,
                "provenance": vars(each.provenance),
            }
            for each in costs.supplements
        ],
        "provenance": vars(costs.provenance),
    }


def _read_calendar(session: Session) -> Calendar:
    week = {row.day: row.day_type for row in session.scalars(select(WeekRow))}
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (week[day] for day in range(7))
    return Calendar(
        day_types=tuple(
            DayType(row.id, Names(row.nb, row.nn, row.en))
            for row in session.scalars(select(DayTypeRow).order_by(DayTypeRow.position))
        ),
        week=(monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        special_days=tuple(
            SpecialDay(row.date, row.key, SpecialKind(row.kind), Names(row.nb, row.nn, row.en), row.day_type)
            for row in session.scalars(select(SpecialDayRow).order_by(SpecialDayRow.date, SpecialDayRow.key))
        ),
        overrides=tuple(
            Override(row.date, row.day_type, row.reason, row.made_by, row.made_at)
            for row in session.scalars(
                select(OverrideRow).where(OverrideRow.withdrawn_at.is_(None)).order_by(OverrideRow.date)
            )
        ),
    )


def _read_opening_times(session: Session) -> OpeningTimes:
    return OpeningTimes(
        regular=tuple(
            OpeningHours(row.stop, row.day_type, _windows(row.windows), row.validity, row.provenance)
            for row in session.scalars(select(OpeningHoursRow).order_by(OpeningHoursRow.row))
        ),
        special=tuple(
            SpecialHours(row.stop, row.date, _windows(row.windows), row.reason)
            for row in session.scalars(select(SpecialHoursRow).order_by(SpecialHoursRow.stop, SpecialHoursRow.date))
        ),
    )


def _windows(pairs: list[Any]) -> tuple[tuple[int, int], ...]:
    return tuple((opens, closes) for opens, closes in pairs)


def fill(session: Session, schedule: Schedule) -> None:
    """Write a schedule that was read from files into an empty database."""
    network, calendar = schedule.network, schedule.calendar
    session.add(ServiceRow(id=1, version=1, base_stop=network.base_stop, costs=_costs_document(network.costs)))
    _insert(
        session,
        StopRow,
        [
            {"id": s.id, "name": s.name, "lat": s.lat, "lon": s.lon, **dated(s.validity), **sourced(s.provenance)}
            for s in network.stops
        ],
    )
    _insert(
        session,
        PatternRow,
        [
            {
                "id": p.id,
                "headsign": p.headsign,
                "direction": p.direction,
                "stops": list(p.stops),
                **sourced(p.provenance),
            }
            for p in network.patterns
        ],
    )
    _insert(
        session,
        RunningTimeRow,
        [
            {
                "origin": r.origin,
                "destination": r.destination,
                "bands": [list(band) for band in r.bands],
                "km": r.km,
                **dated(r.validity),
                **sourced(r.provenance),
            }
            for r in network.running_times
        ],
    )
    _insert(
        session,
        VehicleRow,
        [
            {
                "id": v.id,
                "seats": v.seats,
                "wheelchair_places": v.wheelchair_places,
                **dated(v.validity),
                **sourced(v.provenance),
            }
            for v in network.vehicles
        ],
    )
    _insert(
        session,
        DayTypeRow,
        [{"id": d.id, "position": position, **vars(d.names)} for position, d in enumerate(calendar.day_types)],
    )
    _insert(session, WeekRow, [{"day": day, "day_type": day_type} for day, day_type in enumerate(calendar.week)])
    _insert(
        session,
        SpecialDayRow,
        [
            {"date": s.date, "key": s.key, "kind": s.kind.value, "day_type": s.day_type, **vars(s.names)}
            for s in calendar.special_days
        ],
    )
    _insert(
        session,
        OverrideRow,
        [
            {
                "date": o.date,
                "day_type": o.day_type,
                "reason": o.reason,
                "made_by": o.made_by,
                "made_at": o.made_at,
                "withdrawn_by": "",
            }
            for o in calendar.overrides
        ],
    )
    _fill_opening_times(session, schedule.opening_times)
    session.flush()
    for timetable in schedule.timetables:
        timetables.write_timetable(session, timetable)
    for publication in schedule.publications:
        timetables.write_publication(session, publication, published_by="")


def _fill_opening_times(session: Session, times: OpeningTimes) -> None:
    _insert(
        session,
        OpeningHoursRow,
        [
            {
                "stop": hours.stop,
                "day_type": hours.day_type,
                "windows": [list(window) for window in hours.windows],
                **dated(hours.validity),
                **sourced(hours.provenance),
            }
            for hours in times.regular
        ],
    )
    _insert(
        session,
        SpecialHoursRow,
        [
            {"stop": h.stop, "date": h.date, "windows": [list(window) for window in h.windows], "reason": h.reason}
            for h in times.special
        ],
    )


def _insert(session: Session, row: type[Any], values: list[dict[str, Any]]) -> None:
    """Insert in one statement; nothing for an empty list (an INSERT without values would add an empty row)."""
    if values:
        table: Table = row.__table__
        session.execute(insert(table), values)
