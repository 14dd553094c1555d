"""Counts in and out of the database, many at a time, with their sums in the same transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from shuttle.domain.boardings import Count, Observation, holding
from shuttle.domain.departures import split_departure_id
from shuttle.store.database import is_postgres
from shuttle.store.tables.boardings import CountRow, HourSumRow, ObservationRow, TripSumRow

_AMOUNTS = ("boardings", "alightings", "left_behind", "full")
WRITERS_LOCK = 7486242
"""PostgreSQL advisory lock that lets one writer at a time look and then write, as BEGIN IMMEDIATE does on SQLite."""


@dataclass(frozen=True)
class Arrival:
    """A count to be stored: who sent it under which key, and the hour of the day in which the call is planned."""

    id: str
    key: str
    count: Count
    hour: int
    source: str
    role: str
    received_at: datetime

    @property
    def service_date(self) -> date:
        return split_departure_id(self.count.departure)[0]


@dataclass(frozen=True)
class Stored:
    """What became of an arrival: stored now, stored before under the same key (`replayed`), or a key used twice (`clash`)."""

    id: str
    replayed: bool = False
    clash: bool = False


def store_arrivals(session: Session, arrivals: Sequence[Arrival]) -> list[Stored]:
    """Store what is new among the arrivals, in order, and bring the sums along. One answer for each."""
    if is_postgres(session.get_bind()):
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    known = _known_keys(session, [arrival.key for arrival in arrivals])
    answers, new = [], []
    for arrival in arrivals:
        fingerprint = arrival.count.fingerprint()
        if arrival.key in known:
            earlier, said = known[arrival.key]
            answers.append(Stored(earlier, replayed=said == fingerprint, clash=said != fingerprint))
            continue
        known[arrival.key] = (arrival.id, fingerprint)
        answers.append(Stored(arrival.id))
        new.append(arrival)
    if new:
        _add(session, new)
    return answers


def find_key(session: Session, key: str) -> tuple[str, str] | None:
    """The id and fingerprint that a key was stored with."""
    return _known_keys(session, [key]).get(key)


def _known_keys(session: Session, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    table = ObservationRow
    query = select(table.key, table.id, table.fingerprint).where(table.key.in_(keys))
    return {key: (identifier, fingerprint) for key, identifier, fingerprint in session.execute(query)}


_Place = tuple[date, str, str]
"""Service date, departure and stop: what one figure is about."""


def _add(session: Session, new: Sequence[Arrival]) -> None:
    seen = _observations_of(session, {(a.service_date, a.count.departure) for a in new})
    before = {place: holding(observations) for place, observations in seen.items()}
    order = session.scalar(select(func.max(ObservationRow.order))) or 0
    rows, hours = [], {}
    for arrival in new:
        order += 1
        place = (arrival.service_date, arrival.count.departure, arrival.count.stop)
        earlier = [o for o in seen[place] if o.source == arrival.source]
        observation = Observation(
            arrival.id,
            order,
            arrival.key,
            arrival.count,
            arrival.source,
            arrival.role,
            arrival.received_at,
            earlier[-1].id if earlier else None,
        )
        seen[place].append(observation)
        hours[place] = arrival.hour
        rows.append(_row(observation, arrival.service_date))
    table: Table = ObservationRow.__table__  # type: ignore[assignment]
    session.execute(insert(table), rows)
    figures = {}
    for place in hours:
        held = holding(seen[place])
        assert held is not None
        figures[place] = (before.get(place), held, hours[place])
    _bring_sums_along(session, figures)


def _row(observation: Observation, service_date: date) -> dict[str, Any]:
    count = observation.count
    return {
        "row": observation.order,
        "id": observation.id,
        "key": observation.key,
        "fingerprint": count.fingerprint(),
        "service_date": service_date,
        "departure": count.departure,
        "stop": count.stop,
        "boardings": count.boardings,
        "alightings": count.alightings,
        "left_behind": count.left_behind,
        "full": count.full,
        "recorded_at": count.recorded_at or observation.received_at,
        "received_at": observation.received_at,
        "source": observation.source,
        "role": observation.role,
        "supersedes": observation.supersedes,
    }


def _observations_of(
    session: Session, departures: Iterable[tuple[date, str]]
) -> defaultdict[_Place, list[Observation]]:
    found: defaultdict[_Place, list[Observation]] = defaultdict(list)
    by_date: defaultdict[date, list[str]] = defaultdict(list)
    for service_date, departure in departures:
        by_date[service_date].append(departure)
    for service_date, names in by_date.items():
        query = (
            select(ObservationRow)
            .where(ObservationRow.service_date == service_date, ObservationRow.departure.in_(names))
            .order_by(ObservationRow.order)
        )
        for row in session.scalars(query):
            found[(row.service_date, row.departure, row.stop)].append(_observation(row))
    return found


def _observation(row: ObservationRow) -> Observation:
    count = Count(row.departure, row.stop, row.boardings, row.alightings, row.left_behind, row.full, row.recorded_at)
    return Observation(row.id, row.order, row.key, count, row.source, row.role, row.received_at, row.supersedes)


def _amounts(observation: Observation | None) -> tuple[int, int, int, int]:
    if observation is None:
        return (0, 0, 0, 0)
    count = observation.count
    return (count.boardings, count.alightings or 0, count.left_behind or 0, int(bool(count.full)))


def _bring_sums_along(session: Session, figures: dict[_Place, tuple[Observation | None, Observation, int]]) -> None:
    """Put the new figure in place of the old one, and the difference into the sums."""
    counts: list[dict[str, Any]] = []
    by_hour: defaultdict[tuple[date, str, int], list[int]] = defaultdict(lambda: [0] * 5)
    by_trip: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * 5)
    for (service_date, departure, stop), (before, after, hour) in figures.items():
        new = _amounts(after)
        key = {"service_date": service_date, "departure": departure, "stop": stop, "hour": hour}
        counts.append({**key, **dict(zip(_AMOUNTS, new, strict=True))})
        change = [now - was for now, was in zip(new, _amounts(before), strict=True)] + [int(before is None)]
        trip = split_departure_id(departure)[1]
        for sums in (by_hour[service_date, stop, hour], by_trip[service_date, trip]):
            for index, amount in enumerate(change):
                sums[index] += amount
    _upsert(session, CountRow, ("service_date", "departure", "stop"), counts, add=False)
    _upsert(session, HourSumRow, ("service_date", "stop", "hour"), _sum_rows(by_hour, ("service_date", "stop", "hour")))
    _upsert(session, TripSumRow, ("service_date", "trip"), _sum_rows(by_trip, ("service_date", "trip")))


def _sum_rows(sums: dict[Any, list[int]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    columns = (*names, *_AMOUNTS, "counts")
    return [dict(zip(columns, (*key, *amounts), strict=True)) for key, amounts in sums.items()]


def _upsert(
    session: Session, row: type[Any], keys: tuple[str, ...], values: list[dict[str, Any]], add: bool = True
) -> None:
    """Insert, or add to what is there (`add`), or replace it."""
    table: Table = row.__table__
    dialect = postgresql if is_postgres(session.get_bind()) else sqlite
    statement = dialect.insert(table)
    excluded = statement.excluded
    amounts = [column.name for column in table.columns if column.name not in keys]
    updated = {name: (table.c[name] + excluded[name]) if add else excluded[name] for name in amounts}
    session.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=updated), values)


def observations_of(session: Session, departure_id: str) -> list[Observation]:
    """Every observation of a departure, in order of arrival."""
    found = _observations_of(session, [(split_departure_id(departure_id)[0], departure_id)])
    return sorted((o for several in found.values() for o in several), key=lambda observation: observation.order)


def observations_between(session: Session, first: date, last: date, limit: int, after: int = 0) -> list[Observation]:
    """Observations of service dates from `first` to `last`, in order of arrival, those after `after`, at most `limit`."""
    query = (
        select(ObservationRow)
        .where(ObservationRow.service_date.between(first, last), ObservationRow.order > after)
        .order_by(ObservationRow.order)
        .limit(limit)
    )
    return [_observation(row) for row in session.scalars(query)]


def departures_with_counts(session: Session, departure_ids: Sequence[str]) -> set[str]:
    """Those of the departures on which somebody has been counted."""
    dates = {split_departure_id(departure)[0] for departure in departure_ids}
    query = select(CountRow.departure).where(CountRow.service_date.in_(dates), CountRow.departure.in_(departure_ids))
    return set(session.scalars(query))
