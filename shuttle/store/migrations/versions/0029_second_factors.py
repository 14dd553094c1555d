"""Second factors with recovery codes, sign-ins that await a code, and when a session was confirmed"""

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("confirmed_at", Moment(), nullable=True))
    op.create_table(
        "second_factors",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.String(length=40), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("confirmed_at", Moment(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_second_factors_account_accounts")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_recovery_codes_account_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account"), "recovery_codes", ["account"], unique=False)
    op.create_table(
        "pending_sign_ins",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_pending_sign_ins_account_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_sign_ins")),
    )
