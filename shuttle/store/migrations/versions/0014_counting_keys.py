"""Counting keys: phones send counts after their session has ended"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counting_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_counting_keys_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counting_keys")),
        sa.UniqueConstraint("secret", name=op.f("uq_counting_keys_secret")),
    )
    op.create_index(op.f("ix_counting_keys_account"), "counting_keys", ["account"], unique=False)
    op.create_index(op.f("ix_counting_keys_opened_by"), "counting_keys", ["opened_by"], unique=False)
