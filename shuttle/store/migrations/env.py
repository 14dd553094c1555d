"""How Alembic reaches the tables: over the connection that `schema.upgrade` hands it, in one transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from shuttle.store.tables.base import Document, Moment
from shuttle.store.tables.every import Base


def by_our_names(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types by name in a migration, not by what they are made of."""
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
