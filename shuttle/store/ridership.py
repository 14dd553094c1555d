"""Sums of what was counted, read from the roll-up: never from the observations, of which there may be millions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, cast, func, literal, select
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer

from shuttle.domain.ridership import Amounts, Grouping, Key, Span
from shuttle.store.tables.boardings import CountRow, HourSumRow, TripSumRow

_HOURS: Table = HourSumRow.__table__  # type: ignore[assignment]
_TRIPS: Table = TripSumRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_TRIP_OF_DEPARTURE = func.substr(_COUNTS.c.departure, len("2026-12-24.") + 1)
_NAMES = ("boardings", "alightings", "left_behind", "full")


def sums(session: Session, span: Span, by: tuple[Grouping, ...]) -> dict[Key, Amounts]:
    """Amounts of each key that has a count. `Grouping.WEEKDAY` is not known to the database: ask by day and merge."""
    if Grouping.TRIP in by and (Grouping.STOP in by or Grouping.HOUR in by):
        rows = _grouped(_COUNTS, span, _counts_columns(by), _COUNTS.c.holds, func.count())
    else:
        table = _HOURS if Grouping.STOP in by or Grouping.HOUR in by else _TRIPS
        columns = [table.c["service_date" if grouping is Grouping.DAY else grouping.value] for grouping in by]
        rows = _grouped(table, span, columns, table.c.counts > 0, func.sum(table.c.counts))
    return {tuple(key): Amounts(*map(int, amounts)) for key, amounts in _split(session, rows, len(by))}


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
    amounts = [func.sum(table.c[name]) for name in _NAMES]
    query = select(*keys, *amounts, counts).where(table.c.service_date.between(span.first, span.last), which)
    # a sum over nothing is one row of nulls: grouping by a constant gives no row instead
    return query.group_by(*keys) if keys else query.having(cast(func.count(literal(1)), Integer) > 0)


def _split(session: Session, query: Select[Any], width: int) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    return [(tuple(row[:width]), tuple(row[width:])) for row in session.execute(query)]


def counted_stops(session: Session, span: Span) -> dict[date, dict[str, frozenset[str]]]:
    """Service date -> trip -> the stops at which a count holds."""
    query = select(_COUNTS.c.service_date, _TRIP_OF_DEPARTURE, _COUNTS.c.stop).where(
        _COUNTS.c.service_date.between(span.first, span.last), _COUNTS.c.holds
    )
    found: defaultdict[date, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for day, trip, stop in session.execute(query):
        found[day][trip].add(stop)
    return {day: {trip: frozenset(stops) for trip, stops in trips.items()} for day, trips in found.items()}


def counted_trips(session: Session, span: Span) -> dict[date, dict[str, frozenset[str]]]:
    """As `counted_stops`, from the sums by trip: the stops are not known, one empty name stands for them."""
    query = select(_TRIPS.c.service_date, _TRIPS.c.trip).where(
        _TRIPS.c.service_date.between(span.first, span.last), _TRIPS.c.counts > 0
    )
    somewhere = frozenset({""})
    found: defaultdict[date, dict[str, frozenset[str]]] = defaultdict(dict)
    for day, trip in session.execute(query):
        found[day][trip] = somewhere
    return dict(found)
