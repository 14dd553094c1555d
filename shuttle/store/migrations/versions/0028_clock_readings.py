"""Readings of the wall clock"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_readings",
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("read_at", Moment(), nullable=False),
        sa.Column("leapt_from", Moment(), nullable=True),
        sa.Column("leapt_to", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_clock_readings")),
    )
