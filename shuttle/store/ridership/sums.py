"""Ridership sums, read from the roll-up. The observations, possibly millions, are never summed at reading time."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, cast, func, literal, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer

from shuttle.domain.ridership.boardings import CORRECTION
from shuttle.domain.ridership.gaps import CountAtStop, CountsByDeparture
from shuttle.domain.ridership.summaries import Amounts, Grouping, Key, Span
from shuttle.store.tables.ridership import CountRow, HourSumRow, ObservationRow, TripSumRow

_HOURS: Table = HourSumRow.__table__  # type: ignore[assignment]
_TRIPS: Table = TripSumRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_OBSERVATIONS: Table = ObservationRow.__table__  # type: ignore[assignment]
_TRIP_OF_DEPARTURE = func.substr(_COUNTS.c.departure, len("2026-12-24.") + 1)

MAX_DEPARTURES = 400
"""Departures per statement; databases limit the number of bind parameters."""

_NAMES = ("boardings", "alightings", "left_behind", "full")


@dataclass(frozen=True)
class ObserverCount:
    """The latest count of an observer with that role; `holds` marks the one that enters the sums."""

    role: str
    boardings: int
    alightings: int | None
    holds: bool


@dataclass(frozen=True)
class Dispute:
    """A stop of a departure with differing counts of several observers; `words`: the one that holds comes first."""

    departure: str
    stop: str
    words: tuple[ObserverCount, ...]


def sums(session: Session, span: Span, by: tuple[Grouping, ...]) -> dict[Key, Amounts]:
    """Amounts per key that has a count. The database has no `Grouping.WEEKDAY`: group by day and merge."""
    if Grouping.TRIP in by and (Grouping.STOP in by or Grouping.HOUR in by):
        rows = _grouped(_COUNTS, span, _counts_columns(by), _COUNTS.c.holds, func.count())
    else:
        table = _HOURS if Grouping.STOP in by or Grouping.HOUR in by else _TRIPS
        columns = [table.c["service_date" if grouping is Grouping.DAY else grouping.value] for grouping in by]
        rows = _grouped(table, span, columns, table.c.counts > 0, func.sum(table.c.counts))
    return {key: Amounts(*amounts) for key, amounts in _split(session, rows, len(by))}


def _counts_columns(by: tuple[Grouping, ...]) -> list[ColumnElement[Any]]:
    columns: dict[Grouping, ColumnElement[Any]] = {
        Grouping.DAY: _COUNTS.c.service_date,
        Grouping.STOP: _COUNTS.c.stop,
        Grouping.HOUR: _COUNTS.c.hour,
        Grouping.TRIP: _TRIP_OF_DEPARTURE,
    }
    return [columns[grouping] for grouping in by]


def _grouped(
    table: Table, span: Span, keys: Sequence[ColumnElement[Any]], which: ColumnElement[bool], counts: ColumnElement[int]
) -> Select[Any]:
    if table is _HOURS and {column.name for column in keys} == {column.name for column in table.primary_key}:
        plain = select(*keys, *(table.c[name] for name in _NAMES), table.c.counts)
        return plain.where(table.c.service_date.between(span.first, span.last), which)  # one row per key: no sum
    amounts = [func.sum(table.c[name]) for name in _NAMES]
    query = select(*keys, *amounts, counts).where(table.c.service_date.between(span.first, span.last), which)
    # a sum over no rows is one row of nulls; HAVING drops it
    return query.group_by(*keys) if keys else query.having(cast(func.count(literal(1)), Integer) > 0)


def _split(session: Session, query: Select[Any], width: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """A lazy iterator: freeing a list of 100,000 rows blocks all other threads."""
    return ((tuple(row[:width]), tuple(row[width:])) for row in map(tuple, session.execute(query)))


def whole(session: Session, span: Span) -> tuple[Amounts, int]:
    """Amounts of the whole span, and the number of counted departures."""
    query = select(*(func.sum(_TRIPS.c[name]) for name in (*_NAMES, "counts")), func.count()).where(
        _TRIPS.c.service_date.between(span.first, span.last), _TRIPS.c.counts > 0
    )
    *amounts, departures = session.execute(query).one()
    return Amounts(*(amount or 0 for amount in amounts)), departures


def counted_departures(session: Session, span: Span, by: tuple[Grouping, ...]) -> dict[Key, int]:
    """Number of counted departures per key of days and trips."""
    columns = [_TRIPS.c["service_date" if grouping is Grouping.DAY else grouping.value] for grouping in by]
    query = _grouped(_TRIPS, span, columns, _TRIPS.c.counts > 0, func.count())
    return {key: amounts[-1] for key, amounts in _split(session, query, len(by))}


def counted_trips(session: Session, span: Span) -> dict[date, set[str]]:
    """Service date -> trips with a count."""
    query = select(_TRIPS.c.service_date, _TRIPS.c.trip).where(
        _TRIPS.c.service_date.between(span.first, span.last), _TRIPS.c.counts > 0
    )
    trips: defaultdict[date, set[str]] = defaultdict(set)
    for day, trip in session.execute(query):
        trips[day].add(trip)
    return dict(trips)


def counted_among(session: Session, departures: Sequence[tuple[date, str]]) -> set[tuple[date, str]]:
    """The departures (service date, trip) among `departures` that have a count."""
    if not departures:
        return set()
    days = {day for day, _ in departures}
    query = select(_TRIPS.c.service_date, _TRIPS.c.trip).where(
        _TRIPS.c.service_date.between(min(days), max(days)),
        _TRIPS.c.trip.in_({trip for _, trip in departures}),
        _TRIPS.c.counts > 0,
    )
    return {(day, trip) for day, trip in session.execute(query)} & set(departures)


def seen(session: Session, span: Span, fewer_than: int, also: Collection[tuple[date, str]]) -> CountsByDeparture:
    """(service date, trip) -> stop -> the count that holds, of departures with fewer than `fewer_than` counts and of
    those in `also`.
    """
    short = select(_TRIPS.c.service_date, _TRIPS.c.trip).where(
        _TRIPS.c.service_date.between(span.first, span.last), _TRIPS.c.counts > 0, _TRIPS.c.counts < fewer_than
    )
    departures = sorted({*((day, trip) for day, trip in session.execute(short)), *also})
    counts: dict[tuple[date, str], dict[str, CountAtStop]] = {}
    for start in range(0, len(departures), MAX_DEPARTURES):
        chunk = [(day, f"{day}.{trip}") for day, trip in departures[start : start + MAX_DEPARTURES]]
        named = tuple_(_COUNTS.c.service_date, _COUNTS.c.departure).in_(chunk)
        columns = (
            _COUNTS.c.service_date,
            _TRIP_OF_DEPARTURE,
            _COUNTS.c.stop,
            _COUNTS.c.boardings,
            _COUNTS.c.alightings,
        )
        for day, trip, stop, on, off in session.execute(select(*columns).where(named, _COUNTS.c.holds)):
            counts.setdefault((day, trip), {})[stop] = CountAtStop(on, bool(on or off))
    return counts


def disputed(session: Session, span: Span, at_most: int) -> list[Dispute]:
    """At most `at_most` places with differing counts that nobody has corrected, the latest date first."""
    place = (_COUNTS.c.service_date, _COUNTS.c.departure, _COUNTS.c.stop)
    alightings = _OBSERVATIONS.c.alightings
    differ = (
        select(*place)
        .join(_OBSERVATIONS, _OBSERVATIONS.c.row == _COUNTS.c.row)
        .where(_COUNTS.c.service_date.between(span.first, span.last))
        .group_by(*place)
        .having(
            (func.min(_COUNTS.c.boardings) != func.max(_COUNTS.c.boardings))
            | (func.min(alightings) != func.max(alightings)),
            func.sum(case((_COUNTS.c.role == CORRECTION, 1), else_=0)) == 0,
        )
        .order_by(_COUNTS.c.service_date.desc(), _COUNTS.c.departure, _COUNTS.c.stop)
        .limit(at_most)
        .subquery()
    )
    same = and_(*(column == differ.c[column.name] for column in place))
    query = select(*place, _COUNTS.c.role, _COUNTS.c.boardings, alightings, _COUNTS.c.holds).select_from(
        _COUNTS.join(differ, same).join(_OBSERVATIONS, _OBSERVATIONS.c.row == _COUNTS.c.row)
    )
    disputes: dict[tuple[date, str, str], list[ObserverCount]] = {}
    for day, departure, stop, role, boardings, off, holds in session.execute(
        query.order_by(_COUNTS.c.service_date.desc(), _COUNTS.c.departure, _COUNTS.c.stop, _COUNTS.c.holds.desc())
    ):
        disputes.setdefault((day, departure, stop), []).append(ObserverCount(role, boardings, off, holds))
    return [Dispute(departure, stop, tuple(words)) for (_, departure, stop), words in disputes.items()]
