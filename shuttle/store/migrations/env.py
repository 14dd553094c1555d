"""Alembic environment: migrates over the connection of `schema.upgrade`, in one transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from shuttle.store.tables.base import Document, Moment
from shuttle.store.tables.every import Base


def by_our_names(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Render our own column types by name in new migrations."""
    if kind == "type" and isinstance(item, Moment):
        return "Moment()"
    if kind == "type" and isinstance(item, Document):
        return "Document()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    compare_type=True,
    render_item=by_our_names,
)
with context.begin_transaction():
    context.run_migrations()
