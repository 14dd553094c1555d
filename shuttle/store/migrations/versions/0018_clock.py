"""Attempts and heartbeats of job runs; stored reports, which were files before"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_runs", sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("job_runs", sa.Column("begun", sa.Integer(), server_default="1", nullable=False))
    op.add_column("job_runs", sa.Column("beats", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE job_runs SET begun = 0 WHERE outcome = 'missed'")
    op.create_table(
        "filed_reports",
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("wanted", sa.String(length=10), nullable=False),
        sa.Column("preliminary", sa.Boolean(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("period", "first", "last", "wanted", "preliminary", name=op.f("pk_filed_reports")),
    )
