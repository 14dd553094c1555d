"""Reason of a corrected count"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("observations", sa.Column("reason", sa.String(length=20), nullable=True))
