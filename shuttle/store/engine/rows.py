"""Rows of a table, written many in one statement, and read even where one of them makes no sense.

What comes in is checked before it is stored. What lies in a database already, from an older version or from another hand, may
break rules that hold now: such a row is left out and named in the log, so that it takes no page with it.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from shuttle.domain.basics.errors import Invalid
from shuttle.domain.basics.provenance import Validity

log = logging.getLogger("shuttle.store")

Row = TypeVar("Row")
Thing = TypeVar("Thing")


class Dated(Protocol):
    """A fact that holds for a while."""

    @property
    def validity(self) -> Validity: ...


Fact = TypeVar("Fact", bound=Dated)


def insert_all(session: Session, row: type[Any], values: list[dict[str, Any]]) -> None:
    """Insert in one statement; nothing for an empty list (an INSERT without values would add an empty row)."""
    if values:
        table: Table = row.__table__
        session.execute(insert(table), values)


def readable(rows: Iterable[Row], build: Callable[[Row], Thing]) -> Iterator[Thing]:
    """What each row stands for. A row that the domain refuses is left out, with a line in the log."""
    for row in rows:
        try:
            yield build(row)
        except Invalid as refusal:
            log.warning("a stored row is left out (%s): %s", type(row).__name__, refusal.detail)


def apart(facts: Iterable[Fact], name: Callable[[Fact], object]) -> tuple[Fact, ...]:
    """The facts without those that hold on a date on which an earlier one of the same name holds already."""
    kept: list[Fact] = []
    taken: dict[object, list[Validity]] = {}
    for fact in facts:
        several = taken.setdefault(name(fact), [])
        if any(fact.validity.overlaps(other) for other in several):
            log.warning("a stored row is left out (%s): %s overlaps an earlier one", type(fact).__name__, name(fact))
            continue
        several.append(fact.validity)
        kept.append(fact)
    return tuple(kept)
