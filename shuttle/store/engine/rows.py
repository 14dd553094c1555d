"""Helpers for rows: bulk inserts, and reading past invalid rows.

Input is checked before it is stored. Stored rows of older versions or of other programs may still break today's rules.
Such a row is skipped with a line in the log, so that one bad row does not break a page.
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
Value = TypeVar("Value")


class Dated(Protocol):
    """A value with a validity."""

    @property
    def validity(self) -> Validity: ...


Fact = TypeVar("Fact", bound=Dated)


def insert_all(session: Session, row: type[Any], values: list[dict[str, Any]]) -> None:
    """Insert all `values` in one statement; nothing for an empty list (an INSERT without values would add an empty row)."""
    if values:
        table: Table = row.__table__
        session.execute(insert(table), values)


def readable(rows: Iterable[Row], build: Callable[[Row], Value]) -> Iterator[Value]:
    """Result of `build` for each row. A row that the domain refuses (Invalid) is skipped and logged."""
    for row in rows:
        try:
            yield build(row)
        except Invalid as error:
            log.warning("invalid stored row skipped (%s): %s", type(row).__name__, error.detail)


def without_overlaps(facts: Iterable[Fact], name: Callable[[Fact], object]) -> tuple[Fact, ...]:
    """The facts without those whose validity overlaps that of an earlier one of the same name; each is logged."""
    kept: list[Fact] = []
    validities: dict[object, list[Validity]] = {}
    for fact in facts:
        earlier = validities.setdefault(name(fact), [])
        if any(fact.validity.overlaps(other) for other in earlier):
            log.warning("invalid stored row skipped (%s): %s overlaps an earlier one", type(fact).__name__, name(fact))
            continue
        earlier.append(fact.validity)
        kept.append(fact)
    return tuple(kept)
