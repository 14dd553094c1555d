"""Edits of facts, and when the schedule changed last: what tells a calendar program that an event is another"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("service", sa.Column("changed_at", Moment(), nullable=True))
    op.create_table(
        "fact_edits",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=True),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("first_start", sa.Integer(), nullable=True),
        sa.Column("last_start", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_fact_edits")),
    )
