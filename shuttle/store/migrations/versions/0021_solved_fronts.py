"""Solved fronts of roadmaps, by the hash of their question"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "solved_fronts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", Document, nullable=False),
        sa.Column("solved_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_solved_fronts")),
    )
