"""Passings: when a departure left and arrived"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passings",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("trip", sa.String(length=80), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Moment(), nullable=True),
        sa.Column("said_by", sa.String(length=120), nullable=False),
        sa.Column("said_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_passings")),
        sa.UniqueConstraint("key", name=op.f("uq_passings_key")),
    )
    op.create_index(op.f("ix_passings_service_date_trip"), "passings", ["service_date", "trip"], unique=False)
