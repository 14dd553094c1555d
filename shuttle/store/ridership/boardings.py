"""Counts in and out of the database, many at a time, with their sums in the same transaction."""

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
"""PostgreSQL advisory lock that lets one writer at a time look and then write, as BEGIN IMMEDIATE does on SQLite."""


_Place = tuple[date, str, str]
"""Service date, departure and stop: what one figure is about."""

_Amounts = tuple[int, int, int, int]
"""Boardings, alightings, left behind, full; what was not looked at adds nothing to a sum."""

_OBSERVATIONS: Table = ObservationRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_HOURS: Table = HourSumRow.__table__  # type: ignore[assignment]
_TRIPS: Table = TripSumRow.__table__  # type: ignore[assignment]
_APPENDED = insert(_OBSERVATIONS)
_LAST_ORDER = select(func.max(_OBSERVATIONS.c.row))
_KEYS = select(_OBSERVATIONS.c.key, _OBSERVATIONS.c.id, _OBSERVATIONS.c.fingerprint).where(
    _OBSERVATIONS.c.key.in_(bindparam("keys", expanding=True))
)
_WORDS_OF = select(_COUNTS).where(
    _COUNTS.c.service_date.in_(bindparam("dates", expanding=True)),
    _COUNTS.c.departure.in_(bindparam("names", expanding=True)),
)


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A count to be stored: who sent it under which key, and the hour of the day in which the call is planned."""

    id: str
    key: str
    count: Count
    service_date: date
    hour: int
    source: str
    role: str
    received_at: datetime

    @property
    def place(self) -> _Place:
        return (self.service_date, self.count.departure, self.count.stop)

    @cached_property
    def fingerprint(self) -> str:
        return self.count.fingerprint()


@dataclass(frozen=True)
class Stored:
    """What became of an arrival: stored now, stored before under the same key (`replayed`), or a key used twice (`clash`)."""

    id: str
    replayed: bool = False
    clash: bool = False


def store_arrivals(connection: Connection, arrivals: Sequence[Arrival]) -> list[Stored]:
    """Store what is new among the arrivals, in order, and bring the sums along. One answer for each."""
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    known = _known_keys(connection, [arrival.key for arrival in arrivals])
    answers, new = [], []
    for arrival in arrivals:
        if arrival.key in known:
            earlier, said = known[arrival.key]
            answers.append(Stored(earlier, replayed=said == arrival.fingerprint, clash=said != arrival.fingerprint))
            continue
        known[arrival.key] = (arrival.id, arrival.fingerprint)
        answers.append(Stored(arrival.id))
        new.append(arrival)
    if new:
        _add(connection, new)
    return answers


def find_key(session: Session, key: str) -> tuple[str, str] | None:
    """The id and fingerprint that a key was stored with."""
    return _known_keys(session.connection(), [key]).get(key)


def _known_keys(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
    rows = connection.execute(_KEYS, {"keys": list(keys)}).all()
    return {key: (identifier, fingerprint) for key, identifier, fingerprint in rows}


@dataclass(kw_only=True)
class _Word:
    """An observer's last word about a place, as it stands or will stand in `counts`."""

    place: _Place
    source: str
    role: str
    observation: str
    order: int
    hour: int
    amounts: _Amounts
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
    """Append the observations, put each observer's last word in place, and the differences into the sums."""
    words = _last_words(connection, {arrival.place for arrival in new})
    before = {place: next((w for w in said.values() if w.holds), None) for place, said in words.items()}
    last: int = connection.execute(_LAST_ORDER).scalar() or 0
    rows, touched = [], set()
    for order, arrival in enumerate(new, start=last + 1):
        said = words.setdefault(arrival.place, {})
        earlier = said.get(arrival.source)
        rows.append(_row(arrival, order, earlier.observation if earlier else None))
        said[arrival.source] = _Word(
            place=arrival.place,
            source=arrival.source,
            role=arrival.role,
            observation=arrival.id,
            order=order,
            hour=arrival.hour,
            amounts=_amounts(arrival.count),
        )
        touched.add((arrival.place, arrival.source))
    insert_many(connection, _APPENDED, rows)
    held: dict[_Place, _Word] = {}
    for place in {arrival.place for arrival in new}:
        holder = max(words[place].values(), key=lambda word: precedence(word.role, word.order))
        for word in words[place].values():
            if word.holds != (word is holder):
                touched.add((place, word.source))
            word.holds = word is holder
        held[place] = holder
    last_words = [words[place][source].row() for place, source in touched]
    _upsert(connection, _COUNTS, ("service_date", "departure", "stop", "source"), last_words, add=False)
    _bring_sums_along(connection, held, {place: word for place, word in before.items() if word})


def _last_words(connection: Connection, places: set[_Place]) -> dict[_Place, dict[str, _Word]]:
    found: dict[_Place, dict[str, _Word]] = {}
    asked = {"dates": list({place[0] for place in places}), "names": list({place[1] for place in places})}
    rows = connection.execute(_WORDS_OF, asked).all()
    for date_, departure, stop, source, role, observation, order, hour, *amounts, holds in rows:
        place = (date_, departure, stop)
        said = (amounts[0], amounts[1], amounts[2], amounts[3])
        found.setdefault(place, {})[source] = _Word(
            place=place,
            source=source,
            role=role,
            observation=observation,
            order=order,
            hour=hour,
            amounts=said,
            holds=holds,
        )
    return found


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
        "recorded_at": count.recorded_at or arrival.received_at,
        "received_at": arrival.received_at,
        "source": arrival.source,
        "role": arrival.role,
        "supersedes": supersedes,
    }


def _amounts(count: Count) -> _Amounts:
    return (count.boardings, count.alightings or 0, count.left_behind or 0, int(bool(count.full)))


def _bring_sums_along(connection: Connection, held: dict[_Place, _Word], before: dict[_Place, _Word]) -> None:
    """Take what held out of the sums and put what holds now in; the two may stand in different hours."""
    by_hour: defaultdict[tuple[date, str, int], list[int]] = defaultdict(lambda: [0] * 5)
    by_trip: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0] * 5)
    for place, word in held.items():
        service_date, departure, stop = place
        was = before.get(place)
        for sign, said in ((1, word), *(((-1, was),) if was else ())):
            change = [sign * amount for amount in (*said.amounts, 1)]
            for sums in (by_hour[service_date, stop, said.hour], by_trip[service_date, departure.partition(".")[2]]):
                for index, amount in enumerate(change):
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
    """Insert, or add to what is there (`add`), or replace it."""
    insert_many(connection, _upsert_statement(table, keys, add, is_postgres(connection)), values)


@cache
def _upsert_statement(table: Table, keys: tuple[str, ...], add: bool, on_postgres: bool) -> Any:
    statement = insert_into(table, on_postgres)
    excluded = statement.excluded
    amounts = [column.name for column in table.columns if column.name not in keys]
    updated = {name: (table.c[name] + excluded[name]) if add else excluded[name] for name in amounts}
    return statement.on_conflict_do_update(index_elements=list(keys), set_=updated)


def observations_of(session: Session, departure_id: str) -> list[Observation]:
    """Every observation of a departure, in order of arrival."""
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
    )


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


def first_counted_date(session: Session) -> date | None:
    """The first service date on which somebody counted."""
    return session.scalar(
        select(func.min(CountRow.service_date)).where(CountRow.service_date.between(FIRST_DATE, LAST_DATE))
    )


def last_words_between(session: Session, first: date, last: date) -> dict[tuple[str, str], list[Observation]]:
    """(departure, stop) -> each observer's last word, in order of arrival, on service dates from `first` to `last`."""
    query = (
        select(ObservationRow)
        .join(CountRow, CountRow.order == ObservationRow.order)
        .where(CountRow.service_date.between(first, last))
        .order_by(ObservationRow.order)
    )
    found: dict[tuple[str, str], list[Observation]] = {}
    for row in session.scalars(query):
        found.setdefault((row.departure, row.stop), []).append(_observation(row))
    return found
