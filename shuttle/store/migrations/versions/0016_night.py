"""Nightly demand estimates; triggers that make the audit log append-only"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE TRIGGER acts_no_{word} BEFORE {word} ON acts BEGIN SELECT RAISE(ABORT, 'acts are only ever added'); END"
)
POSTGRES = (
    "CREATE FUNCTION acts_only_added() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'acts are only ever added'; END $$",
    "CREATE TRIGGER acts_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON acts"
    " FOR EACH STATEMENT EXECUTE FUNCTION acts_only_added()",
)


def upgrade() -> None:
    op.create_table(
        "demand_estimates",
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("pairs", Document, nullable=False),
        sa.PrimaryKeyConstraint("night", name=op.f("pk_demand_estimates")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRES:
            op.execute(statement)
    else:
        for word in ("update", "delete"):
            op.execute(SQLITE.format(word=word))
