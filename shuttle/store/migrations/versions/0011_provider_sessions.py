"""Sessions: the session at the identity provider"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("provider_session", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_sessions_provider_session"), "sessions", ["provider_session"], unique=False)
