"""Skipped stops, with a reason code"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unserved_stops",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("departure", sa.String(length=220), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_unserved_stops")),
    )
    op.create_index(
        op.f("ix_unserved_stops_service_date_departure"),
        "unserved_stops",
        ["service_date", "departure"],
        unique=False,
    )
