"""Runs that are taken up again"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_runs", sa.Column("by_hand", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("job_runs", sa.Column("begun", sa.Integer(), server_default="1", nullable=False))
    op.add_column("job_runs", sa.Column("beats", sa.Integer(), server_default="0", nullable=False))
    op.execute("UPDATE job_runs SET begun = 0 WHERE outcome = 'missed'")
