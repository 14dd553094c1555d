"""Counts: observations, the figure that holds, and its sums"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "counts",
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("departure", sa.String(length=220), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("observation", sa.String(length=40), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("boardings", sa.Integer(), nullable=False),
        sa.Column("alightings", sa.Integer(), nullable=False),
        sa.Column("left_behind", sa.Integer(), nullable=False),
        sa.Column("full", sa.Integer(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("service_date", "departure", "stop", "source", name=op.f("pk_counts")),
    )
    op.create_table(
        "observations",
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=32), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("departure", sa.String(length=220), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("boardings", sa.Integer(), nullable=False),
        sa.Column("alightings", sa.Integer(), nullable=True),
        sa.Column("left_behind", sa.Integer(), nullable=True),
        sa.Column("full", sa.Boolean(), nullable=True),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("supersedes", sa.String(length=40), nullable=True),
        sa.CheckConstraint("boardings BETWEEN 0 AND 1000", name=op.f("ck_observations_boardings_in_range")),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_observations")),
        sa.UniqueConstraint("id", name=op.f("uq_observations_id")),
        sa.UniqueConstraint("key", name=op.f("uq_observations_key")),
    )
    op.create_index("ix_observations_departure", "observations", ["service_date", "departure"], unique=False)
    op.create_table(
        "ridership_by_hour",
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("boardings", sa.Integer(), nullable=False),
        sa.Column("alightings", sa.Integer(), nullable=False),
        sa.Column("left_behind", sa.Integer(), nullable=False),
        sa.Column("full", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("service_date", "stop", "hour", name=op.f("pk_ridership_by_hour")),
    )
    op.create_table(
        "ridership_by_trip",
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("trip", sa.String(length=200), nullable=False),
        sa.Column("boardings", sa.Integer(), nullable=False),
        sa.Column("alightings", sa.Integer(), nullable=False),
        sa.Column("left_behind", sa.Integer(), nullable=False),
        sa.Column("full", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("service_date", "trip", name=op.f("pk_ridership_by_trip")),
    )
