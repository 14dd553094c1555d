"""Notifications, and who chose which"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Document, Moment

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_choices",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("kinds", Document, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_notification_choices_account_accounts")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_notification_choices")),
    )
    op.create_table(
        "notifications",
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("batch", sa.String(length=120), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data", Document, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("try_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("claimed_until", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("row", name=op.f("pk_notifications")),
        sa.UniqueConstraint("key", name=op.f("uq_notifications_key")),
    )
    for column in ("batch", "account", "state"):
        op.create_index(op.f(f"ix_notifications_{column}"), "notifications", [column], unique=False)
