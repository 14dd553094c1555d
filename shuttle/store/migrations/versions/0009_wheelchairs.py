"""Number of boardings in a wheelchair"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("observations", sa.Column("wheelchairs", sa.Integer(), nullable=True))
