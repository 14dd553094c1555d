"""Copies between databases of both kinds preserve every table and every type of column."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
)

from shuttle.store.backup import backup_file, copies, postgres_stream, sqlite
from shuttle.store.backup.tables_copied import empty, tables
from shuttle.store.engine.database import open_database, reading, transaction
from shuttle.store.tables.base import Document, Moment
from tests.conftest import KINDS, a_database

pytestmark = pytest.mark.slow

STRANGE = "\\N \\\\ tab\tline\nreturn\r'quote' \"double\" \\. æøå Æ 日本 \U0001f68c"
ALL_KINDS = Table(
    "of_all_kinds",
    MetaData(),
    Column("key", String(80), primary_key=True),
    Column("number", Integer),
    Column("measure", Double),
    Column("said", Text),
    Column("yes", Boolean),
    Column("day", Date),
    Column("at", Moment()),
    Column("document", Document),
    Column("picture", LargeBinary),
)
ROWS: list[dict[str, Any]] = [
    {
        "key": key,
        "number": number,
        "measure": measure,
        "said": STRANGE,
        "yes": number > 0,
        "day": day,
        "at": datetime(day.year, 10, 25, 1, 59, 59, number % 999_999, tzinfo=UTC),
        "document": {"zz": [1, 2.5, None, True, {"b": STRANGE, "a": {}}], "é": 1e-7, "A": 10**15, "": []},
        "picture": bytes(range(256)),
    }
    for key, number, measure, day in [
        ("a", -(2**31), 0.1 + 0.2, date(2026, 2, 28)),
        ("B", 2**31 - 1, 1e-300, date(1, 1, 1)),
        ("å", 7, -1.7976931348623157e308, date(9999, 12, 31)),
        ("Ø-\U0001f68c", 0, 60.391262, date(2024, 2, 29)),
        ("\uffee", 5, 5.324, date(2000, 1, 1)),
        (STRANGE, 1, 1 / 3, date(1969, 12, 31)),
    ]
]
OTHERS: dict[str, Any] = {
    "key": "B2",
    "number": 2**31 - 2,
    "measure": 1.0000000000000002e-300,
    "said": STRANGE + " ",
    "yes": False,
    "day": date(1, 1, 2),
    "at": datetime(1, 10, 25, 1, 59, 59, 1, tzinfo=UTC),
    "document": {"zz": []},
    "picture": bytes(range(255)),
}
"""Per column a value that differs slightly from the second row's."""
NOTHING: dict[str, Any] = {column.name: None for column in ALL_KINDS.columns}
EMPTY = {**NOTHING, "key": "", "said": "", "document": [], "picture": b""}


@pytest.fixture(params=KINDS)
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "other").mkdir()
    yield from a_database(request.param, tmp_path / "other", filled=True)


def copied(source: Engine, target: Engine, file: Path) -> None:
    with copies.saving(source, file) as copy:
        copy.save()
        copies.prove_equal(copy)
    with copies.restoring(target, file) as (_, copy):
        copy.put()
        copies.prove_equal(copy)


def stored(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    """The rows as a program reads them, in order of the keys."""
    with reading(engine) as session:
        rows = [tuple(row) for row in session.execute(select(*table.primary_key.columns, *table.columns))]
    return sorted(rows, key=lambda row: repr(row[: len(table.primary_key.columns)]))


def test_every_kind_of_column_survives(
    empty_database_url: str, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (sqlite, postgres_stream):
        monkeypatch.setattr(module, "tables", lambda: [ALL_KINDS])
    source, target = open_database(empty_database_url), open_database(other_url)
    file = create_engine(f"sqlite:///{tmp_path / 'file.db'}")
    for engine in (source, target, file):
        ALL_KINDS.create(engine)
    with transaction(source) as session:
        session.execute(insert(ALL_KINDS), [*ROWS, {**NOTHING, "key": "nothing"}, EMPTY])
    copied(source, target, tmp_path / "file.db")
    rows = stored(target, ALL_KINDS)
    assert rows == stored(source, ALL_KINDS)
    assert len(rows) == len(ROWS) + 2
    ALL_KINDS.drop(target)
    for engine in (source, target, file):
        engine.dispose()


@pytest.mark.parametrize("column", [column.name for column in ALL_KINDS.columns])
def test_a_value_that_differs_in_any_column_is_found(
    empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    for module in (sqlite, postgres_stream):
        monkeypatch.setattr(module, "tables", lambda: [ALL_KINDS])
    source, file = open_database(empty_database_url), create_engine(f"sqlite:///{tmp_path / 'file.db'}")
    for engine in (source, file):
        ALL_KINDS.create(engine)
    with transaction(source) as session:
        session.execute(insert(ALL_KINDS), ROWS[:3])
    other = {**ROWS[1], column: OTHERS[column]}
    with file.begin() as connection:
        connection.execute(insert(ALL_KINDS), [ROWS[0], other, ROWS[2]])
    with copies.saving(source, tmp_path / "file.db") as copy:
        assert copy.unequal() == ["of_all_kinds"]
    source.dispose()
    file.dispose()


def a_row(table: Table, strange: bool) -> dict[str, Any]:
    """A value in every column, or null where allowed; foreign keys refer to the referenced table's value."""
    return {column.name: a_value(column, strange) for column in table.columns}


def a_value(column: Column[Any], strange: bool) -> Any:
    for key in column.foreign_keys:
        return a_value(key.column, strange)
    if column.nullable and not strange:
        return None
    if isinstance(column.type, String):
        return (STRANGE * 2 if strange else "plain")[: column.type.length or 1000]
    if isinstance(column.type, Boolean):
        return strange
    if isinstance(column.type, Integer):
        return 1 if strange or column.table.name == "service" else 2
    if isinstance(column.type, Double):
        return 0.1 + 0.2
    if isinstance(column.type, Date):
        return date(2024, 2, 29) if strange else date(2026, 1, 1)
    if isinstance(column.type, Moment):
        return datetime(2026, 10, 25, 0, 59, 59, 999_999 if strange else 0, tzinfo=UTC)
    if isinstance(column.type, LargeBinary):
        return bytes(range(256))
    return ROWS[0]["document"] if strange else []


def test_every_table_survives(database_url: str, other_url: str, tmp_path: Path) -> None:
    source, target = open_database(database_url), open_database(other_url)
    with transaction(source) as session:
        empty(session)
        for table in tables():
            rows = [a_row(table, strange) for strange in (True, False)]
            session.execute(insert(table), rows[:1] if table.name == "service" else rows)
    with transaction(target) as session:
        empty(session)
    backup_file.make(tmp_path / "file.db")
    copied(source, target, tmp_path / "file.db")
    for table in tables():
        copied_rows = stored(target, table)
        assert copied_rows == stored(source, table), table.name
        assert copied_rows, table.name
    source.dispose()
    target.dispose()
