"""Counts in the database: append-only observations, each observer's latest count, and the sums (roll-up).

All three change in one transaction, many counts at a time. Of several observers of a stop of a departure, the latest
count of the one with the highest precedence holds and enters the sums.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from shuttle.domain.basics.service_time import FIRST_DATE, LAST_DATE
from shuttle.domain.ridership.boardings import Count, Observation, precedence
from shuttle.domain.timetable.departures import split_departure_id
from shuttle.store.engine.database import insert_into, is_postgres
from shuttle.store.ridership.bulk import insert_many
from shuttle.store.tables.ridership import CountRow, HourSumRow, ObservationRow, TripSumRow

_AMOUNTS = ("boardings", "alightings", "left_behind", "full")
WRITERS_LOCK = 7486242
"""PostgreSQL advisory lock: one writer at a time reads and then writes, as with BEGIN IMMEDIATE on SQLite."""


_Place = tuple[date, str, str]
"""Service date, departure and stop of a count."""

_Amounts = tuple[int, int, int, int]
"""Boardings, alightings, left behind, full; 0 where not recorded."""

_OBSERVATIONS: Table = ObservationRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_HOURS: Table = HourSumRow.__table__  # type: ignore[assignment]
_TRIPS: Table = TripSumRow.__table__  # type: ignore[assignment]
_INSERT_OBSERVATION = insert(_OBSERVATIONS)
_HIGHEST_ORDER = select(func.max(_OBSERVATIONS.c.row))
_KEYS = select(_OBSERVATIONS.c.key, _OBSERVATIONS.c.id, _OBSERVATIONS.c.fingerprint).where(
    _OBSERVATIONS.c.key.in_(bindparam("keys", expanding=True))
)
_COUNTS_OF = select(_COUNTS, _OBSERVATIONS.c.recorded_at).where(
    _COUNTS.c.row == _OBSERVATIONS.c.row,
    _COUNTS.c.service_date.in_(bindparam("dates", expanding=True)),
    _COUNTS.c.departure.in_(bindparam("names", expanding=True)),
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A received count to be stored. `key`: the sender's idempotency key; `hour`: hour of day of the planned call."""

    id: str
    key: str
    count: Count
    service_date: date
    hour: int
    source: str
    role: str
    received_at: datetime
    reason: str | None = None

    @property
    def recorded_at(self) -> datetime:
        """When it was counted; when it was received, where that was not said."""
        return self.count.recorded_at or self.received_at

    @property
    def place(self) -> _Place:
        """Service date, departure and stop."""
        return (self.service_date, self.count.departure, self.count.stop)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the count, which tells a repeated count from another one under the same key."""
        return self.count.fingerprint()


@dataclass(frozen=True)
class Stored:
    """Result for an arrival. `replayed`: stored before under the same key; `clash`: the key belongs to another count."""

    id: str
    replayed: bool = False
    clash: bool = False


def store_arrivals(connection: Connection, arrivals: Sequence[Arrival]) -> list[Stored]:
    """Store the new arrivals in order and update the sums, in the transaction of `connection`. Returns one result per
    arrival.
    """
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    stored_keys = _stored_keys(connection, [arrival.key for arrival in arrivals])
    results, new = [], []
    for arrival in arrivals:
        if arrival.key in stored_keys:
            identifier, fingerprint = stored_keys[arrival.key]
            replayed = fingerprint == arrival.fingerprint
            results.append(Stored(identifier, replayed=replayed, clash=not replayed))
            continue
        stored_keys[arrival.key] = (arrival.id, arrival.fingerprint)
        results.append(Stored(arrival.id))
        new.append(arrival)
    if new:
        _add(connection, new)
    return results


def find_key(session: Session, key: str) -> tuple[str, str] | None:
    """The id and fingerprint stored under an idempotency key; None for a new key."""
    return _stored_keys(session.connection(), [key]).get(key)


def _stored_keys(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = connection.execute(_KEYS, {"keys": list(keys)}).all()
    return {key: (identifier, fingerprint) for key, identifier, fingerprint in rows}


@dataclass(kw_only=True)
class _LatestCount:
    """An observer's latest count at a place: a row of `counts`."""

    place: _Place
    source: str
    role: str
    observation: str
    order: int
    hour: int
    amounts: _Amounts
    recorded_at: datetime
    holds: bool = False

    def row(self) -> dict[str, Any]:
        service_date, departure, stop = self.place
        return {
            "service_date": service_date,
            "departure": departure,
            "stop": stop,
            "source": self.source,
            "role": self.role,
            "observation": self.observation,
            "row": self.order,
            "hour": self.hour,
            "holds": self.holds,
            **dict(zip(_AMOUNTS, self.amounts, strict=True)),
        }


def _add(connection: Connection, new: Sequence[Arrival]) -> None:
    """Append the observations, replace each observer's latest count, and add the differences to the sums."""
    latest = _latest_counts(connection, {arrival.place for arrival in new})
    before = {place: next((c for c in by_source.values() if c.holds), None) for place, by_source in latest.items()}
    highest: int = connection.execute(_HIGHEST_ORDER).scalar() or 0
    rows, changed = [], set()
    for order, arrival in enumerate(new, start=highest + 1):
        by_source = latest.setdefault(arrival.place, {})
        earlier = by_source.get(arrival.source)
        if earlier is not None and earlier.recorded_at > arrival.recorded_at:
            rows.append(_row(arrival, order, None))  # a newer count of this observer came before it
            continue
        rows.append(_row(arrival, order, earlier.observation if earlier else None))
        by_source[arrival.source] = _LatestCount(
            place=arrival.place,
            source=arrival.source,
            role=arrival.role,
            observation=arrival.id,
            order=order,
            hour=arrival.hour,
            amounts=_amounts(arrival.count),
            recorded_at=arrival.recorded_at,
        )
        changed.add((arrival.place, arrival.source))
    insert_many(connection, _INSERT_OBSERVATION, rows)
    after: dict[_Place, _LatestCount] = {}
    for place in {arrival.place for arrival in new}:
        holder = max(latest[place].values(), key=lambda count: precedence(count.role, count.order))
        for count in latest[place].values():
            if count.holds != (count is holder):
                changed.add((place, count.source))
            count.holds = count is holder
        after[place] = holder
    count_rows = [latest[place][source].row() for place, source in changed]
    _upsert(connection, _COUNTS, ("service_date", "departure", "stop", "source"), count_rows, add=False)
    _update_sums(connection, after, {place: count for place, count in before.items() if count})


def _latest_counts(connection: Connection, places: set[_Place]) -> dict[_Place, dict[str, _LatestCount]]:
    """Place -> observer -> its latest count, of all departures of the places."""
    latest: dict[_Place, dict[str, _LatestCount]] = {}
    keys = {"dates": list({place[0] for place in places}), "names": list({place[1] for place in places})}
    rows = connection.execute(_COUNTS_OF, keys).all()
    for date_, departure, stop, source, role, observation, order, hour, *amounts, holds, recorded_at in rows:
        place = (date_, departure, stop)
        latest.setdefault(place, {})[source] = _LatestCount(
            place=place,
            source=source,
            role=role,
            observation=observation,
            order=order,
            hour=hour,
            amounts=(amounts[0], amounts[1], amounts[2], amounts[3]),
            recorded_at=recorded_at,
            holds=holds,
        )
    return latest


def _row(arrival: Arrival, order: int, supersedes: str | None) -> dict[str, Any]:
    count = arrival.count
    return {
        "row": order,
        "id": arrival.id,
        "key": arrival.key,
        "fingerprint": arrival.fingerprint,
        "service_date": arrival.service_date,
        "departure": count.departure,
        "stop": count.stop,
        "boardings": count.boardings,
        "alightings": count.alightings,
        "left_behind": count.left_behind,
        "full": count.full,
        "wheelchairs": count.wheelchairs,
        "recorded_at": arrival.recorded_at,
        "received_at": arrival.received_at,
        "source": arrival.source,
        "role": arrival.role,
        "supersedes": supersedes,
        "reason": arrival.reason,
    }


def _amounts(count: Count) -> _Amounts:
    return (count.boardings, count.alightings or 0, count.left_behind or 0, int(bool(count.full)))


def _update_sums(connection: Connection, after: dict[_Place, _LatestCount], before: dict[_Place, _LatestCount]) -> None:
    """Subtract the counts that held before and add those that hold after; the two may be in different hours."""
    by_hour: defaultdict[tuple[date, str, int], list[int]] = defaultdict(lambda: [0] * 5)
    by_trip: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * 5)
    for place, added in after.items():
        service_date, departure, stop = place
        removed = before.get(place)
        for sign, count in ((1, added), *(((-1, removed),) if removed else ())):
            differences = [sign * amount for amount in (*count.amounts, 1)]
            for sums in (by_hour[service_date, stop, count.hour], by_trip[service_date, departure.partition(".")[2]]):
                for index, amount in enumerate(differences):
                    sums[index] += amount
    hours, trips = ("service_date", "stop", "hour"), ("service_date", "trip")
    _upsert(connection, _HOURS, hours, _sum_rows(by_hour, hours))
    _upsert(connection, _TRIPS, trips, _sum_rows(by_trip, trips))


def _sum_rows(sums: dict[Any, list[int]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    columns = (*names, *_AMOUNTS, "counts")
    return [dict(zip(columns, (*key, *amounts), strict=True)) for key, amounts in sums.items()]


def _upsert(
    connection: Connection, table: Table, keys: tuple[str, ...], values: list[dict[str, Any]], add: bool = True
) -> None:
    """Insert the rows; where a key exists, add to its amounts (`add`) or replace its row."""
    insert_many(connection, _upsert_statement(table, keys, add, is_postgres(connection)), values)


@cache
def _upsert_statement(table: Table, keys: tuple[str, ...], add: bool, on_postgres: bool) -> Any:
    statement = insert_into(table, on_postgres)
    excluded = statement.excluded
    amounts = [column.name for column in table.columns if column.name not in keys]
    updated = {name: (table.c[name] + excluded[name]) if add else excluded[name] for name in amounts}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=updated)


def observations_of(session: Session, departure_id: str) -> list[Observation]:
    """All observations of a departure, in order of arrival."""
    service_date = split_departure_id(departure_id)[0]
    query = (
        select(ObservationRow)
        .where(ObservationRow.service_date == service_date, ObservationRow.departure == departure_id)
        .order_by(ObservationRow.order)
    )
    return [_observation(row) for row in session.scalars(query)]


def _observation(row: ObservationRow) -> Observation:
    count = Count(
        departure=row.departure,
        stop=row.stop,
        boardings=row.boardings,
        alightings=row.alightings,
        left_behind=row.left_behind,
        full=row.full,
        recorded_at=row.recorded_at,
        wheelchairs=row.wheelchairs,
    )
    return Observation(
        id=row.id,
        order=row.order,
        key=row.key,
        count=count,
        source=row.source,
        role=row.role,
        received_at=row.received_at,
        supersedes=row.supersedes,
        reason=row.reason,
    )


def observations_between(session: Session, first: date, last: date, limit: int, after: int = 0) -> list[Observation]:
    """At most `limit` observations of service dates `first` to `last` with an order above `after`, in order of arrival."""
    query = (
        select(ObservationRow)
        .where(ObservationRow.service_date.between(first, last), ObservationRow.order > after)
        .order_by(ObservationRow.order)
        .limit(limit)
    )
    return [_observation(row) for row in session.scalars(query)]


def departures_with_counts(session: Session, departure_ids: Sequence[str]) -> set[str]:
    """The departures among `departure_ids` that have a count."""
    dates = {split_departure_id(departure)[0] for departure in departure_ids}
    query = select(CountRow.departure).where(CountRow.service_date.in_(dates), CountRow.departure.in_(departure_ids))
    return set(session.scalars(query))


def first_counted_date(session: Session) -> date | None:
    """The first service date with a count; None without counts."""
    return session.scalar(
        select(func.min(CountRow.service_date)).where(CountRow.service_date.between(FIRST_DATE, LAST_DATE))
    )


def latest_counts_between(session: Session, first: date, last: date) -> dict[tuple[str, str], list[Observation]]:
    """(departure, stop) -> each observer's latest count, in order of arrival, on service dates `first` to `last`."""
    query = (
        select(ObservationRow)
        .join(CountRow, CountRow.order == ObservationRow.order)
        .where(CountRow.service_date.between(first, last))
        .order_by(ObservationRow.order)
    )
    latest: dict[tuple[str, str], list[Observation]] = {}
    for row in session.scalars(query):
        latest.setdefault((row.departure, row.stop), []).append(_observation(row))
    return latest


def last_observation(session: Session) -> int:
    """The number of the newest count; 0 without any."""
    return session.scalar(select(func.max(ObservationRow.order))) or 0
