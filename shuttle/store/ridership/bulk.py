"""Bulk inserts with a compiled statement.

SQLAlchemy processes each row of an executemany anew, which costs more than the database's own work in a commit of
counts. Here a statement is compiled once per dialect together with the bind processors of its columns; the rows go
straight to the driver.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.sql.dml import Insert

_Binder = Callable[[Mapping[str, Any]], Any]


def insert_many(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute an insert or upsert of all columns of its table once per row; nothing without rows.

    The statement must have no values of its own: all values come from the rows.
    """
    if rows:
        sql, bind = _prepared(statement, connection.dialect)
        connection.exec_driver_sql(sql, [bind(row) for row in rows])


@cache
def _prepared(statement: Insert, dialect: Dialect) -> tuple[str, _Binder]:
    table = statement.table
    assert isinstance(table, Table)
    compiled: Any = statement.compile(dialect=dialect, column_keys=[column.name for column in table.columns])
    names: list[str] = compiled.positiontup or list(compiled.params)
    processors = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    sql = str(compiled)
    if compiled.positional:
        return sql, lambda row: tuple(
            [row[name] if process is None else process(row[name]) for name, process in processors]
        )
    return sql, lambda row: {name: row[name] if process is None else process(row[name]) for name, process in processors}
