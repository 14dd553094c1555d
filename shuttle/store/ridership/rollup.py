"""Verification and rebuild of the roll-up.

Three tables are derived: `counts` (each observer's latest count, and which one holds) from `observations`, and the two
sums from the counts that hold. `differences` states the derivation a second time, in SQL and independently of the
writer. Observations lack one value, the hour of the planned call: it is kept from `counts`, or computed where missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    and_,
    case,
    delete,
    except_,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from shuttle.domain.ridership.boardings import WEIGHTS
from shuttle.store.engine.database import is_postgres
from shuttle.store.ridership.boardings import WRITERS_LOCK
from shuttle.store.tables.ridership import CountRow, HourSumRow, ObservationRow, TripSumRow

_OBSERVATIONS: Table = ObservationRow.__table__  # type: ignore[assignment]
_COUNTS: Table = CountRow.__table__  # type: ignore[assignment]
_HOURS: Table = HourSumRow.__table__  # type: ignore[assignment]
_TRIPS: Table = TripSumRow.__table__  # type: ignore[assignment]
_AMOUNTS = ("boardings", "alightings", "left_behind", "full")
_PLACE = ("service_date", "departure", "stop")
_UNKNOWN_HOUR = -1
_KEPT = Table(
    "kept_hours",
    MetaData(),
    Column("service_date", Date, primary_key=True),
    Column("departure", String(220), primary_key=True),
    Column("stop", String(80), primary_key=True),
    Column("source", String(80), primary_key=True),
    Column("hour", Integer, nullable=False),
    prefixes=["TEMPORARY"],
)

HourOf = Callable[[str, str], int | None]
"""(departure, stop) -> hour of the planned call; None where no timetable has the departure any more."""


@dataclass(frozen=True)
class Difference:
    """A row of a derived table that is wrong (`surplus`) or missing."""

    table: str
    surplus: bool
    row: tuple[Any, ...]

    def __str__(self) -> str:
        return f"{self.table}: {'should not hold' if self.surplus else 'lacks'} {', '.join(map(str, self.row))}"


def differences(session: Session, at_most: int = 100) -> list[Difference]:
    """Differences between the derived tables and their sources, at most `at_most` of each table and kind."""
    rows: list[Difference] = []
    for table, actual, expected in _comparisons():
        for surplus, left, right in ((True, actual, expected), (False, expected, actual)):
            wrong = session.execute(except_(left, right).limit(at_most))
            rows += [Difference(table.name, surplus, tuple(row)) for row in wrong]
    return rows


def _comparisons() -> Iterator[tuple[Table, Select[Any], Select[Any]]]:
    latest = _latest_counts().subquery()
    holds = literal(1) == latest.c.precedence
    columns = (*_PLACE, "source", "role", "observation", "row", *_AMOUNTS)
    actual = select(*(_COUNTS.c[name] for name in columns), case((_COUNTS.c.holds, 1), else_=0))
    yield _COUNTS, actual, select(*(latest.c[name] for name in columns), case((holds, 1), else_=0))
    for table, expected in ((_HOURS, _sums_by_hour()), (_TRIPS, _sums_by_trip())):
        # a row whose counts all moved to another key stays with 0 counts: not a difference
        yield table, select(*table.columns).where(table.c.counts > 0), expected


def _latest_counts() -> Select[Any]:
    """Each observer's latest count at a place; `precedence` is 1 for the one that holds."""
    rows = _OBSERVATIONS.c
    place = [rows[name] for name in _PLACE]
    newest = (
        func.row_number()
        .over(partition_by=[*place, rows.source], order_by=[rows.recorded_at.desc(), rows.row.desc()])
        .label("newest")
    )
    every = select(_OBSERVATIONS, newest).subquery()
    weight = case(*((every.c.role == role, literal(weight)) for role, weight in WEIGHTS.items()), else_=literal(0))
    order = func.row_number().over(
        partition_by=[every.c[name] for name in _PLACE], order_by=[weight.desc(), every.c.row.desc()]
    )
    amounts = [
        every.c.boardings,
        func.coalesce(every.c.alightings, 0).label("alightings"),
        func.coalesce(every.c.left_behind, 0).label("left_behind"),
        case((every.c.full, 1), else_=0).label("full"),
    ]
    keys = [every.c[name] for name in (*_PLACE, "source", "role")]
    return select(*keys, every.c.id.label("observation"), every.c.row, *amounts, order.label("precedence")).where(
        every.c.newest == 1
    )


def _sums_by_hour() -> Select[Any]:
    keys = (_COUNTS.c.service_date, _COUNTS.c.stop, _COUNTS.c.hour)
    return select(*keys, *_summed()).where(_COUNTS.c.holds).group_by(*keys)


def _sums_by_trip() -> Select[Any]:
    trip = func.substr(_COUNTS.c.departure, len("2026-12-24.") + 1)
    return (
        select(_COUNTS.c.service_date, trip, *_summed()).where(_COUNTS.c.holds).group_by(_COUNTS.c.service_date, trip)
    )


def _summed() -> list[Any]:
    return [*(func.sum(_COUNTS.c[name]) for name in _AMOUNTS), func.count()]


def rebuild(session: Session, hour_of: HourOf) -> None:
    """Rebuild the derived tables from the observations, in the session's transaction."""
    connection = session.connection()
    if is_postgres(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITERS_LOCK})
    _KEPT.create(connection)
    try:
        _rebuild_counts(connection, hour_of)
    finally:
        _KEPT.drop(connection)
    make_sums(connection)


def make_sums(connection: Connection) -> None:
    """Rebuild the two sums from the counts that hold."""
    for table, sums in ((_HOURS, _sums_by_hour()), (_TRIPS, _sums_by_trip())):
        connection.execute(delete(table))
        connection.execute(insert(table).from_select([column.name for column in table.columns], sums))


def _rebuild_counts(connection: Connection, hour_of: HourOf) -> None:
    keys = (*_PLACE, "source")
    kept = select(*(_COUNTS.c[name] for name in keys), _COUNTS.c.hour)
    connection.execute(insert(_KEPT).from_select([*keys, "hour"], kept))
    connection.execute(delete(_COUNTS))
    latest = _latest_counts().subquery()
    same = and_(*(latest.c[name] == _KEPT.c[name] for name in keys))
    columns = (*keys, "role", "observation", "row", *_AMOUNTS)
    rebuilt = select(
        *(latest.c[name] for name in columns),
        func.coalesce(_KEPT.c.hour, _UNKNOWN_HOUR),
        latest.c.precedence == 1,
    ).select_from(latest.outerjoin(_KEPT, same))
    connection.execute(insert(_COUNTS).from_select([*columns, "hour", "holds"], rebuilt))
    for place in connection.execute(_places_without_hour()).all():
        where = and_(*(_COUNTS.c[name] == value for name, value in zip(_PLACE, place, strict=True)))
        connection.execute(update(_COUNTS).where(where).values(hour=_hour(connection, place, hour_of)))


def _places_without_hour() -> Select[Any]:
    return select(*(_COUNTS.c[name] for name in _PLACE)).where(_COUNTS.c.hour == _UNKNOWN_HOUR).distinct()


def _hour(connection: Connection, place: Any, hour_of: HourOf) -> int:
    """Hour of the planned call. For a departure of no timetable: the hour kept by another observer, or 0."""
    service_date: date
    service_date, departure, stop = place
    hour = hour_of(departure, stop)
    if hour is not None:
        return hour
    others = (
        select(_COUNTS.c.hour)
        .where(
            _COUNTS.c.service_date == service_date, _COUNTS.c.departure == departure, _COUNTS.c.hour != _UNKNOWN_HOUR
        )
        .limit(1)
    )
    return connection.execute(others).scalar() or 0
