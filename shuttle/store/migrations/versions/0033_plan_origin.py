"""Origin of a plan that was asked without a requirement of another"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("plans", sa.Column("origin", Document(), nullable=True))
