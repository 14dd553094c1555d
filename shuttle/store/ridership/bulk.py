"""Many rows under one statement, on the shortest way that both databases have.

SQLAlchemy prepares each row of an executemany anew, which for a commit of counts costs more than the database's own work.
Here a statement is compiled once for a database, with what its columns' types do to a value; the rows then go to the driver
as they are. For statements without values of their own: what is inserted comes from the rows alone.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.sql.dml import Insert

_Binder = Callable[[Mapping[str, Any]], Any]


def insert_many(connection: Connection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute an insert (or upsert) of all columns of its table, once a row. No rows, nothing done."""
    if rows:
        sql, bind = _prepared(statement, connection.dialect)
        connection.exec_driver_sql(sql, [bind(row) for row in rows])


@cache
def _prepared(statement: Insert, dialect: Dialect) -> tuple[str, _Binder]:
    table = statement.table
    assert isinstance(table, Table)
    compiled: Any = statement.compile(dialect=dialect, column_keys=[column.name for column in table.columns])
    names: list[str] = compiled.positiontup or list(compiled.params)
    ways = [(name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    sql = str(compiled)
    if compiled.positional:
        return sql, lambda row: tuple([row[name] if way is None else way(row[name]) for name, way in ways])
    return sql, lambda row: {name: row[name] if way is None else way(row[name]) for name, way in ways}
