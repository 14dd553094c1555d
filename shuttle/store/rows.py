"""Writing many rows of a table in one statement."""

from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session


def insert_all(session: Session, row: type[Any], values: list[dict[str, Any]]) -> None:
    """Insert in one statement; nothing for an empty list (an INSERT without values would add an empty row)."""
    if values:
        table: Table = row.__table__
        session.execute(insert(table), values)
