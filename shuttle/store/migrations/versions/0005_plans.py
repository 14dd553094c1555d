"""Plans: scenario, progress and answer"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "plans",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("scenario_id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("scenario", sa.Text(), nullable=False),
        sa.Column("options", Document, nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("asked_by", sa.String(length=120), nullable=False),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("started_at", Moment(), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("beat_at", Moment(), nullable=True),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("progress", Document, nullable=True),
        sa.Column("answer", Document, nullable=True),
        sa.Column("failure", sa.String(length=1000), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
    )
    op.create_index(op.f("ix_plans_scenario_id"), "plans", ["scenario_id"], unique=False)
    op.create_index(op.f("ix_plans_status"), "plans", ["status"], unique=False)
