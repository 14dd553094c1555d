"""Releases: published figures, never changed"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from shuttle.store.tables.base import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("frozen_at", Moment(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column(
            "breakdowns", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("departures_run", sa.Integer(), nullable=False),
        sa.Column("departures_counted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("first", name=op.f("pk_releases")),
    )
