"""Acts on facts in the database, and the rows of a fact, to be kept and put back.

A fact is one group of rows of a table: all values of a stop, all opening hours of a centre. The rows are kept as JSON, without
their row numbers.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Table, delete, func, insert, select
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import NotFound
from shuttle.domain.timetable.facts.changes import FactGroup
from shuttle.store.tables.base import Base
from shuttle.store.tables.calendar import SpecialHoursRow
from shuttle.store.tables.facts import FactActRow
from shuttle.store.tables.network import (
    CostsRow,
    OpeningHoursRow,
    PatternRow,
    RunningTimeRow,
    StopPictureRow,
    StopRow,
    VehicleRow,
)

TABLES: dict[FactGroup, tuple[type[Base], tuple[str, ...]]] = {
    FactGroup.STOP: (StopRow, ("id",)),
    FactGroup.OPENING_HOURS: (OpeningHoursRow, ("stop",)),
    FactGroup.SPECIAL_HOURS: (SpecialHoursRow, ("stop",)),
    FactGroup.RUNNING_TIME: (RunningTimeRow, ("origin", "destination")),
    FactGroup.COSTS: (CostsRow, ()),
    FactGroup.VEHICLE: (VehicleRow, ("id",)),
    FactGroup.PATTERN: (PatternRow, ("id",)),
    FactGroup.PICTURE: (StopPictureRow, ("stop",)),
}
"""Group -> its table, and the columns whose values are the key, with blanks between."""

ROW_NUMBER = "row"


def rows_of(session: Session, group: FactGroup, key: str) -> list[dict[str, Any]]:
    """The rows of a fact as JSON values, in their order."""
    session.flush()
    table, chosen = _chosen(group, key)
    query = select(table).where(*chosen).order_by(*table.primary_key.columns)
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in ({n: v for n, v in row.items() if n != ROW_NUMBER} for row in session.execute(query).mappings())
    ]


def put_back(session: Session, group: FactGroup, key: str, rows: Sequence[dict[str, Any]]) -> None:
    """Replace the rows of a fact. The order of the table stays, since the colours of stops follow from it."""
    table, chosen = _chosen(group, key)
    if ROW_NUMBER not in table.c:
        session.execute(delete(table).where(*chosen))
        _insert(session, table, rows)
        return
    everything = [dict(row) for row in session.execute(select(table).order_by(table.c[ROW_NUMBER])).mappings()]
    own = set(session.scalars(select(table.c[ROW_NUMBER]).where(*chosen)))
    before = [row for row in everything if row[ROW_NUMBER] < min(own, default=row[ROW_NUMBER] + 1)]
    behind = [row for row in everything if row not in before and row[ROW_NUMBER] not in own]
    session.execute(delete(table))
    _insert(session, table, [*before, *rows, *behind])


def _insert(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    dates = {column.name for column in table.columns if isinstance(column.type, Date)}
    for row in rows:
        values = {
            name: date.fromisoformat(value) if name in dates and isinstance(value, str) else value
            for name, value in row.items()
            if name != ROW_NUMBER
        }
        session.execute(insert(table).values(values))
    session.flush()
    session.expire_all()


def _chosen(group: FactGroup, key: str) -> tuple[Table, list[Any]]:
    kind, columns = TABLES[group]
    table = kind.__table__
    assert isinstance(table, Table)
    return table, [table.c[name] == value for name, value in zip(columns, key.split(" ") if key else (), strict=True)]


def add_act(session: Session, act: FactActRow) -> None:
    """Add an act after all others."""
    act.position = (session.scalar(select(func.max(FactActRow.position))) or 0) + 1
    session.add(act)
    session.flush()


def act(session: Session, act_id: str) -> FactActRow:
    """Raises NotFound (`unknown-fact-act`), also for an act of a kind that only a newer program knows."""
    row = session.get(FactActRow, act_id)
    if row is None or row.kind not in set(FactGroup):
        raise NotFound("unknown-fact-act", f"there is no act {act_id!r} on facts", given=act_id)
    return row


def latest_acts(session: Session, limit: int) -> list[FactActRow]:
    """The newest acts of the kinds that are known here, the newest first."""
    of_our_kinds = FactActRow.kind.in_([group.value for group in FactGroup])
    return list(
        session.scalars(select(FactActRow).where(of_our_kinds).order_by(FactActRow.position.desc()).limit(limit))
    )
