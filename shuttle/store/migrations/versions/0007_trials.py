"""Trials: questions registered before a phase starts"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("baseline_first", sa.Date(), nullable=False),
        sa.Column("baseline_last", sa.Date(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("goal", sa.Double(), nullable=False),
        sa.Column("stop_rule", sa.String(length=300), nullable=False),
        sa.Column("stop", sa.String(length=80), nullable=True),
        sa.Column("planned_by", sa.String(length=120), nullable=False),
        sa.Column("planned_at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("closed_by", sa.String(length=120), nullable=False),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trials")),
    )
