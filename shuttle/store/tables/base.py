"""Shared parts of all tables: constraint names, column types, validity and provenance.

A moment is an aware datetime in Python and UTC in the database. SQLite stores no time zone; `Moment` adds it again when
reading. So no naive datetime leaves the store.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Date, DateTime, Dialect, Index, MetaData, String, TypeDecorator, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

from shuttle.domain.basics.provenance import Provenance, Validity


class Document(TypeDecorator[Any]):
    """A JSON value, read and written whole; no query looks into it."""

    impl = JSON
    cache_ok = True
    should_evaluate_none = True  # None is stored as the JSON value null

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return self.impl_instance
        from sqlalchemy.dialects.postgresql import JSONB  # lazy: imports every PostgreSQL driver

        return dialect.type_descriptor(JSONB())


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. Raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Declarative base with names for all constraints; `datetime` maps to `Moment`, dicts and lists to `Document`."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Moment, dict[str, Any]: Document, list[Any]: Document, date: Date}


def one_in_force(name: str, *columns: str) -> Index:
    """Unique index over the rows that are not withdrawn.

    Only for SQLite here; the migrations create it in PostgreSQL. `postgresql_where` would import every PostgreSQL
    driver at start-up.
    """
    return Index(name, *columns, unique=True, sqlite_where=text("withdrawn_at IS NULL"))


class Dated:
    """Columns of a validity: first and last date, both optional."""

    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]

    @property
    def validity(self) -> Validity:
        """Raises Invalid where the last date is before the first."""
        return Validity(self.valid_from, self.valid_to)


class Sourced:
    """Columns of a provenance."""

    source: Mapped[str] = mapped_column(String(400), default="")
    assumed: Mapped[bool] = mapped_column(default=False)
    assumed_reason: Mapped[str] = mapped_column(String(400), default="")

    @property
    def provenance(self) -> Provenance:
        """Source of the fact, and whether it is assumed."""
        return Provenance(self.source, self.assumed, self.assumed_reason)


def sourced(provenance: Provenance) -> dict[str, Any]:
    """Provenance as column values."""
    return {"source": provenance.source, "assumed": provenance.assumed, "assumed_reason": provenance.reason}


def dated(validity: Validity) -> dict[str, Any]:
    """Validity as column values."""
    return {"valid_from": validity.first, "valid_to": validity.last}
