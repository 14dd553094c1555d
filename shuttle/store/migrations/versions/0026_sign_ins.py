"""Wrong passwords by account and network, and the key for hashes of networks"""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

from shuttle.store.tables.base import Moment

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wrong_tries",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("block", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("locked_until", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name=op.f("fk_wrong_tries_account_accounts")),
        sa.PrimaryKeyConstraint("account", "block", name=op.f("pk_wrong_tries")),
    )
    op.drop_column("accounts", "failures")
    op.drop_column("accounts", "locked_until")
    op.add_column("installation", sa.Column("network_key", sa.String(length=32), nullable=False, server_default=""))
    op.execute(sa.text("UPDATE installation SET network_key = :key").bindparams(key=uuid4().hex))
