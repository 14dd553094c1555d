"""Roadmaps: their runs, and the solved fronts by the hash of their question"""

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
    op.create_table(
        "roadmap_runs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("roadmap_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("time_limit", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("beat_at", Moment(), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("answer", Document, nullable=True),
        sa.Column("failure", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmap_runs")),
    )
    op.create_index(op.f("ix_roadmap_runs_roadmap_id"), "roadmap_runs", ["roadmap_id"])
    op.create_index(op.f("ix_roadmap_runs_status"), "roadmap_runs", ["status"])
